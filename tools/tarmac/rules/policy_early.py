"""What policies say of documents while what these hold is at hand, where that rests on the document alone.

Of a repository that does not fit into memory each document would be given back to be judged. Most policies look at
little of it, and of what is left of them most ask what the index knows: then the document need not come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import is_
from typing import TYPE_CHECKING, Any

from tarmac.catalog.facts import stated_quota
from tarmac.catalog.people import profile
from tarmac.catalog.strength import strengths
from tarmac.model.documents import Document, Entity, Told, foretell
from tarmac.model.expressions import LONG, LONG_TEXT, LONGEST, Sure, Unsure
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import JsonValue, text
from tarmac.rules.policy_reads import KeyPath, Part, named, object_paths
from tarmac.rules.policy_short import Group, ShortCuts, all_well, grouped

if TYPE_CHECKING:
    from tarmac.rules.policy_book import Book
    from tarmac.rules.policy_judging import Compiled

# So many different things are told of documents, each in so many characters at most: some megabytes.
_MOST = 4096
_LONGEST = 300
# So many groups of policies that look at documents of a kind, or are left of one.
_MOST_GROUPS = 64
_ALONE = frozenset({"object"})
# What tells how much an entity needs others.
_DEPENDENCIES = ("spec", "tarmac", "dependencies")


class Early:
    """Hears of entities, policies first, and notes on their documents what is told of them.

    `open_book` makes the policies' book of the documents that hold them.
    """

    def __init__(self, open_book: Callable[[Sequence[Document]], Book]) -> None:
        self._open_book = open_book
        self._policies: list[Document] = []
        self._of_book: tuple[Document, ...] = ()
        self._book: Book | None = None
        self._by_kind: dict[str, _OfKind] = {}
        self._count = 0

    def hear(self, entities: Iterable[Entity]) -> set[int]:
        """Look at entities whose data are at hand; the `id` of each document that will be asked for them."""
        wanted = set()
        for entity in entities:
            document = entity.document
            if entity.ref.kind == "policy":
                self._policies.append(document)
            # The folder of policies holds other documents too, and is heard of first.
            elif not document.path.startswith("policies/"):
                kind = self._by_kind.get(entity.ref.kind) or self._opened(entity.ref.kind)
                told = kind.told and self._look(entity, document.data, kind)
                if told or not kind.asked:
                    continue
            wanted.add(id(document))
        return wanted

    def book(self, policies: Sequence[Document]) -> Book | None:
        """The book that everything was told by, where it is that of these policies."""
        same = len(policies) == len(self._of_book) and all(map(is_, policies, self._of_book))
        return self._book if same else None

    def _opened(self, kind: str) -> _OfKind:
        if self._book is None:
            self._of_book = tuple(self._policies)
            self._book = self._open_book(self._of_book)
        found = self._by_kind[kind] = _OfKind(kind, self._book)
        return found

    def _look(self, entity: Entity, data: Mapping[str, JsonValue], kind: _OfKind) -> bool:
        """Whether something is told of the entity's document from now on."""
        rest = kind.rest(entity, data)
        if rest is None:
            return False
        values: list[object] = [text(data, "metadata", "name") == entity.ref.name]
        _values(data, rest.tree, values)
        quota = None
        if kind.budget:
            quota = stated_quota(entity)
            values.append((repr(quota),))
        key = tuple(values)
        told = rest.told.get(key)
        if told is None:
            if self._count >= _MOST:
                return False
            if sum(len(repr(value)) for value in values) > _LONGEST:
                # What is long in one is long in others of its kind.
                kind.give_nothing()
                return False
            self._count += 1
            told = rest.told[key] = Told(
                left=rest.left,
                object=_shortened(rest.part.taken(data)),
                given=None if kind.given is None else _shortened(kind.given.taken(data)),
                named=bool(values[0]),
                hard=not strengths(entity),
                quota=quota,
            )
        foretell(entity.document, replace(told, profile=profile(entity)) if kind.group else told)
        return True


def _values(data: Mapping[str, JsonValue], tree: Mapping[str, Any], into: list[object]) -> None:
    """What stands on the paths of a tree: the same for two documents only if they hold the same there, long texts
    aside."""
    for key, below in tree.items():
        value = data.get(key, _MISSING)
        if type(value) is str:
            into.append(value if len(value) < LONG else _short(value))
        elif value is _MISSING:
            into.append(0)
        elif below is not None and type(value) is dict:
            into.append(1)
            _values(value, below, into)
        else:
            # In brackets, so that no text is the same, and the words of numbers, so that true is not 1.
            into.append((repr(value),))


