"""A policy that no test proves, or that meets nothing.

An expression that is always true looks like one that everybody keeps. So a policy has at least one test that it lets
pass and one that it does not; they stand in `spec.tests`, or in a file next to the policy's (`names.tests.yaml` for
`names.yaml`), whose cases `tarmac policy test` counts. A policy that matches no document of the repository is said as
an info: it may wait for the first one, or be misspelt. A check asks only whether there is a document of one of its
kinds; `tarmac policy test` asks for its types and environments too.

Points at: the policy's name; its `match`, where that meets nothing.

Wrong:

    spec:
      match: {kinds: [Component]}
      require: object.spec.?tarmac.?tier.orValue("standard") != ""

Right:

    spec:
      match: {kinds: [Component]}
      require: object.spec.tarmac.tier in ["critical", "standard", "experimental"]
      tests:
        - {name: a tier passes, object: {...}, expect: pass}
        - {name: none fails, object: {...}, expect: fail}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import text
from tarmac.model.shown import visible
from tarmac.rules.policy_judging import match_of
from tarmac.rules.rule import Rule, said
from tarmac.rules.settings import Settings

ID = "vacuous-policy"

# Only here are files of tests known as such.
FOLDER = "policies/"

_ENDING = re.compile(r"\.ya?ml\Z")
_PROVED_BY = ("pass", "fail")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    known = {info.kind.lower() for info in catalog.kinds.values()}
    for policy in catalog.judged("policy"):
        # What stands in a file beside it is counted by those who read that file.
        if not any(catalog.has_file(path) for path in test_files(policy.path)):
            found = unproved(policy, (text(case, "expect") or "" for case in policy.items("spec", "tests")))
            if found is not None:
                yield found
        kinds = match_of(policy).kinds
        # What nobody knows is said elsewhere.
        if kinds and kinds <= known and not kinds & set(catalog.kinds_present()):
            yield idle(policy)


def test_files(path: str) -> tuple[str, ...]:
    """Where the tests of the policies of a file may stand beside it: `names.tests.yaml` for `names.yaml`."""
    if not path.startswith(FOLDER):
        return ()
    stem = _ENDING.sub("", path)
    return f"{stem}.tests.yaml", f"{stem}.tests.yml"


def unproved(policy: Entity, expected: Iterable[str]) -> Finding | None:
    """What to say of a policy of whose tests (what each expects) none shows that it passes, or none that it fails."""
    there = set(expected)
    lacking = [word for word in _PROVED_BY if word not in there]
    if not lacking:
        return None
    message = f"no test of {visible(policy.name)} expects {' or '.join(lacking)}"
    place = policy.place("metadata", "name")
    fix = f"add a case with expect: {' and one with expect: '.join(lacking)}"
    return said(Severity.WARNING, ID, policy, place, message, fix)


def idle(policy: Entity) -> Finding:
    """What to say of a policy that matches nothing."""
    message = f"{visible(policy.name)} matches nothing in this repository"
    fix = "mend spec.match, unless it waits for something"
    return said(Severity.INFO, ID, policy, policy.place("spec", "match"), message, fix)


def meets(catalog: CatalogView, policy: Entity) -> bool:
    """Whether the policy matches anything: every entity of its kinds may be looked at."""
    match = match_of(policy)
    kinds = sorted(match.kinds) or catalog.kinds_present()
    return any(match.takes(entity) for kind in kinds for entity in catalog.of_kind(kind))


RULE = Rule(ID, Severity.WARNING, __doc__, check)
