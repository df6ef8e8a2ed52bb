"""Which facts a policy can read, told from the text of its expressions.

The engine shows no syntax tree, so this is told from words, and never too little: a variable is read where its name
stands, whatever it is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Fact
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.patterns import lazily

KeyPath: TypeAlias = tuple[str, ...]

# Every fact of the owner; SIZE is how many there are.
EVERYTHING, SIZE = "*", "size"
_OWNER_FACTS = frozenset(
    {"ref", "kind", "name", "email", "slack", "costCenter", "members", "memberCount", "roles", "requests", "quota"}
)
_NAMES = frozenset({*POLICY_FACTS, *POLICY_FUNCTIONS})
_WORD = lazily(r"[A-Za-z_][A-Za-z0-9_]*")
# Before a name that is not a field of something else (`x.owner`, `x.?owner`). With a dot before it, and nothing before
# that, it is a variable all the same, and `in` needs no blank behind it.
FREE = r"(?:(?<=(?<![A-Za-z0-9_])in\.)|(?<![A-Za-z0-9_])(?<![A-Za-z0-9_)\]]\.)(?<![A-Za-z0-9_)\]]\.\?))"
_FREE_WORD = lazily(FREE + r"[A-Za-z_][A-Za-z0-9_]*")
# The variable, unless it is such a field or a text of its own (`"owner"`).
_OWNER = lazily(FREE + r"owner(?![A-Za-z0-9_])(?:\s*\.\s*\??\s*([A-Za-z_]\w*))?")
_SIZE_OF_OWNER = lazily(r"(?<![A-Za-z0-9_.])size\(\s*owner\s*\)")
_QUOTES = ("'", '"')
_ENTITY = lazily(r"(?<![A-Za-z0-9_])entity\s*\(")
_TEXT = lazily(r"""\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'""")
_OBJECT = lazily(r"(?<![A-Za-z0-9_])object(?![A-Za-z0-9_])")
# A field, with the bracket behind it where it is called, or a key that is written out.
_STEP = lazily(r"""\s*(?:\.\s*\??\s*([A-Za-z_]\w*)\s*(\()?|\[\s*\??\s*"([^"\\\n]*)"\s*\])""")
_SECTIONS = frozenset({"apiVersion", "kind", "metadata", "spec"})
# Raw and long texts end elsewhere than ordinary ones, and a comment may hold a quote.
_HARD_TO_READ = lazily(r"""(?<![A-Za-z0-9_])[bB]?[rR][bB]?["']|\"\"\"|'''|//""")


class Reads(Frozen):
    """The variables that may be read, which of the owner's facts (none: no owner at all), which parts of what
    `entity(...)` gives and of `object`, as paths of keys (the empty one: all of it), and the functions that may be
    called."""

    variables: frozenset[str]
    owner: frozenset[str]
    entity: frozenset[KeyPath]
    object: frozenset[KeyPath]
    functions: frozenset[str] = frozenset()

    def and_those(self, other: Reads) -> Reads:
        """What either reads."""
        return Reads(
            self.variables | other.variables,
            self.owner | other.owner,
            self.entity | other.entity,
            self.object | other.object,
            self.functions | other.functions,
        )


NOTHING = Reads(frozenset(), frozenset(), frozenset(), frozenset())


def reads_of(sources: Sequence[str]) -> Reads:
    """What the expressions of a policy can read."""
    words: set[str] = set()
    owner: set[str] = set()
    for source in sources:
        words.update(_WORD.findall(source))
        rest, sizes = _SIZE_OF_OWNER.subn("", source)
        if sizes:
            owner.add(SIZE)
        owner.update(_owner_fact(match, rest) for match in _OWNER.finditer(rest) if not _is_text(match, rest))
    entity = {path for source in sources for path in _entity_paths(source)}
    paths = {path for source in sources for path in object_paths(source)}
    variables, functions = words.intersection(POLICY_FACTS), words.intersection(POLICY_FUNCTIONS)
    return Reads(frozenset(variables), frozenset(owner), frozenset(entity), frozenset(paths), frozenset(functions))


