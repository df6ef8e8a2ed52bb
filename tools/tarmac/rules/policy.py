"""A policy of this company that is not kept.

Documents of kind Policy say what must be true of the entities that they match, as an expression, and what is said when
it is not. A finding carries the policy's own name as its rule. Only `true` passes: a key of `require` that is not there
is a plain failure that says its path, and whatever else goes wrong (an error in `when`, a result that is no truth
value, too many steps) counts as failed too and says so. With `mode: observe` a policy blocks nothing: it says what it
would have said. Nothing is said of a document that has not the form of its kind: that is an error already, and policies
speak when it is mended.

Points at: the key that should hold what is not there, else the value that `require` reads first; where it reads none,
the name.

Wrong:

    spec:
      match: {kinds: [ResourceRequest], environments: [production]}
      require: object.spec.config.?encrypted.orValue(true)     # takes what is not said for a yes

Right:

    spec:
      match: {kinds: [ResourceRequest], environments: [production]}
      require: object.spec.config.encrypted
      message: "{object.metadata.name} holds production data and must be encrypted"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from tarmac.catalog.index import build
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.expressions import (
    Expressions,
)
from tarmac.model.findings import OBSERVED, Finding, Severity
from tarmac.model.frozen import replace
from tarmac.model.json_value import Path
from tarmac.model.kinds import KindInfo
from tarmac.model.patterns import lazily
from tarmac.model.places import Place
from tarmac.model.shown import visible
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.kept_answers import Extracts
from tarmac.rules.policy_book import Book, Page
from tarmac.rules.policy_early import Early
from tarmac.rules.policy_judging import FAIL, Compiled, Verdict
from tarmac.rules.policy_missing import missing_path, missing_words
from tarmac.rules.rule import Rule, said
from tarmac.rules.settings import Settings

if TYPE_CHECKING:
    from tarmac.rules.policy_times import Times

ID = "policy"

_READS = lazily(r"""\bobject((?:\.\??[A-Za-z_][A-Za-z0-9_]*|\[\??"[^"\\\n]*"\])+)(\()?""")
_STEP = lazily(r"""\.\??([A-Za-z_][A-Za-z0-9_]*)|\[\??"([^"\\\n]*)"\]""")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    book, told = settings.once(ID, lambda: _book(settings))
    extracts = None if settings.kept is None else settings.once(f"{ID} extracts", partial(Extracts, told))
    facts = PolicyFacts(catalog, settings.base, settings.instant, settings.reached, settings.ages, extracts)
    times: Times | None = None
    heard = settings.heard
    page: Page
    kind = None
    for entity in catalog.judged():
        # Those of a kind come one behind the other; that each looks up its policies is noted where anybody listens.
        if book.noted or entity.ref.kind != kind:
            kind = entity.ref.kind
            page = book.of(kind)
        if told and not heard and page.foretold(entity, facts):
            continue
        looking = page.looking(entity)
        altered = settings.altered(entity)
        if altered is not None:
            looking = page.anew(looking, altered)
        if not looking:
            continue
        # What is told without the engine passes or skips.
        if not heard and page.well(looking, entity, facts):
            continue
        verdicts, judged = page.verdicts(looking, entity, facts)
        if not (judged or heard):
            continue
        for policy, verdict in zip(looking, verdicts, strict=True):
            asked = policy.asks if verdict.outcome == "skip" else policy.reads
            if heard and "now" in asked.variables:
                times = times or _times(settings)
                times.tell(_timed(policy, verdict), facts.of(entity, page.reads), facts.calls, settings.holds)
            if verdict.outcome == FAIL:
                # Of a document that has not its kind's form, which is an error of its own, nobody knows what it
                # means: what fails may only fail for that.
                if not settings.schemas.formed(entity.document):
                    break
                yield finding_of(policy, entity, verdict)
    if settings.kept is not None:
        facts.let_go()


def _book(settings: Settings) -> tuple[Book, bool]:
    """The book of the base's policies, and whether documents were told of by it."""
    if settings.early is not None and settings.kept is not None:
        known = settings.early.book([entity.document for entity in settings.base.of_kind("policy")])
        if known is not None:
            return known, True
    return Book(settings.base, settings.expressions, settings.proved), False


def early(expressions: Expressions, kinds: Mapping[tuple[str, str], KindInfo]) -> Early:
    """Whoever hears of entities, policies first, while what their documents hold is at hand."""
    return Early(lambda policies: Book(build("", policies, (), kinds), expressions))


def _times(settings: Settings) -> Times:
    # Loaded here: few checks judge what reads the time.
    from tarmac.rules.policy_times import Times

    return Times(settings.expressions, settings.instant)


def _timed(policy: Compiled, verdict: Verdict) -> tuple[str, ...]:
    """The expressions on which the verdict rests."""
    when = () if policy.when is None else (policy.when.source,)
    if verdict.outcome == "skip":
        return when
    words = [piece.source for piece in policy.message if not isinstance(piece, str)]
    return (*when, policy.require.source, *(words if verdict.outcome == FAIL else ()))


def finding_of(policy: Compiled, entity: Entity, verdict: Verdict) -> Finding:
    """What is said of an entity that fails the policy."""
    message, place = verdict.message, _place(policy, entity)
    if verdict.error is not None:
        name = visible(policy.name)
        message = f"{message} (policy {name} cannot be evaluated, which counts as failed: {verdict.error})"
    elif verdict.missing is not None:
        path = missing_path(policy.require.source, entity.data, verdict.missing)
        message = f"{message} ({missing_words(path, verdict.missing)})"
        place = place if path is None else entity.place(*path)
    fix = policy.entity.text("spec", "fix") or f"`tarmac explain {visible(policy.name)}` says what it asks for"
    finding = said(policy.severity, policy.name, entity, place, message, fix)
    if not policy.observe:
        return finding
    told = f"would have {OBSERVED[policy.severity]}: {finding.message}"
    return replace(finding, severity=Severity.INFO, message=told, observed=policy.severity)


def _place(policy: Compiled, entity: Entity) -> Place:
    """The value that `require` reads first, or the key that should hold it; the name where it reads none."""
    for match in _READS.finditer(policy.require.source):
        steps: Path = tuple(field or key for field, key in _STEP.findall(match[1]))
        if match[2]:
            steps = steps[:-1]
        if len(steps) > 1:
            return entity.place(*steps)
    return entity.place("metadata", "name")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
