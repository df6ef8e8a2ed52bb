"""catalog: what exists, one thing of it, how it hangs together, what hangs on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tarmac.app.deps import Reading
from tarmac.app.load import load
from tarmac.catalog.graph import Graph, graph
from tarmac.catalog.index import Catalog
from tarmac.catalog.reach import Impact, Impacts, Risk, impact
from tarmac.errors import ConfigurationError, UsageError
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import nearest, visible
from tarmac.model.trees import Source

# What others can depend on, and what holds such parts.
_PARTS = ("component", "api", "resource")
_HOLDS = {"system": "holds", "domain": "holds", "group": "owns", "user": "owns"}
_BELONGS = frozenset({"owner", "system", "domain", "subdomainOf", "parent"})
# Where a person leaves the kind away, a name is looked for in this order.
_KINDS = ("component", "api", "system", "domain", "resource", "group", "user")


def read(source: Source, reading: Reading) -> Catalog:
    """The catalog of a tree; documents that are no entities are for `check` to speak of.

    Raises:
        ConfigurationError: there is no entity at all.
    """
    catalog = load(source, reading).catalog
    if not catalog.entities:
        raise ConfigurationError(f"{catalog.revision} holds no entities. Name the repository's root with --root")
    return catalog


def entities(catalog: Catalog, kinds: Sequence[str]) -> tuple[Entity, ...]:
    """Every entity of the kinds (of any where none is named), in order of reference.

    Raises:
        UsageError: a kind that nothing can have.
    """
    known = {kind.lower() for _, kind in catalog.kinds}
    for kind in kinds:
        if kind.lower() not in known:
            raise UsageError(f"there is no kind {visible(kind)!r}{_perhaps(kind, known)}")
    wanted = {kind.lower() for kind in kinds} or known
    return tuple(catalog.entities[ref] for ref in sorted(catalog.entities) if ref.kind in wanted)


def find(catalog: Catalog, text: str) -> Entity:
    """The entity that a person means: a reference, or a name that only one kind has.

    Raises:
        UsageError: nothing or more than one thing is named so.
    """
    try:
        meant = Ref.parse(text)
    except BadReference:
        return _by_name(catalog, text)
    found = catalog.get(meant)
    if found is None:
        here = meant.kind, meant.namespace
        # Whole references are alike by what they begin with: of the same kind only names are compared.
        beside = {ref.name: str(ref) for ref in catalog.entities if (ref.kind, ref.namespace) == here}
        near = nearest(meant.name, beside)
        others = (str(ref) for ref in catalog.entities if ref.name == meant.name)
        hint = _perhaps(text, others) if near is None else f"; did you mean {visible(beside[near])}?"
        raise UsageError(f"there is no {visible(text)}{hint}")
    return found


def graph_of(catalog: Catalog, text: str | None, depth: int) -> Graph:
    """The graph around an entity, or the whole."""
    return graph(catalog, None if text is None else find(catalog, text).ref, depth)


class Reach(Frozen):
    """What losing an entity reaches. `parts` are what it holds that others can depend on, the worst first; `held` says
    how it holds them, "" where it is such a part itself and the only one."""

    entity: Ref
    held: str
    parts: tuple[Impact, ...]


def impact_of(catalog: Catalog, text: str) -> Reach:
    """What depends on an entity: on itself, or on what a group or user owns, or on what a system or domain holds.

    Raises:
        UsageError: nothing is named so, or it is of a kind that nothing depends on.
    """
    entity = find(catalog, text)
    kind = entity.ref.kind
    if kind in _PARTS:
        return Reach(entity.ref, "", (impact(catalog, entity.ref),))
    if kind not in _HOLDS:
        raise UsageError(
            f"{visible(str(entity.ref))}: nothing depends on a {visible(entity.kind)}. Ask for one of "
            f"{', '.join((*_PARTS, *_HOLDS))}, such as what it names in its spec"
        )
    impacts = Impacts(catalog)
    found = [impacts.of(ref) for ref in sorted(_held(catalog, entity.ref)) if ref.kind in _PARTS]
    risks = tuple(Risk)
    return Reach(entity.ref, _HOLDS[kind], tuple(sorted(found, key=lambda one: (-risks.index(one.risk), one.ref))))


def _held(catalog: Catalog, ref: Ref) -> set[Ref]:
    """What belongs to it, directly or through what belongs to it (a subgroup, a system of a domain)."""
    found: set[Ref] = set()
    waiting = [ref]
    while waiting:
        for reference in catalog.references_to(waiting.pop()):
            source = reference.source.ref
            if reference.field.name in _BELONGS and source not in found:
                found.add(source)
                if source.kind in _HOLDS:
                    waiting.append(source)
    return found - {ref}


def _by_name(catalog: Catalog, text: str) -> Entity:
    try:
        meant = Ref.parse(text, default_kind="component")
    except BadReference as fault:
        raise UsageError(str(fault)) from None
    same = [ref for ref in catalog.entities if (ref.namespace, ref.name) == (meant.namespace, meant.name)]
    for kind in _KINDS:
        for ref in same:
            if ref.kind == kind:
                return catalog.entities[ref]
    if len(same) > 1:
        raise UsageError(f"{visible(text)} may be {' or '.join(str(ref) for ref in sorted(same))}: write its kind too")
    if not same:
        names = {ref.name for ref in catalog.entities}
        raise UsageError(f"nothing is named {visible(text)}{_perhaps(meant.name, names)}")
    return catalog.entities[same[0]]


def _perhaps(word: str, words: Iterable[str]) -> str:
    close = nearest(word, words)
    return "" if close is None else f"; did you mean {visible(close)}?"
