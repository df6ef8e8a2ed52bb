"""An approval rule that asks for a role that nobody has.

A requirement with `role` counts only those who hold that role in one of the groups that `from` names. Where no group
has the role, nobody can give the approval, and every change that the rule is for waits for ever.

Points at: the role.

Wrong:

    require: [{from: [owner], role: leed}]

Right:

    require: [{from: [owner], role: lead}]
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.people import roles
from tarmac.catalog.view import CatalogView, ref_of
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import Path, items, text, texts
from tarmac.model.shown import nearest, visible
from tarmac.rules.rule import Rule, listed, said
from tarmac.rules.settings import Settings

ID = "approval-role"

_COMBINED = ("anyOf", "allOf", "of")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("approvalrule"):
        for path in requirements(entity):
            yield from _role(entity, path, catalog)


def requirements(entity: Entity) -> Iterator[Path]:
    """Where an approval rule says who must agree, in its choices as well."""
    for index, item in enumerate(entity.items("spec", "require")):
        at: Path = ("spec", "require", index)
        yield at
        for key in _COMBINED:
            for inner, _ in enumerate(items(item, key)):
                yield (*at, key, inner)


def _role(entity: Entity, path: Path, catalog: CatalogView) -> Iterator[Finding]:
    stated = entity.get(*path)
    role = text(stated, "role")
    if role is None:
        return
    sources = texts(stated, "from")
    groups = [catalog.get(ref_of(source, "group")) for source in sources if ":" in source]
    if len(groups) == len(sources) and None not in groups:
        known = tuple(sorted({name for group in groups if group is not None for name in roles(group)}))
        who = "none of the groups in from has"
    else:
        known, who = catalog.role_names(), "no group has"
    if role in known:
        return
    near = nearest(role, known)
    message = f"{who} the role {visible(role)}" + (f"; did you mean {visible(near)}?" if near else "")
    fix = f"write {visible(near)}" if near else "give somebody the role in spec.tarmac.roles of the group"
    if near is None and known:
        fix = f"write one of {listed(known)}, or {fix}"
    yield said(Severity.WARNING, ID, entity, entity.place(*path, "role"), message, fix)


RULE = Rule(ID, Severity.WARNING, __doc__, check)
