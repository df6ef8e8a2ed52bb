"""A role held by somebody who is not in the team.

Who holds a role of a group (`spec.tarmac.roles`: lead, on-call) approves for it and is called at night for it, so they
are members of it: named in the group's `members`, or naming the group in their own `memberOf`.

Points at: the person in the role.

Wrong:

    members: [ana]
    tarmac: {roles: {lead: [user:default/bo]}}

Right:

    members: [ana, bo]
    tarmac: {roles: {lead: [user:default/bo]}}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.people import members
from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "role-member"
_ROLES = ("spec", "tarmac", "roles")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for group in catalog.judged("group"):
        inside = set(members(catalog, group.ref))
        for reference in catalog.references_of(group.ref):
            target = reference.target
            if reference.path[:3] != _ROLES or target is None or not catalog.exists(target) or target in inside:
                continue
            role = visible(str(reference.path[3]))
            message = f"{visible(str(target))} has the role {role} but is no member of {visible(group.name)}"
            fix = f"add {visible(target.name)} to the members, or give the role to a member"
            yield error(ID, group, reference.place, message, fix)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
