"""Which facts a policy can read, told from the text of its expressions.

The engine shows no syntax tree, so this is told from words, and never too little: a variable is read where its name
stands, whatever it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tarmac.model.expressions import POLICY_FACTS, Fact

# Every fact of the owner; SIZE is how many there are.
EVERYTHING, SIZE = "*", "size"
_OWNER_FACTS = frozenset(
    {"ref", "kind", "name", "email", "slack", "costCenter", "members", "memberCount", "roles", "requests", "quota"}
)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The variable, unless it is a field of something else (`x.owner`, `x.?owner`) or a text of its own (`"owner"`).
_OWNER = re.compile(
    r"(?<![A-Za-z0-9_])(?<![A-Za-z0-9_)\]]\.)(?<![A-Za-z0-9_)\]]\.\?)owner(?![A-Za-z0-9_])(?:\s*\.\s*\??\s*([A-Za-z_]\w*))?"
)
_SIZE_OF_OWNER = re.compile(r"(?<![A-Za-z0-9_.])size\(\s*owner\s*\)")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Reads:
    """The variables that may be read, and which of the owner's facts (none: no owner at all)."""

    variables: frozenset[str]
    owner: frozenset[str]

    def and_those(self, other: Reads) -> Reads:
        """What either reads."""
        return Reads(self.variables | other.variables, self.owner | other.owner)


NOTHING = Reads(frozenset(), frozenset())


def reads_of(sources: Iterable[str]) -> Reads:
    """What the expressions of a policy can read."""
    variables: set[str] = set()
    owner: set[str] = set()
    for source in sources:
        variables.update(word for word in _WORD.findall(source) if word in POLICY_FACTS)
        rest, sizes = _SIZE_OF_OWNER.subn("", source)
        if sizes:
            owner.add(SIZE)
        owner.update(_owner_fact(match, rest) for match in _OWNER.finditer(rest) if not _is_text(match, rest))
    return Reads(frozenset(variables), frozenset(owner))


def _owner_fact(match: re.Match[str], source: str) -> str:
    name = match[1]
    if name == SIZE and source[match.end() :].lstrip().startswith("("):
        return SIZE
    return name if name in _OWNER_FACTS else EVERYTHING


def _is_text(match: re.Match[str], source: str) -> bool:
    """Whether it stands between two quotes of a kind: two texts with a name between them would not compile."""
    before, after = source[: match.start()][-1:], source[match.end() :][:1]
    return before == after and before in _QUOTES and match[1] is None


def facet(facts: Mapping[str, Fact], names: Iterable[str]) -> tuple[Fact, ...]:
    """The values of some of an owner's facts, to be compared."""
    values: list[Fact] = []
    for name in sorted(names):
        if name == EVERYTHING:
            values.append(dict(facts))
        else:
            values.append(len(facts) if name == SIZE else facts.get(name))
    return tuple(values)
