"""A second reader of the same texts: whatever both take is the same data, and nothing is taken that it refuses.

The second one is npm `yaml`, because that is what Backstage reads with; ruamel.yaml, which is at hand without node, has
no core schema of YAML 1.2 (it reads dates, `1_000` and `0b11` as more than texts), so it is asked for the texts of
scalars only, where node is not to be had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.json_value import JsonValue

_NOTHING = ["other", None]


def ours(text: str) -> list[JsonValue] | None:
    """The data of each document, or None where anything is said against the text."""
    documents, findings = read_documents("x.yaml", text.encode())
    return None if findings else [document.data for document in documents]


def fault(text: str, theirs: Sequence[Any] | None) -> str | None:
    """What is wrong between our reading of a text and theirs; None where nothing is: they agree, or we refuse."""
    mine = ours(text)
    if mine is None:
        return None
    if theirs is None:
        return f"taken by us only: {text!r}"
    others = [document for document in theirs if document != _NOTHING]
    if len(mine) == len(others) and all(map(same, mine, others)):
        return None
    return f"read otherwise: {text!r}\n  we    {mine}\n  they  {others}"


def same(mine: JsonValue, theirs: Any) -> bool:
    """Whether a value of ours is theirs, in their words (tools/tests/oracle/texts.mjs), type and order of keys too."""
    kind, held = theirs
    match kind:
        case "map":
            return (
                isinstance(mine, dict)
                and list(mine) == [key for key, _ in held]
                and all(same(mine[key], value) for key, value in held)
            )
        case "list":
            return isinstance(mine, list) and len(mine) == len(held) and all(map(same, mine, held))
        case "text":
            return isinstance(mine, str) and mine == held
        case "int":
            return type(mine) is int and mine == int(held)
        case "float":
            return type(mine) is float and repr(mine) == repr(float(held))
        case _:
            return mine is held
