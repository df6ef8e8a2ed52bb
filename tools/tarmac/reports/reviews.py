"""Output formats of a review: a review in, text out. Each is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TypeAlias

from tarmac.errors import Defect
from tarmac.reports.review import Review

ReviewFormat: TypeAlias = Callable[[Review], str]

# A format is one file of this folder, and one line here.
REVIEWS: Mapping[str, str] = MappingProxyType({"markdown": "markdown", "json": "review_json", "text": "review_text"})


def load(form: str) -> ReviewFormat:
    """The format of that name.

    Raises:
        Defect: its file holds none.
    """
    found = getattr(import_module(f"tarmac.reports.{REVIEWS[form]}"), "report", None)
    if not callable(found):
        raise Defect(f"tarmac/reports/{REVIEWS[form]}.py holds no format of a review")
    made: ReviewFormat = found
    return made
