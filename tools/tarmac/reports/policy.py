"""What the policy verbs and a review say of policies: the values that every output format is made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.model.commits import Commit
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.places import Place
from tarmac.rules.policy_judging import Match
from tarmac.rules.policy_tests import CaseResult


class PolicyRow(Frozen):
    """One policy: what it looks at, how often, and what comes out.

    `outcomes` counts the matched entities by pass, fail and skip (`when` is false); it is empty where the policy does
    not compile, which `fault` then says. `tests` counts its own cases by what they expect.
    """

    name: str
    place: Place
    severity: Severity
    observe: bool
    match: Match
    controls: tuple[str, ...]
    tests: Mapping[str, int]
    outcomes: Mapping[str, int]
    fault: str | None

    @property
    def matched(self) -> int:
        """How many entities it matches."""
        return sum(self.outcomes.values())


class PolicyTests(Frozen):
    """What a run of tests gave: `policies` is how many were tested, `findings` what is wrong with policies and files
    of tests themselves."""

    policies: int
    results: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether a case did not come out, or a policy or a file of tests cannot be read as it should."""
        wrong = any(finding.severity is Severity.ERROR for finding in self.findings)
        return wrong or any(result.fault is not None for result in self.results)


class ReplayedChange(Frozen):
    """A commit that the policy would have spoken against, and what it would have said."""

    commit: Commit
    findings: tuple[Finding, ...]


class Replay(Frozen):
    """A policy over history: of `commits` changes since `since` it would have spoken against `against`, newest first.

    `severity` is what it would have been with `mode: enforce`. `complete` is false where the clone is too shallow to
    hold all of that time, `aged` where the policy asks how old files were and the clone is too shallow to tell.
    """

    policy: str
    severity: Severity
    since: datetime
    until: datetime
    commits: int
    against: tuple[ReplayedChange, ...]
    complete: bool
    aged: bool = True


class JudgingChange(Frozen):
    """What would differ if the documents that judge were already those of the change.

    `policies` says what happens to each policy (add, change, remove) with the fields that differ, `appear` and `go` are
    findings of the same tree, `failing` the policies' own tests that do not come out.
    """

    policies: tuple[tuple[str, str, tuple[str, ...]], ...]
    appear: tuple[Finding, ...]
    go: tuple[Finding, ...]
    failing: tuple[CaseResult, ...]
