"""What a rule is, and the one way in which rules name what they found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.flood import MOST
from tarmac.model.frozen import Frozen
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.rules.settings import Settings

if TYPE_CHECKING:
    from tarmac.model.edits import Edit

Check: TypeAlias = Callable[[CatalogView, Settings], Iterator[Finding]]


class Knot(Frozen):
    """Entities that all reach each other, and what is said of them. It rests on their documents and nothing else.

    `by` names the kind of step from one to the next; within it nothing is in two knots.
    """

    by: str
    members: frozenset[Ref]
    finding: Finding


class Rule(Frozen):
    """A built-in rule. `severity` is that of its gravest finding, `page` its documentation (the module's docstring):
    the problem, a wrong example, a right one.

    `whole` says that it looks at few documents and at all of them at once, so that its verdicts are not kept. `knots`
    is there for a rule about entities that hang together in a circle.
    """

    id: str
    severity: Severity
    page: str
    check: Check
    whole: bool = False
    knots: Callable[[CatalogView], Iterator[Knot]] | None = None

    def find(self, catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
        """What the rule says of the entities in the catalog's focus."""
        return self.check(catalog, settings)


def error(
    rule: str, entity: Entity, place: Place, message: str, fix: str | None = None, edits: tuple[Edit, ...] = ()
) -> Finding:
    """An error about an entity."""
    return said(Severity.ERROR, rule, entity, place, message, fix, edits)


def said(
    severity: Severity,
    rule: str,
    entity: Entity,
    place: Place,
    message: str,
    fix: str | None = None,
    edits: tuple[Edit, ...] = (),
) -> Finding:
    """A finding about an entity; `fix` is a sentence that says what to write instead, `edits` are the same as data,
    where that needs no judgement."""
    return Finding(rule, severity, message, place, str(entity.ref), Fix(fix, edits) if fix else None)


def first_of(rule: str, entity: Entity, findings: Iterator[Finding]) -> Iterator[Finding]:
    """What a rule says of one entity, for fields that may hold thousands of things: the first hundred errors, each of
    which takes time to put into words, and then that there are more. No verdict depends on the others."""
    errors = 0
    for finding in findings:
        if finding.severity is Severity.ERROR:
            errors += 1
        if errors > MOST:
            message = f"more than {MOST} errors of this kind in one entity; the others are not listed"
            yield error(rule, entity, entity.place("metadata", "name"), message, "mend those that are listed first")
            return
        yield finding


def listed(words: list[str] | tuple[str, ...], most: int = 12) -> str:
    """`a, b and c`, at most `most` of them named."""
    names = [visible(word) for word in words[:most]]
    if len(words) > most:
        names.append(f"{len(words) - most} more")
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
