"""Where a forge shows the lines that a review names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from tarmac.model.places import Place
from tarmac.reports.review import Review


@dataclass(frozen=True, slots=True)
class Links:
    """`page` is the repository's address at the forge, `run` that of the page where more is kept (None: nowhere)."""

    page: str
    run: str | None = None

    def line(self, review: Review, place: Place) -> str:
        """The address of a line: what the change touches as the head has it, anything else as the base does."""
        touched = any(place.path == file.path for file in review.files)
        commit = review.head if touched else review.base
        return f"{self.page}/blob/{commit}/{quote(place.path)}#L{place.line}"
