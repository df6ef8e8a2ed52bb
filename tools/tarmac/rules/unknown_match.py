"""A policy or scorecard that looks for something that does not exist.

`spec.match` of a policy and `spec.appliesTo` of a scorecard say what they look at. A kind that nobody knows, or an
environment that the platform does not have, is never there: the policy is switched off by a slip of the pen, and
nothing looks wrong. A type may be one that somebody has yet to write, so one that is not there is said only where it is
nearly the name of one that is.

Points at: the kind, environment or type.

Wrong:

    match: {kinds: [ResourceRequst], environments: [prodution]}

Right:

    match: {kinds: [ResourceRequest], environments: [production]}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import Path
from tarmac.model.shown import visible
from tarmac.rules.near import Near
from tarmac.rules.rule import Rule, error, listed
from tarmac.rules.settings import Settings

ID = "unknown-match"

_WHERE = {"policy": "match", "scorecard": "appliesTo"}


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    kinds = {info.kind for info in catalog.kinds.values()}
    for kind, field in _WHERE.items():
        for entity in catalog.judged(kind):
            at: Path = ("spec", field)
            wanted = [(index, name) for index, name in enumerate(entity.texts(*at, "kinds"))]
            lower = {name.lower() for name in kinds}
            missing = [(index, name) for index, name in wanted if name.lower() not in lower]
            yield from _unknown(entity, (*at, "kinds"), missing, kinds, "kind")
            yield from _environments(entity, at, settings.base)
            yield from _types(entity, at, catalog)


def _environments(entity: Entity, at: Path, base: CatalogView) -> Iterator[Finding]:
    stated = entity.texts(*at, "environments")
    platform = base.platform() if stated else None
    known = () if platform is None else platform.texts("spec", "environments")
    if known:
        missing = [(index, name) for index, name in enumerate(stated) if name not in known]
        yield from _unknown(entity, (*at, "environments"), missing, known, "environment")


def _types(entity: Entity, at: Path, catalog: CatalogView) -> Iterator[Finding]:
    """Of requests the types are those of the catalog; those of other kinds are any text."""
    if [kind.lower() for kind in entity.texts(*at, "kinds")] != ["resourcerequest"]:
        return
    for index, stated in enumerate(entity.texts(*at, "types")):
        name = stated.partition("@")[0]
        if not catalog.named("resourcetype", name):
            near = Near(ref.name for ref in catalog.names("resourcetype")).of(name)
            if near is not None:
                place = entity.place(*at, "types", index)
                message = f"there is no resource type {visible(name)}: did you mean {visible(near)}?"
                yield error(ID, entity, place, message, f"write {visible(near)}")


def _unknown(
    entity: Entity, at: Path, missing: Iterable[tuple[int, str]], known: Iterable[str], what: str
) -> Iterator[Finding]:
    names = sorted(known)
    for index, name in missing:
        near = Near(names).of(name)
        message = f"there is no {what} {visible(name)}" + (f": did you mean {visible(near)}?" if near else "")
        fix = f"write {visible(near)}" if near else f"write one of {listed(names, 40)}"
        yield error(ID, entity, entity.place(*at, index), message, fix)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
