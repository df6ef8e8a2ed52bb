"""A plan is judged with the ages of its files: a policy that asks for them holds requests as any other does."""

from __future__ import annotations

from pathlib import Path

from tests.planning.worlds import DAY
from tests.reconcile.company import Company

POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: looked-at}
spec:
  severity: error
  match: {kinds: [ResourceRequest]}
  require: "!past(string(timestamp(git.changed) + days(90)))"
  message: nobody has looked at it
"""


def test_a_request_that_nobody_has_looked_at_is_held(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    company.ask("orders-db", environment="production")
    company.write("policies/looked-at.yaml", POLICY)
    company.commit()
    changed = company.deps().git.commit("HEAD").committed_at
    young, old = (company.plan(changed + days * DAY).plan.summary for days in (1, 100))
    assert dict(young) == {"create": 1}
    assert dict(old) == {"hold": 1}
