"""References as they stand in documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

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
    spec = data.get("spec")
    fields: Iterable[RefField] = info.references
    if isinstance(spec, dict):
        # Most documents lack most of the fields.
        fields = [field for field in fields if field.in_spec is None or field.in_spec in spec]
    namespace = entity.ref.namespace
    found = []
    for field in fields:
        for path, text in _texts_of(data, spec, field):
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


_IN_SPEC, _LIST_IN_SPEC = 2, 3


def _texts_of(data: JsonValue, spec: JsonValue, field: RefField) -> Iterable[tuple[Path, str]]:
    # Nearly every field stands right below `spec`, or in a list there.
    pattern = field.path
    if field.in_spec is not None and isinstance(spec, dict):
        found = spec.get(field.in_spec)
        if isinstance(found, str):
            return ((pattern, found),) if len(pattern) == _IN_SPEC else ()
        if isinstance(found, list) and len(pattern) == _LIST_IN_SPEC and pattern[2] == "*":
            above = pattern[:2]
            return [(_below(above, index), text) for index, text in enumerate(found) if isinstance(text, str)]
    return _texts_at(data, pattern, ())


def _texts_at(data: JsonValue, pattern: tuple[str, ...], done: Path) -> Iterator[tuple[Path, str]]:
    # Plain lists and dictionaries: documents hold no others, and every field of every document is looked for.
    for position, step in enumerate(pattern):
        if step == "*":
            yield from _each(data, pattern[position + 1 :], done)
            return
        data = data.get(step) if isinstance(data, dict) else None
        if data is None:
            return
        done = _below(done, step)
    if isinstance(data, str):
        yield done, data


def _each(data: JsonValue, rest: tuple[str, ...], done: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _texts_at(value, rest, _below(done, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts_at(value, rest, _below(done, index))


@lru_cache(maxsize=1 << 10)
def _below(path: Path, step: Step) -> Path:
    """One step more: most references stand at few paths, of which each needs no copy of its own."""
    return (*path, step)
