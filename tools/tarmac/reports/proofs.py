"""The evidence of approvals, for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from tarmac.model.json_value import JsonValue
from tarmac.model.proof import Proof, ProofKind, RecordedProof
from tarmac.model.values import show_instant
from tarmac.reports.text import visible


def proof_lines(records: Iterable[RecordedProof]) -> Iterator[str]:
    """One line a step of the main branch, with who approved it below, the oldest first."""
    for record in records:
        proof = record.proof
        more = f" and {len(proof.commits) - 1} before it" if len(proof.commits) > 1 and proof.pull else ""
        yield f"{show_instant(proof.at)}  {proof.kind:<10} {proof.commits[-1][:12]}{more}: {visible(proof.reason)}"
        if proof.pull is not None:
            yield f"{'':22}{_told(proof)}"
            for rule in proof.rules:
                digest = f" (sha256 {rule.hash})" if rule.hash else ""
                yield f"{'':22}rule {visible(rule.rule)}: {visible(rule.state)}{digest}"


def proofs_json(records: Iterable[RecordedProof]) -> str:
    """`{"version": 1, "proofs": [{"sequence", "previous", "hash", "at", "kind", "commits", "base", "reason", "pull",
    "head", "author", "mergedAt", "mergedBy", "reviewers", "rules": [{"rule", "state", "hash"}]}]}`."""
    data: JsonValue = {"version": 1, "proofs": [_record(record) for record in records]}
    return json.dumps(data, indent=2, sort_keys=True) + "\n"


def _told(proof: Proof) -> str:
    by = f" by {visible(proof.merged_by)}" if proof.merged_by else ""
    when = "" if proof.merged_at is None else f" on {show_instant(proof.merged_at)}"
    approved = ", ".join(visible(name) for name in proof.reviewers) or "nobody had to"
    what = "recorded by pull request" if proof.kind is ProofKind.RECORDED else "pull request"
    return (
        f"{what} #{proof.pull} of {visible(proof.author)}, merged{by}{when}, approved at {proof.head[:12]}: {approved}"
    )


def _record(record: RecordedProof) -> JsonValue:
    proof = record.proof
    return {
        "sequence": record.sequence,
        "previous": record.previous,
        "hash": record.hash,
        "at": show_instant(proof.at),
        "kind": str(proof.kind),
        "commits": list(proof.commits),
        "base": proof.base or None,
        "reason": proof.reason,
        "pull": proof.pull,
        "head": proof.head or None,
        "author": proof.author or None,
        "mergedAt": None if proof.merged_at is None else show_instant(proof.merged_at),
        "mergedBy": proof.merged_by or None,
        "reviewers": list(proof.reviewers),
        "rules": [{"rule": one.rule, "state": one.state, "hash": one.hash or None} for one in proof.rules],
    }
