"""Changes of documents that need no judgement: what a rule hands over so that `check --fix` can mend its finding.

An edit is data. Whoever carries it out proves that the document then differs at `path` alone.
"""

from __future__ import annotations

from typing import TypeAlias

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import Path


class Reword(Frozen):
    """The text `was` at `path` becomes `text`. `document` counts from 0 within the file, here and below."""

    document: int
    path: Path
    was: str
    text: str


class Quote(Frozen):
    """The amount at `path`, which reads as a number, is put in quotes, its digits as they are written."""

    document: int
    path: Path


class AddEmptyList(Frozen):
    """The mapping above `path` gets the field that `path` ends in, with an empty list."""

    document: int
    path: Path


class AddText(Frozen):
    """The mapping above `path` gets the field that `path` ends in, with a text in quotes."""

    document: int
    path: Path
    text: str


class Rekey(Frozen):
    """The field at `path`, whose value is the text `was`, is called `name` from now on and holds `text`, in quotes."""

    document: int
    path: Path
    was: str
    name: str
    text: str


class PutFirst(Frozen):
    """Of the mapping at `path` these fields stand first, in this order; no data changes."""

    document: int
    path: Path
    keys: tuple[str, ...]


Edit: TypeAlias = Reword | Quote | AddEmptyList | AddText | Rekey | PutFirst
