"""A request for an environment that is not there.

The platform lists its environments, and each resource type says in which of them it can be had. Without a platform
document this rule is off.

Points at: the environment in the request.

Wrong:

    environment: prod

Right:

    environment: production
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.requests import resolve
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error, listed
from tarmac.rules.settings import Settings

ID = "request-environment"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    noted = settings.base.memory() is None
    platform: Entity | None = None
    known: tuple[str, ...] = ()
    for entity in catalog.judged("resourcerequest"):
        environment = entity.text("spec", "environment")
        # Looked up once for all, unless it has to be noted for each what its verdict rests on.
        if noted or not known:
            platform = settings.base.platform()
            known = () if platform is None else platform.texts("spec", "environments")
        if environment is None or platform is None:
            continue
        if environment not in known:
            from difflib import get_close_matches

            near = get_close_matches(environment[:100], known, n=1, cutoff=0.5)
            message = f"environment {visible(environment)} is none of the platform's: {listed(known)}"
            fix = f"write {visible(near[0])}" if near else "write one of them"
            yield error(ID, entity, entity.place("spec", "environment"), message, fix)
            continue
        type_entity = resolve(catalog, entity).type
        offered = () if type_entity is None else tuple(type_entity.mapping("spec", "environments"))
        if type_entity is not None and environment not in offered:
            name = visible(type_entity.name)
            message = f"{name} cannot be had in {environment}, only in {listed(offered)}"
            place = entity.place("spec", "environment")
            yield error(ID, entity, place, message, "choose one of these, or another resource type")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
