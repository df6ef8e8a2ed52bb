"""What policies have said of values, remembered for every other entity that holds the same ones.

An expression is a function of what it reads. Where that can be told from its text (policy_reads.py) and is little, such
as a type or a tier, the engine is asked once for each set of values, however many entities hold them. Nothing is
remembered of an expression that calls a function of the catalog, whose answer is another for each entity, nor of an
evaluation that failed: those are carried out each time, with their message.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from msgspec import Struct, field

from tarmac.model.expressions import POLICY_FUNCTIONS, Fact
from tarmac.model.json_value import JsonValue
from tarmac.rules.policy_reads import names_in, object_paths

Values: TypeAlias = Sequence[Hashable]

# So many times a memory is asked before it is given up, and so much it holds.
_TRIED = 256
_MOST = 50_000

# Where the values of what is no part of the document stand.
_OWNER, _GIT = 0, 1
_FIRST = 2
# What is another for each entity, and what a catalog has to be asked for each time, so that it is noted.
_NEVER = frozenset({"ref", "old", "platform", *POLICY_FUNCTIONS}) - {"past"}


class Memory(Struct):
    """The outcomes of one expression, by the values that it reads."""

    pick: Callable[[Values], Hashable]
    known: dict[Hashable, bool] = field(default_factory=dict)
    asked: int = 0
    answered: int = 0

    @property
    def idle(self) -> bool:
        """Whether hardly anything is asked for twice, such as a name."""
        return self.asked >= _TRIED and self.answered * 4 < self.asked

    def recall(self, values: Values) -> bool | None:
        """What it gave for such values, or None."""
        if self.idle:
            return None
        self.asked += 1
        outcome = self.known.get(self.pick(values))
        self.answered += outcome is not None
        return outcome

    def learn(self, values: Values, outcome: bool) -> None:
        """Keep what it gave."""
        if len(self.known) < _MOST and not self.idle:
            self.known[self.pick(values)] = outcome


class Plan:
    """Which values the expressions of one kind's policies are remembered by; `owner` and `git` say whether whose it is
    and when it was changed are among them. Where it is `noted` how long a verdict holds, nothing that asks for an
    instant is remembered: who remembers does not ask again."""

    def __init__(self, *, noted: bool = False) -> None:
        self._never = _NEVER | {"past"} if noted else _NEVER
        self._slots: dict[tuple[str, ...], int] = {}
        self.owner = False
        self.git = False

    def memory(self, source: str) -> Memory | None:
        """A memory for an expression; None where what it reads cannot be told, or is another for each entity."""
        words = names_in(source)
        if not words.isdisjoint(self._never):
            return None
        paths = set(object_paths(source))
        # A whole section is seldom the same twice, and long to write out.
        if any(len(path) < 2 for path in paths):
            return None
        slots = []
        if "owner" in words:
            slots.append(_OWNER)
            self.owner = True
        if "git" in words:
            slots.append(_GIT)
            self.git = True
        slots += [self._slots.setdefault(path, _FIRST + len(self._slots)) for path in sorted(paths)]
        return Memory(itemgetter(*slots) if slots else _nothing)

    def values(self, data: Fact | Mapping[str, JsonValue], owner: Hashable, changed: Hashable) -> Values:
        """What the memories look at, of one document."""
        found: list[Hashable] = [owner, changed]
        for path in self._slots:
            here: object = data
            for depth, key in enumerate(path):
                if type(here) is not dict:
                    found.append((depth, repr(here)))
                    break
                if key not in here:
                    found.append((depth,))
                    break
                here = here[key]
            else:
                # Written out, 1, 1.0 and true are not the same, as they are where Python compares them.
                found.append(here if type(here) is str else (repr(here),))
        return found


def _nothing(values: Values) -> Hashable:
    return None
