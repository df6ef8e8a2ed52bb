"""From a catalog to what planning works on: every request with its type, config, owner's cost centre and holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import Request, requests
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import dig
from tarmac.model.plan import Approval, Desired
from tarmac.model.refs import Ref
from tarmac.model.values import BadValue, parse_duration
from tarmac.planning.limits import approved


def desired(catalog: Catalog, holds: Mapping[str, str]) -> Iterator[Desired]:
    """Every request of the catalog. `holds` are reasons by full reference; what has no type is held anyway."""
    worst = harmful(catalog)
    for request in requests(catalog):
        yield _desired(catalog, request, holds.get(str(request.ref)), worst)


def findings_to_holds(catalog: Catalog, findings: Iterable[Finding]) -> tuple[Mapping[str, str], tuple[str, ...]]:
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
    holds: dict[str, str] = {}
    for entity in catalog.of_kind("resourcerequest"):
        found = errors.get(str(entity.ref), []) + by_path.get(entity.path, [])
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            holds[str(entity.ref)] = f"{found[0].place}: {found[0].message}{more}"
    return holds, tuple(sorted(unreadable))


def _desired(catalog: Catalog, request: Request, hold: str | None, worst: str) -> Desired:
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
        hold=hold,
    )


def _rotation(kind: Entity) -> timedelta | None:
    try:
        return parse_duration(kind.text("spec", "rotation") or "")
    except BadValue:
        return None


def temporary(kind: Entity) -> tuple[str, ...]:
    """The environments in which whatever is of the type has a time to live."""
    environments = kind.mapping("spec", "environments")
    return tuple(sorted(name for name, bounds in environments.items() if dig(bounds, "ttl") is not None))


def harmful(catalog: Catalog) -> str:
    """The environment in which a mistake does most harm: the last that the platform names."""
    platform = catalog.platform()
    named = () if platform is None else platform.texts("spec", "environments")
    return named[-1] if named else "production"


def lifted(wishes: Iterable[Desired], given: Sequence[Approval], now: datetime) -> Iterator[Desired]:
    """The wishes, without protection those that a DeletionApproval names while their file is still there."""
    for want in wishes:
        lift = want.protected and approved(want.path, given, now)
        yield replace(want, protected=False) if lift else want


def _needs(catalog: Catalog, ref: Ref) -> tuple[str, ...]:
    named = (one for one in catalog.references_of(ref) if one.field.name == "dependsOn")
    return tuple(sorted({str(one.target) for one in named if one.target is not None}))


def _cost_centre(catalog: Catalog, owner: Ref | None) -> str:
    entity = None if owner is None else catalog.get(owner)
    return (entity.text("metadata", "labels", "cost-center") if entity is not None else None) or ""
