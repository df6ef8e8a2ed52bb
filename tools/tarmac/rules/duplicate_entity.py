"""Two documents that describe one entity.

An entity is known by its kind, namespace and name, all compared in lower case. A second document with the same
reference is ignored by every reader after the first, so one of the two is a mistake; names that differ only in case
are the same name.

Points at: the name in the later document (by path, then by place in the file); the message says where the first one is.

Wrong:

    # catalog/a.yaml            # catalog/b.yaml
    kind: Component             kind: Component
    metadata: {name: orders}    metadata: {name: Orders}

Right:

    metadata: {name: orders}    metadata: {name: orders-archive}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "duplicate-entity"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for first in catalog.judged():
        for entity in catalog.repeated_of(first.ref):
            yield _finding(first, entity)


def _finding(first: Entity, entity: Entity) -> Finding:
    message = f"{visible(str(entity.ref))} is described in {first.place('metadata', 'name')} already"
    if (first.name, first.namespace) != (entity.name, entity.namespace):
        message += f" (as {visible(first.name)}: names are compared in lower case)"
    return error(ID, entity, entity.place("metadata", "name"), message, "remove one of the two, or rename it")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
