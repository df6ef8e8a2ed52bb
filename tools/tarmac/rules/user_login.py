"""Two users with one login.

The annotation `github.com/user-login` says whose review is whose. Logins are compared without case, and each belongs
to one user, or an approval could not be told from another.

Points at: the later of the two logins; the message says where the first one is.

Wrong:

    metadata: {name: ana, annotations: {github.com/user-login: ana-k}}
    metadata: {name: ana-2, annotations: {github.com/user-login: Ana-K}}

Right:

    metadata: {name: ana, annotations: {github.com/user-login: ana-k}}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "user-login"
_AT = ("metadata", "annotations", "github.com/user-login")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for user in catalog.judged("user"):
        name = catalog.login(user)
        if name is None:
            continue
        other = catalog.with_login(name)[0]
        if other.ref == user.ref:
            continue
        message = f"the login {visible(name)} belongs to {visible(str(other.ref))} already ({other.place(*_AT)})"
        yield error(ID, user, user.place(*_AT), message, "give each user their own login")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
