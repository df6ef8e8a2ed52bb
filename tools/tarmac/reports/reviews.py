"""Output formats of a review: a review in, text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tarmac.reports import markdown, review_json, review_text
from tarmac.reports.review import Review

REVIEWS: Mapping[str, Callable[[Review], str]] = MappingProxyType(
    {
        "markdown": markdown.report,
        "json": review_json.report,
        "text": review_text.report,
    }
)
