"""What our own functions cost while one expression is evaluated: the library's budget does not see them.

A unit is about five nanoseconds. The function that goes over the budget is still carried out, the next one is not, so
that what needs one long look is not refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from tarmac.adapters.cel_values import sizes
from tarmac.model.expressions import Fact

BUDGET = 10_000_000

# A call of a function on texts, and each letter that a pattern looks at; a look-up in the catalog, and each thing that
# it gives. Measured: 2, 0.07, 10 and 25 microseconds.
_CALL, _LETTER = 400, 14
_LOOK, _EACH = 2_000, 5_000


class Work:
    """The work of one evaluation, and what it may get from functions."""

    def __init__(self) -> None:
        self._done = 0
        self._elements: int | None = None
        self.fractions = False

    def begin(self, elements: int | None) -> None:
        """Start anew; `elements` is how many a function may give (None: any)."""
        self._done, self._elements, self.fractions = 0, elements, False

    def on_text(self, letters: int) -> None:
        """Before a text is looked at.

        Raises:
            ValueError: what was done before is enough.
        """
        self._check()
        self._done += _CALL + _LETTER * letters

    def look(self) -> None:
        """Before something is looked up.

        Raises:
            ValueError: what was done before is enough.
        """
        if self._done > BUDGET:
            self._check()
        self._done += _LOOK

    def found(self, fact: Fact) -> None:
        """After something was looked up.

        Raises:
            ValueError: it is more than the expression may work on.
        """
        if isinstance(fact, Sequence) and not isinstance(fact, str):
            self._done += _EACH * len(fact)
        if self._elements is not None and sizes(fact)[0] > self._elements:
            raise ValueError(too_many(self._elements))

    def found_texts(self, count: int) -> None:
        """After so many texts were looked up.

        Raises:
            ValueError: it is more than the expression may work on.
        """
        self._done += _EACH * count
        self.found_elements(count)

    def found_elements(self, count: int) -> None:
        """After so many elements of a mapping were looked up.

        Raises:
            ValueError: it is more than the expression may work on.
        """
        if self._elements is not None and count > self._elements:
            raise ValueError(too_many(self._elements))

    def _check(self) -> None:
        if self._done > BUDGET:
            raise ValueError("it takes too many steps: it looks at too much in all(), map() and the like")


def too_many(elements: int) -> str:
    """Why facts are not worked on."""
    return (
        f"facts of more than {elements:,} elements are not worked on by map() and filter() or compared in loops: "
        "write all() or exists(), and compare with what is written out"
    )
