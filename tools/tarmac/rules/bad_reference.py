"""A reference that cannot be read.

A reference is written `[kind:][namespace/]name`. No part that is written may be empty, and a field that may point to
several kinds (`dependsOn`) has no kind to fall back on: there the kind has to be written, or Backstage drops the
relation without a word.

Points at: the reference. Where one entity of that name exists, the fix names it with its kind.

Wrong:

    dependsOn: [orders-db]

Right:

    dependsOn: [resource:orders-db]
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.references import Reference
from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Severity
from tarmac.model.refs import Ref
from tarmac.model.shown import shown, visible
from tarmac.rules.rule import Rule, error, first_of
from tarmac.rules.settings import Settings

ID = "bad-reference"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    if catalog.amiss is not None and not catalog.amiss:
        return
    for entity in catalog.judged():
        bad = [reference for reference in catalog.references_of(entity.ref) if reference.target is None]
        if bad:
            found = (error(ID, entity, reference.place, *_words(catalog, reference)) for reference in bad)
            yield from first_of(ID, entity, found)


def _words(catalog: CatalogView, reference: Reference) -> tuple[str, str]:
    field, text = reference.field, shown(reference.text)
    if field.default_kind is None and ":" not in reference.text and reference.text.strip("/"):
        example = _example(catalog, reference)
        return f"{field.name} names {text} without a kind, and this field has no default", f"write {example}"
    return f"{field.name} holds {text}, which has an empty part", "write [kind:][namespace/]name"


def _example(catalog: CatalogView, reference: Reference) -> str:
    """The entity of that name if there is just one, else the form to follow."""
    namespace, _, name = reference.text.rpartition("/")
    kinds = reference.field.allowed or catalog.kinds_present()
    wanted = (Ref.of(kind, name, namespace or reference.source.ref.namespace) for kind in kinds)
    found = [ref for ref in wanted if catalog.exists(ref)]
    return str(found[0]) if len(found) == 1 else f"kind:{visible(reference.text)}"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
