"""A request whose lifetime does not fit its environment.

Where a resource type sets a time to live for an environment, a request there ends: after `ttl`, counted from the
moment it is ready, or on `expires`, a day. It says one of the two or neither (then the type's default holds), and not
more than the maximum. `expires` may lie as many days ahead as the maximum allows, counted from today. An environment
without a time to live is permanent, and a request there says neither.

Points at: the value of `ttl` or `expires`; where neither may stand, or not both, its key.

Wrong:

    environment: staging      # at most 90d
    ttl: 365d

Right:

    environment: staging
    ttl: 30d
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tarmac.catalog.requests import Request, resolve, ttl_bounds
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.model.values import show_duration
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings, midnight_of

ID = "request-ttl"
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcerequest"):
        spec = entity.mapping("spec")
        if "ttl" not in spec and "expires" not in spec:
            continue
        if "ttl" in spec and "expires" in spec:
            message = "ttl and expires are both given, and they may disagree"
            yield error(ID, entity, entity.key_place("spec", "expires"), message, "keep one of them")
            continue
        request = resolve(catalog, entity)
        if request.type is not None:
            yield from _bounds(entity, request, request.type, settings)


def _bounds(entity: Entity, request: Request, type_entity: Entity, settings: Settings) -> Iterator[Finding]:
    spec, environment = entity.mapping("spec"), request.environment
    field = "ttl" if "ttl" in spec else "expires"
    offered = type_entity.mapping("spec", "environments")
    if environment not in offered:
        return
    where = f"{visible(type_entity.name)} in {visible(environment)}"
    if "ttl" not in type_entity.mapping("spec", "environments", environment):
        message = f"{where} is permanent, and this request says {field}"
        yield error(ID, entity, entity.key_place("spec", field), message, f"remove {field}, or change the environment")
        return
    _, longest = ttl_bounds(type_entity, environment)
    if longest is None or not _too_long(request, longest, settings):
        return
    message = f"{field} {visible(entity.text('spec', field) or '')} is over the maximum of {where}: "
    message += show_duration(longest)
    yield error(ID, entity, entity.place("spec", field), message, _fix(field, longest, settings))


def _too_long(request: Request, longest: timedelta, settings: Settings) -> bool:
    if request.expires is None:
        return request.ttl is not None and request.ttl > longest
    # Over the maximum on every day before the first on which it is no longer.
    day = timedelta(days=1)
    if longest + day >= request.expires - _BEGINNING:
        return False
    within = request.expires - day - longest
    first = midnight_of(within)
    return not settings.reached(first if first == within else first + day)


def _fix(field: str, longest: timedelta, settings: Settings) -> str:
    if field == "ttl":
        return f"write ttl: {show_duration(longest)} or less"
    return f'write expires: "{(settings.today() + longest).date().isoformat()}" or earlier'


RULE = Rule(ID, Severity.ERROR, __doc__, check)
