"""What a rule says of a place: one type for every rule and every output."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tarmac.model.places import Place


class Severity(StrEnum):
    """error blocks, warning shows, info informs."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Fix:
    """What to write instead, as a sentence for a person."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's word on one place.

    `rule` is the rule's id (a page of its own exists for it), `entity` the full lower-case reference of the entity
    that the finding is about, or None when it is about a file.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    entity: str | None = None
    fix: Fix | None = None

    @property
    def order(self) -> tuple[str, int, int, str, str, str, str]:
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
        )


def in_order(findings: list[Finding] | tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Sorted, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: finding.order))