_MISSING = object()


def _short(text: str) -> object:
    """The text, or what stands in for it."""
    return LONG_TEXT if LONG <= len(text) <= LONGEST and "\0" not in text else text


def _shortened(taken: Mapping[str, JsonValue]) -> dict[str, Any]:
    """What is taken of a document, without the long texts in its mappings."""
    return {
        key: _short(value) if type(value) is str else _shortened(value) if type(value) is dict else value
        for key, value in taken.items()
    }


class _Rest(Frozen, eq=False):
    """Policies that are left, what they read of the document, and what was told by all on which that rests."""

    left: ShortCuts
    part: Part
    tree: Mapping[str, Any]
    told: dict[tuple[object, ...], Told]


class _Left(Frozen, eq=False):
    """What is left of a policy (policy_short.Short)."""

    when_text: str | None
    require_text: str
    surely_applies: Sure | None
    surely_kept: Sure | None


class _OfKind:
    """The policies that look at a kind. What a request's type adds is read too, so that nothing is told of requests."""

    def __init__(self, kind: str, book: Book) -> None:
        self._page = book.of(kind)
        self.group, self.budget = kind == "group", kind == "budget"
        self.asked = bool(self._page.policies)
        # Budgets are asked for their quota.
        self.told = (self.asked or self.budget) and kind != "resourcerequest"
        part = Part.of(book.entity_paths)
        self.given = None if part.whole else part
        self._paths = frozenset({_DEPENDENCIES, *(() if part.whole else book.entity_paths)})
        self._some: dict[int, tuple[Sequence[Compiled], _Some | None]] = {}

    def give_nothing(self) -> None:
        """Tell no more of what `entity(...)` gives of documents of this kind."""
        if self.given is None:
            return
        self.given, self._paths = None, frozenset({_DEPENDENCIES})
        self._some.clear()

    def rest(self, entity: Entity, data: Mapping[str, JsonValue]) -> _Rest | None:
        """What is left when what the document alone tells is told; None where that is not all well."""
        looking = self._page.looking(entity)
        known = self._some.get(id(looking))
        if known is None:
            if len(self._some) >= _MOST_GROUPS:
                return None
            sure = all(one.surely_kept and (one.when_text is None or one.surely_applies) for one in looking)
            # They are kept too, so that nothing else can get their id.
            known = self._some[id(looking)] = looking, _Some(looking, self._paths) if sure else None
        return None if known[1] is None else known[1].rest({"object": data})


class _Some:
    """Policies that have short cuts, all of them."""

    def __init__(self, policies: Sequence[Compiled], paths: frozenset[KeyPath]) -> None:
        self._paths = paths
        alone = [one for one in policies if _alone(one.when_text) and _alone(one.require_text)]
        self._alone: list[Group] = grouped(alone)
        self._others = [one for one in policies if one not in alone]
        # What tells of others whether they apply, each once.
        whens = {
            one.when_text: one.surely_applies for one in self._others if one.surely_applies and _alone(one.when_text)
        }
        self._whens, self._applies = tuple(whens), tuple(whens.values())
        self._rests: dict[tuple[bool, ...], _Rest | None] = {}

    def rest(self, plain: dict[str, Any]) -> _Rest | None:
        """What is left of the policies for one document; None where one of them is not kept for sure."""
        if not all_well(self._alone, plain):
            return None
        try:
            said = tuple([applies(plain) for applies in self._applies])
        except Unsure:
            return None
        if said not in self._rests:
            if len(self._rests) >= _MOST_GROUPS:
                return None
            self._rests[said] = self._left(dict(zip(self._whens, said, strict=True)))
        return self._rests[said]

    def _left(self, said: Mapping[str | None, bool]) -> _Rest | None:
        left = [
            _Left(None, one.require_text, None, one.surely_kept)
            if one.when_text in said
            else _Left(one.when_text, one.require_text, one.surely_applies, one.surely_kept)
            for one in self._others
            if said.get(one.when_text, True)
        ]
        sources = [source for one in left for source in (one.when_text, one.require_text) if source is not None]
        paths = frozenset(path for source in sources for path in object_paths(source))
        part = Part.of(paths)
        if part.whole or any("old" in named(source) for source in sources):
            return None
        return _Rest(ShortCuts(left), part, Part.of(paths | self._paths).tree, {})


def _alone(source: str | None) -> bool:
    """Whether an expression reads the document and nothing else."""
    return source is None or named(source) <= _ALONE