def names_in(source: str) -> frozenset[str]:
    """Every word of an expression, those in texts and comments too: what is not among them is not named."""
    return frozenset(_WORD.findall(source))


def named(source: str) -> frozenset[str]:
    """The facts and functions that are named in an expression, in its texts and comments too; what follows a dot is a
    field or a macro of something (`object.owner`, `links.exists(...)`)."""
    return _NAMES.intersection(_FREE_WORD.findall(source))


def object_paths(source: str) -> Iterator[KeyPath]:
    """The keys of every path that begins with `object`, wherever that word stands, in texts too; a path ends where a
    key is called, or is not written out."""
    for start in _OBJECT.finditer(source):
        yield _keys_at(source, start.end())


def _keys_at(source: str, at: int) -> KeyPath:
    keys: list[str] = []
    while (step := _STEP.match(source, at)) is not None and step[2] is None:
        keys.append(step[1] or step[3])
        at = step.end()
    return tuple(keys)


def _entity_paths(source: str) -> Iterator[KeyPath]:
    """Which keys each call of `entity` is followed by. Where that cannot be told for sure, everything is read."""
    calls = list(_ENTITY.finditer(source))
    if not calls:
        return
    if _HARD_TO_READ.search(source):
        yield ()
        return
    # Texts are blanked out, so that a bracket in one is none.
    plain = _TEXT.sub(lambda match: " " * len(match[0]), source)
    for call in calls:
        depth, at = 1, call.end()
        while depth and at < len(plain):
            depth += {"(": 1, ")": -1}.get(plain[at], 0)
            at += 1
        keys = _keys_at(source, at)
        yield keys if keys and keys[0] in _SECTIONS else ()


def _owner_fact(match: re.Match[str], source: str) -> str:
    name = match[1]
    if name == SIZE and source[match.end() :].lstrip().startswith("("):
        return SIZE
    return name if name in _OWNER_FACTS else EVERYTHING


def _is_text(match: re.Match[str], source: str) -> bool:
    """Whether it stands between two quotes of a kind: two texts with a name between them would not compile."""
    before, after = source[: match.start()][-1:], source[match.end() :][:1]
    return before == after and before in _QUOTES and match[1] is None


class Part(Frozen):
    """Some paths of a document. `whole` says that all of it is among them, `sections` are their first keys, and `tree`
    is all of them, None
    where a path ends."""

    whole: bool
    sections: tuple[str, ...]
    tree: Mapping[str, Any]

    @classmethod
    def of(cls, paths: Iterable[KeyPath]) -> Part:
        tree: dict[str, object] = {}
        whole = False
        # The shorter first: what is taken whole holds what is longer.
        for path in sorted(paths, key=len):
            here = tree
            whole = whole or not path
            for at, key in enumerate(path):
                below = here.setdefault(key, _WHOLE if at == len(path) - 1 else {})
                if not isinstance(below, dict):
                    break
                here = below
        return cls(whole, tuple(sorted(tree)), tree)

    def taken(self, data: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What of the document is on the paths: a key is there where the document has it, whatever it holds."""
        return _taken(data, self.tree)


_WHOLE = None


def _taken(data: Mapping[str, JsonValue], tree: Mapping[str, object]) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {}
    for key, below in tree.items():
        if key in data:
            value = data[key]
            found[key] = _taken(value, below) if isinstance(below, dict) and isinstance(value, dict) else value
    return found


def facet(facts: Mapping[str, Fact], names: Iterable[str]) -> tuple[Fact, ...]:
    """The values of some of an owner's facts, to be compared."""
    values: list[Fact] = []
    for name in sorted(names):
        if name == EVERYTHING:
            values.append(dict(facts))
        else:
            values.append(len(facts) if name == SIZE else facts.get(name))
    return tuple(values)
