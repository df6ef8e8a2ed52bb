"""The one existing name that a misspelt one most likely means."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 63
_SHORTEST_SLIP = 4


class Near:
    """An index over names: a look-up costs in proportion to the name, not to how many there are.

    Two names are near when deleting at most one character from each makes them equal, which finds one letter missing,
    added, replaced or swapped with its neighbour (the symmetric-delete method of W. Garbe), or when one is the other
    with a last part cut off or added (`payments` and `payments-api`).
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_form: dict[str, set[str]] = {}
        for name in names:
            for form in _forms(name):
                self._by_form.setdefault(form, set()).add(name)

    def of(self, name: str) -> str | None:
        """The nearest name, the first in order of the alphabet where several are as near; None where none is."""
        near = self.all(name)
        if not near:
            return None
        # Loaded when a name is unknown, which is seldom.
        from difflib import SequenceMatcher

        return min(near, key=lambda found: (-SequenceMatcher(None, name, found).ratio(), found))

    def all(self, name: str) -> set[str]:
        """Every name that is near."""
        return {found for form in _forms(name) for found in self._by_form.get(form, ())}


def is_slip(name: str, meant: str) -> bool:
    """Whether `name` can only be `meant` mistyped: a letter left out, added, replaced, or two neighbours swapped.

    Of short names nothing can be said, nor where digits differ: `orders-v1` is not `orders-v2` mistyped.
    """
    if name == meant or min(len(name), len(meant)) < _SHORTEST_SLIP or _digits(name) != _digits(meant):
        return False
    same = 0
    while name[same : same + 1] == meant[same : same + 1] != "":
        same += 1
    one, other = name[same:], meant[same:]
    return (
        one[1:] == other
        or one == other[1:]
        or one[1:] == other[1:]
        or (one[:2] == other[1::-1] and len(other) > 1 and one[2:] == other[2:])
    )


def _digits(name: str) -> str:
    return "".join(char for char in name if char.isdigit())


def _forms(name: str) -> set[str]:
    if len(name) > _LONGEST:
        return set()
    forms = {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))} if len(name) > 2 else {name}
    head = name.rpartition("-")[0]
    return forms | {head} if len(head) > 3 else forms
