"""References as they stand in documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import TypeAlias

from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, Step
from tarmac.model.kinds import KindInfo, RefField
from tarmac.model.places import Place
from tarmac.model.refs import BadReference, Ref, parsed


class Reference(Frozen, gc=False):
    """One reference as it stands in a document: where, and what it means.

    `target` is None where `fault` says why the text is no reference.
    """

    source: Entity
    field: RefField
    path: Path
    target: Ref | None
    fault: str | None = None

    @property
    def text(self) -> str:
        """What it says. Looked up: hundreds of thousands are asked what they mean, and a few what they say."""
        return self.source.text(*self.path) or ""

    @property
    def place(self) -> Place:
        return self.source.place(*self.path)


def references(
    entity: Entity,
    info: KindInfo,
    data: Mapping[str, JsonValue] | None = None,
    known: dict[Ref, Ref] | None = None,
) -> list[Reference]:
    """Every reference of an entity, in the order of its kind's fields. `data` is its document's, where that is at
    hand; of targets that are `known` there is one of each."""
    data = entity.data if data is None else data
    namespace = entity.ref.namespace
    found = []
    for field, path, text in _texts(info, data):
        if text in field.words:
            continue
        name = text.partition("@")[0] if field.versioned else text
        try:
            target = parsed(name, field.default_kind, namespace)
        except BadReference as fault:
            found.append(Reference(entity, field, path, None, str(fault)))
        else:
            if known is not None:
                target = known.setdefault(target, target)
            found.append(Reference(entity, field, path, target))
    return found


_Text: TypeAlias = "tuple[RefField, Path, str]"
_IN_SPEC, _LIST_IN_SPEC = 2, 3
# More kinds than there are.
_MOST_KINDS = 1_000


def _texts(info: KindInfo, data: Mapping[str, JsonValue]) -> list[_Text]:
    """What stands in the fields of a kind, in their order."""
    plan = _PLANS.get(id(info))
    if plan is None or plan.info is not info:
        if len(_PLANS) >= _MOST_KINDS:
            _PLANS.clear()
        plan = _PLANS[id(info)] = _Plan(info)
    found: list[_Text] = []
    spec = data.get("spec")
    for way in plan.ways_for(spec):
        if way.key is None or not isinstance(spec, dict):
            way.walk(data, found)
            continue
        value = spec[way.key]
        if isinstance(value, str):
            if way.text is not None:
                found.append((way.text, way.text.path, value))
        elif isinstance(value, list) and way.items is not None:
            field, above = way.items, way.above
            # What is made by a comprehension takes a call more, and there are many of few items.
            for index, text in enumerate(value):
                if isinstance(text, str):
                    found.append((field, _below(above, index), text))
        else:
            way.walk(value, found)
    return found


class _Branch:
    """Where paths of fields go from one place on: the fields that end there, and what is below a key or below all."""

    def __init__(self) -> None:
        self.ends: list[tuple[int, RefField]] = []
        self.below: dict[str, _Branch] = {}
        self.each: _Branch | None = None

    def grow(self, path: Sequence[str], end: tuple[int, RefField]) -> None:
        """Let a field end behind the steps of its path."""
        if not path:
            self.ends.append(end)
        elif path[0] == "*":
            self.each = self.each or _Branch()
            self.each.grow(path[1:], end)
        else:
            self.below.setdefault(path[0], _Branch()).grow(path[1:], end)

    def walk(self, data: JsonValue, done: Path, found: list[tuple[int, _Text]]) -> None:
        """Find every text that a field stands for. Plain lists and dictionaries: documents hold no others."""
        if isinstance(data, str):
            found += [(order, (field, done, data)) for order, field in self.ends]
        elif isinstance(data, dict):
            for step, branch in self.below.items():
                if step in data:
                    branch.walk(data[step], _below(done, step), found)
            if self.each is not None:
                for key, value in data.items():
                    self.each.walk(value, _below(done, key), found)
        elif isinstance(data, list) and self.each is not None:
            for index, value in enumerate(data):
                self.each.walk(value, _below(done, index), found)


class _Way:
    """Fields that follow each other and begin with the same key below `spec`, or elsewhere where that is None.

    Nearly every one is a text right there, or the texts of a list there: `text` and `items`, which take no walk.
    """

    def __init__(self, key: str | None, fields: Sequence[RefField]) -> None:
        self.key = key
        # Where its fields part: right below the key, or at the document's root.
        self.above: Path = () if key is None else ("spec", key)
        self._root = _Branch()
        self._several = len(fields) > 1
        for order, field in enumerate(fields):
            self._root.grow(field.path[len(self.above) :], (order, field))
        text = [field for field in fields if len(field.path) == _IN_SPEC]
        items = [field for field in fields if len(field.path) == _LIST_IN_SPEC and field.path[2] == "*"]
        self.text = text[0] if len(text) == 1 else None
        # In a list there may be what others stand for.
        self.items = items[0] if len(items) == 1 and len(text) + len(items) == len(fields) else None

    def walk(self, data: JsonValue, found: list[_Text]) -> None:
        """Find what stands in these fields, field by field, in the data that they part in."""
        texts: list[tuple[int, _Text]] = []
        self._root.walk(data, self.above, texts)
        if self._several:
            texts.sort(key=itemgetter(0))
        found += [text for _, text in texts]


class _Plan:
    """How the references of a kind are found."""

    def __init__(self, info: KindInfo) -> None:
        self.info = info
        self._ways = [_Way(key, list(fields)) for key, fields in groupby(info.references, attrgetter("in_spec"))]
        self._keys = frozenset(way.key for way in self._ways if way.key is not None)
        self._known: dict[frozenset[str | None], tuple[_Way, ...]] = {}

    def ways_for(self, spec: JsonValue) -> tuple[_Way, ...]:
        """Those that may lead to something, in order: most documents lack most of the fields."""
        present = self._keys.intersection(spec if isinstance(spec, dict) else ())
        ways = self._known.get(present)
        if ways is None:
            ways = tuple(way for way in self._ways if way.key is None or way.key in present)
            self._known[present] = ways
        return ways


# By identity: a kind holds much to compare, and there are few.
_PLANS: dict[int, _Plan] = {}


@lru_cache(maxsize=1 << 10)
def _below(path: Path, step: Step) -> Path:
    """One step more: most references stand at few paths, of which each needs no copy of its own."""
    return (*path, step)
