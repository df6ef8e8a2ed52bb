"""A `$text`, `$json` or `$yaml` that names no file of this repository.

A definition may stand in a file of its own, named from where the document stands. The file must exist and must lie in
this repository. An address on the network is never fetched: its content is nobody's promise here, so that is only
said.

Points at: the path or address.

Wrong:

    definition: {$text: ../../../somewhere/openapi.yaml}

Right:

    definition: {$text: ./openapi.yaml}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from posixpath import dirname

from tarmac.catalog.placeholders import Placeholder, placeholders
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.near import Near
from tarmac.rules.rule import Rule, error, first_of, said
from tarmac.rules.settings import Settings

ID = "placeholder-target"
_COPY = "put a copy into the repository and name that, if it is to be shown or checked here"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged():
        if not entity.document.dollar:
            continue
        if not catalog.kinds[entity.document.kind_key or ("", "")].backstage:
            continue
        found = (_findings(catalog, entity, placeholder) for placeholder in placeholders(entity.document))
        yield from first_of(ID, entity, chain.from_iterable(found))


def _findings(catalog: CatalogView, entity: Entity, placeholder: Placeholder) -> Iterator[Finding]:
    at = (*placeholder.path, placeholder.key)
    what = f"{placeholder.key} names {visible(placeholder.target)}"
    if placeholder.remote:
        yield said(Severity.INFO, ID, entity, entity.place(*at), f"{what}, an address that is never fetched", _COPY)
        return
    path = placeholder.local_path(entity.path)
    if path is None:
        yield error(
            ID, entity, entity.place(*at), f"{what}, which is outside the repository", "name a file of this repository"
        )
    elif not catalog.has_file(path):
        near = Near(catalog.files_in(dirname(path))).of(path)
        yield error(
            ID,
            entity,
            entity.place(*at),
            f"{what}, and there is no file {visible(path)}",
            f"name {visible(near)}, or add the file" if near else "add the file, or correct the path",
        )


RULE = Rule(ID, Severity.ERROR, __doc__, check)
