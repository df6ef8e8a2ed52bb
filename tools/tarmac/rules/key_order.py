"""The fields that say what a document is do not come first.

A person who opens a file reads its beginning: `apiVersion`, `kind`, `metadata` with the name first, then `spec`. The
order means nothing to Tarmac or Backstage, so this is only said, and blocks nothing.

Points at: the field that comes too early.

Mended by `tarmac check --fix`: the lines move, with the comments right above them.

Wrong:

    kind: System
    apiVersion: backstage.io/v1alpha1
    metadata: {title: Shop, name: shop}

Right:

    apiVersion: backstage.io/v1alpha1
    kind: System
    metadata: {name: shop, title: Shop}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import FIRST, orderly
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import Path
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, listed, said
from tarmac.rules.settings import Settings

ID = "key-order"
_WANTED: tuple[tuple[Path, tuple[str, ...]], ...] = (
    ((), FIRST),
    (("metadata",), ("name",)),
)


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged():
        document = entity.document
        if document.orderly or orderly(document.data):
            continue
        for path, wanted in _WANTED:
            fields = entity.mapping(*path)
            first = tuple(key for key in wanted if key in fields)
            for early, due in zip(fields, first, strict=False):
                if early != due:
                    message = f"{visible(early)} stands before {due}"
                    from tarmac.model.edits import PutFirst

                    edit = PutFirst(entity.document.index, path, first)
                    place = entity.key_place(*path, early)
                    yield said(Severity.INFO, ID, entity, place, message, f"begin with {listed(first)}", (edit,))
                    break


RULE = Rule(ID, Severity.INFO, __doc__, check)
