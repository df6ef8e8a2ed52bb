"""From a catalog to what planning works on: every request with its type, config, owner's cost centre and holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tarmac.catalog.people import cost_center
from tarmac.catalog.requests import Part, Request, TypeVersion, is_composed, requests, resolve
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import replace
from tarmac.model.json_value import dig, mapping, text
from tarmac.model.ledger import Subject
from tarmac.model.plan import Approval, Desired, Drift, Manifest, part_of
from tarmac.model.refs import Ref
from tarmac.model.values import BadValue, parse_duration
from tarmac.planning.limits import approved


def desired(catalog: CatalogView, holds: Mapping[str, str], among: Iterable[Entity] | None = None) -> Iterator[Desired]:
    """Every request of the catalog (with `among` only these), for a composed one each of its parts. `holds` are reasons
    by full reference; what has no type, or parts that cannot be told, is held anyway."""
    wanted = requests(catalog) if among is None else (resolve(catalog, entity) for entity in among)
    for request in wanted:
        hold = holds.get(str(request.ref))
        if is_composed(request.type):
            yield from _parts(catalog, request, hold)
        else:
            yield _desired(catalog, request, hold)


def findings_to_holds(catalog: CatalogView, findings: Iterable[Finding]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """What the findings stop: (reasons by reference of requests with errors, files that cannot be read for sure).

    An error about a request, or anywhere in a request's file, holds it. A file with an error that belongs to no
    entity may hide a request, so nothing may be deleted for being absent.
    """
    errors: dict[str, list[Finding]] = {}
    by_path: dict[str, list[Finding]] = {}
    unreadable: set[str] = set()
    for finding in findings:
        if finding.severity is not Severity.ERROR:
            continue
        if finding.entity is None:
            unreadable.add(finding.place.path)
            by_path.setdefault(finding.place.path, []).append(finding)
        else:
            errors.setdefault(finding.entity, []).append(finding)
    concerned = [entity for name in errors if (entity := catalog.get(name)) is not None]
    concerned += [entity for path in by_path for ref in catalog.in_file(path) if (entity := catalog.get(ref))]
    holds: dict[str, str] = {}
    for entity in concerned:
        if entity.ref.kind != "resourcerequest":
            continue
        found = errors.get(str(entity.ref), []) + by_path.get(entity.path, [])
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            holds[str(entity.ref)] = f"{found[0].place}: {found[0].message}{more}"
    return holds, tuple(sorted(unreadable))


def _parts(catalog: CatalogView, request: Request, hold: str | None) -> Iterator[Desired]:
    """The parts of a composed request; the request itself, held, where they cannot all be told."""
    whole = _desired(catalog, request, hold)
    names = {part.name for part in request.parts}
    fault = next((fault for part in request.parts if (fault := _fault(part, names))), None)
    if fault is None and len(names) < len(request.parts):
        fault = "two parts of its type have one name"
    if fault is not None or not names:
        yield replace(whole, hold=whole.hold or fault or "its type has no parts")
        return
    for part in request.parts:
        yield replace(
            _desired(catalog, part.request, whole.hold),
            request=part_of(whole.request, part.name),
            temporary=whole.temporary,
            grace=whole.grace,
            needs=(*whole.needs, *(part_of(whole.request, name) for name in sorted(set(part.needs)))),
            previously=tuple(part_of(name, part.name) for name in whole.previously),
        )


def _fault(part: Part, names: set[str]) -> str | None:
    """Why a part cannot be told."""
    if part.request.type is None or part.request.version is None:
        return f"its part {part.name} is of {part.request.type_name}@{part.request.version_name}, which cannot be had"
    if part.fault is not None:
        return f"the config of its part {part.name} cannot be told: {part.fault}"
    unknown = sorted(set(part.needs) - names)
    return f"its part {part.name} needs {unknown[0]}, which is no part" if unknown else None


def _desired(catalog: CatalogView, request: Request, hold: str | None) -> Desired:
    kind = request.type
    if hold is None and (kind is None or request.version is None):
        hold = f"there is no resource type {request.type_name}@{request.version_name}"
    if hold is None and request.owner is None:
        hold = "it has no owner"
    return Desired(
        request=str(request.ref),
        path=request.entity.path,
        type=request.type_name if kind is None else kind.name,
        version=request.version_name,
        category=(kind.text("spec", "category") if kind else None) or "",
        provider=request.provider or "",
        owner=str(request.owner or ""),
        service=None if request.service is None else str(request.service),
        environment=request.environment,
        cost_centre=_cost_centre(catalog, request.owner),
        config=request.config,
        immutable=() if request.version is None else request.version.immutable,
        temporary=() if kind is None else temporary(kind),
        ttl=request.ttl,
        expires=request.expires,
        needs=_needs(catalog, request.ref),
        protected=request.environment == harmful(catalog)
        and request.entity.get("spec", "deletionProtection") is not False,
        previously=tuple(str(Ref.of("resourcerequest", name, request.ref.namespace)) for name in request.previously),
        rotation=None if kind is None else _rotation(kind),
        grace=timedelta() if kind is None else _grace(kind, request.environment),
        drift=Drift.MEND if kind is None else _drift(kind),
        hold=hold,
        manifests=() if request.version is None else tuple(_manifests(request.version)),
    )


def _grace(kind: Entity, environment: str) -> timedelta:
    try:
        return parse_duration(kind.text("spec", "environments", environment, "ttl", "grace") or "")
    except BadValue:
        return timedelta()


def _drift(kind: Entity) -> Drift:
    stated = kind.text("spec", "drift")
    return Drift(stated) if stated in set(Drift) else Drift.MEND


def _manifests(version: TypeVersion) -> Iterator[Manifest]:
    for data in version.entity.items("spec", "versions", version.index, "manifests"):
        yield Manifest(text(data, "path") or "", text(data, "schema") or "", mapping(data, "content"))


def _rotation(kind: Entity) -> timedelta | None:
    try:
        return parse_duration(kind.text("spec", "rotation") or "")
    except BadValue:
        return None


def temporary(kind: Entity) -> tuple[str, ...]:
    """The environments in which whatever is of the type has a time to live."""
    environments = kind.mapping("spec", "environments")
    return tuple(sorted(name for name, bounds in environments.items() if dig(bounds, "ttl") is not None))


def harmful(catalog: CatalogView) -> str:
    """The environment in which a mistake does most harm: the last that the platform names."""
    platform = catalog.platform()
    named = () if platform is None else platform.texts("spec", "environments")
    return named[-1] if named else "production"


def lifted(wishes: Iterable[Desired], given: Sequence[Approval], now: datetime) -> Iterator[Desired]:
    """The wishes, without protection those that a DeletionApproval names while their file is still there."""
    for want in wishes:
        lift = want.protected and approved(want.path, given, now)
        yield replace(want, protected=False) if lift else want


def _needs(catalog: CatalogView, ref: Ref) -> tuple[str, ...]:
    named = (one for one in catalog.references_of(ref) if one.field.name == "dependsOn")
    return tuple(sorted({name for one in named if one.target is not None for name in _made_of(catalog, one.target)}))


def _made_of(catalog: CatalogView, ref: Ref) -> tuple[str, ...]:
    """What plan and ledger call the request: its own reference, or those of its parts."""
    entity = catalog.get(ref)
    parts = () if entity is None or entity.ref.kind != "resourcerequest" else resolve(catalog, entity).parts
    return tuple(part_of(str(ref), part.name) for part in parts) or (str(ref),)


def _cost_centre(catalog: CatalogView, owner: Ref | None) -> str:
    entity = None if owner is None else catalog.get(owner)
    return (None if entity is None else cost_center(entity)) or ""


def subject_of(platform: str, wish: Desired, uid: str, life: int) -> Subject:
    """What the ledger says of the instance that a wish asks for, in one of its lives."""
    return Subject(
        platform=platform,
        request=wish.request,
        uid=uid,
        life=life,
        provider=wish.provider,
        type=wish.type_text,
        owner=wish.owner,
        service=wish.service,
        environment=wish.environment,
        cost_centre=wish.cost_centre,
        path=wish.path,
        config=wish.config,
        needs=wish.needs,
        protected=wish.protected,
    )
