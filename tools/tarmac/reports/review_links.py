"""Where a forge shows the lines that a review names."""

from __future__ import annotations

from urllib.parse import quote

from tarmac.model.frozen import Frozen
from tarmac.model.places import Place
from tarmac.reports.review import Review


class Links(Frozen):
    """`page` is the repository's address at the forge, `run` that of the page where more is kept (None: nowhere)."""

    page: str
    run: str | None = None


class Lines:
    """The addresses of the lines of one review: what the change touches as the head has it, the rest as the base."""

    def __init__(self, links: Links, review: Review) -> None:
        self._page, self._head, self._base = links.page, review.head, review.base
        self._touched = frozenset(file.path for file in review.files)

    def at(self, place: Place) -> str:
        """The address of a line."""
        commit = self._head if place.path in self._touched else self._base
        return f"{self._page}/blob/{commit}/{quote(place.path)}#L{place.line}"
