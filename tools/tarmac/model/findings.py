"""What a rule says of a place: one type for every rule and every output."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily
from tarmac.model.places import Place

if TYPE_CHECKING:
    from tarmac.model.edits import Edit

# How messages name another place: `catalog/a.yaml:4:9`, `line 4`, `column 9`.
_PLACE_IN_FILE = lazily(r"(\.ya?ml):[0-9]+(?::[0-9]+)?")
_PLACE_IN_WORDS = lazily(r"\b(line|column) [0-9]+")


class Severity(StrEnum):
    """error blocks, warning shows, info informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


# What a policy that is only observed would have done.
OBSERVED: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "blocked", Severity.WARNING: "warned", Severity.INFO: "said"}
)


class Fix(Frozen):
    """What to write instead, as a sentence for a person; as `edits` too, where that needs no judgement."""

    sentence: str
    edits: tuple[Edit, ...] = ()


class Finding(Frozen):
    """One rule's word on one place.

    `rule` is the rule's id (a page of its own exists for it), `entity` the full lower-case reference of the entity
    that the finding is about, or None when it is about a file. `observed` is the severity that it would have, were its
    policy enforced; None where it counts as it is.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    entity: str | None = None
    fix: Fix | None = None
    observed: Severity | None = None

    @property
    def order(self) -> tuple[str, int, int, str, str, str, str, str]:
        """Total order: path, line, column, rule, message (then what is left, so that no tie is left to chance)."""
        place = self.place
        return (
            place.path,
            place.line,
            place.column,
            self.rule,
            self.message,
            self.entity or "",
            self.fix.sentence if self.fix else "",
            self.severity.value,
        )


def in_order(findings: list[Finding] | tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Sorted, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.order))


class Observed(Frozen):
    """How many findings of one severity a policy would give that is only observed."""

    rule: str
    severity: Severity
    count: int


def observed(findings: Iterable[Finding]) -> tuple[Observed, ...]:
    """What observed policies would have done, a row a policy and severity: the gravest first, then by name."""
    counts = Counter((one.rule, one.observed) for one in findings if one.observed is not None)
    rank = {severity: at for at, severity in enumerate(Severity)}
    found = [Observed(rule, severity, number) for (rule, severity), number in counts.items()]
    return tuple(sorted(found, key=lambda one: (rank[one.severity], one.rule)))


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What stays the same of each finding when lines move: 32 hexadecimal digits, in the order of the findings.

    They are made of rule, path, entity and message, where the message's own lines and columns do not count. Findings
    that are equal in all of these are told apart by a number, from 1 in their total order; so of two such, when one is
    mended, the one that is left keeps the first one's fingerprint and is not new.
    """
    if not findings:
        return ()
    # Loaded here: a run that finds nothing needs none of it, and it brings all of OpenSSL.
    from hashlib import sha256

    found = [""] * len(findings)
    seen: Counter[str] = Counter()
    for index in sorted(range(len(findings)), key=lambda at: findings[at].order):
        finding = findings[index]
        message = _PLACE_IN_WORDS.sub(r"\1", _PLACE_IN_FILE.sub(r"\1", finding.message))
        what = json.dumps([finding.rule, finding.place.path, finding.entity, message])
        seen[what] += 1
        found[index] = sha256(f"{what}{seen[what]}".encode("ascii")).hexdigest()[:32]
    return tuple(found)
