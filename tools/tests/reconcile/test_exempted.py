"""A plan says which of its requests would be held, were they not exempted, and until when."""

from __future__ import annotations

from pathlib import Path

from tests.reconcile.company import Company

TOLD = "orders-db is wrong [large]: exempted until 2027-02-01T00:00:00Z by exemption:default/for-now"
POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: large}
spec:
  severity: %s
  match: {kinds: [ResourceRequest, Group]}
  require: object.metadata.name.startsWith("x")
  message: "{object.metadata.name} is wrong"
---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: for-now}
spec: {rule: large, select: {kind: ResourceRequest, atMost: 1}, owner: group:default/shop,
       approvers: [group:default/shop], reason: load test, expires: "%s"}
---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: no-request}
spec: {rule: large, select: {kind: Group, atMost: 9}, owner: group:default/shop,
       approvers: [group:default/shop], reason: load test, expires: "%s"}
"""


def test_what_is_made_by_an_exemption_alone_is_told(tmp_path: Path) -> None:
    made = Company.found(tmp_path)
    made.ask("orders-db")
    for severity, expires, wanted in (
        ("error", "2027-01-31", [TOLD]),
        ("warning", "2027-01-31", []),
        ("error", "2026-01-31", []),
    ):
        made.write("policies/large.yaml", POLICY % (severity, expires, expires))
        made.commit()
        notes = made.plan().notes
        assert [note.partition(": ")[2] for note in notes] == wanted
        assert all(note.startswith(f"{made.path('orders-db')}:") for note in notes)
