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

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tarmac.catalog.index import build
from tarmac.catalog.keys import POLICIES, kinds_of
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import (
    NO_CALLS,
    POLICY_FACTS,
    POLICY_FUNCTIONS,
    Calls,
    Expression,
    Expressions,
    Fact,
    Sure,
)
from tarmac.model.findings import OBSERVED, Finding, Severity
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import Path
from tarmac.model.kinds import KindInfo
from tarmac.model.patterns import lazily
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.model.templates import split
from tarmac.model.values import show_instant
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.kept_answers import Extracts
from tarmac.rules.policy_early import Early
from tarmac.rules.policy_missing import missing_path, missing_words
from tarmac.rules.policy_outcomes import Memory, Plan, Values
from tarmac.rules.policy_reads import NOTHING, KeyPath, Reads, reads_of
from tarmac.rules.policy_short import ShortCuts
from tarmac.rules.policy_unread import Altered, unread
from tarmac.rules.rule import Rule, said
from tarmac.rules.settings import Proved, Settings, nothing_proved

if TYPE_CHECKING:
    from tarmac.rules.policy_times import Times

ID = "policy"

_READS = lazily(r"""\bobject((?:\.\??[A-Za-z_][A-Za-z0-9_]*|\[\??"[^"\\\n]*"\])+)(\()?""")
_STEP = lazily(r"""\.\??([A-Za-z_][A-Za-z0-9_]*)|\[\??"([^"\\\n]*)"\]""")
_LONGEST_MESSAGE = 500


class Match(Frozen):
    """What a policy looks at; kinds in lower case, empty means any."""

    kinds: frozenset[str]
    types: frozenset[str]
    environments: frozenset[str]

    def takes(self, entity: Entity) -> bool:
        """Whether the policy looks at the entity. The type of a request counts with and without its version."""
        if self.kinds and entity.ref.kind not in self.kinds:
            return False
        if self.environments and entity.text("spec", "environment") not in self.environments:
            return False
        if not self.types:
            return True
        stated = entity.text("spec", "type") or ""
        return stated in self.types or stated.partition("@")[0] in self.types


class Compiled(Frozen, dict=True):
    """A policy, ready to judge. `when_text` is what `when` says. `message` is in pieces: texts and expressions. `reads`
    is what all of it can read."""

    entity: Entity
    severity: Severity
    observe: bool
    match: Match
    when_text: str | None
    when: Expression | None
    require: Expression
    message: tuple[str | Expression, ...]
    reads: Reads
    expressions: Expressions

    @cached_property
    def name(self) -> str:
        return self.entity.name

    @property
    def require_text(self) -> str:
        return self.require.source

    @cached_property
    def asks(self) -> Reads:
        """What `when` alone can read."""
        return reads_of(() if self.when is None else (self.when.source,))

    @cached_property
    def surely_applies(self) -> Sure | None:
        """The short cut of `when`, where that has one."""
        return None if self.when is None else self._surely(self.when)

    @cached_property
    def surely_kept(self) -> Sure | None:
        """The short cut of `require`, where that has one."""
        return self._surely(self.require)

    def _surely(self, expression: Expression) -> Sure | None:
        return self.expressions.sure(expression.source, POLICY_FACTS, POLICY_FUNCTIONS)


class Verdict(Frozen):
    """`pass`, `fail` or `skip`; for a failure what is said, and the error that made it one, if any, or what is said of
    the key that is not there."""

    outcome: str
    message: str = ""
    error: str | None = None
    missing: str | None = None


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
            if verdict.outcome == _FAIL:
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
    return (*when, policy.require.source, *(words if verdict.outcome == _FAIL else ()))


_FAIL = "fail"
_SKIP, _PASS = Verdict("skip"), Verdict("pass")


_TOLD = MappingProxyType({True: _PASS, False: _SKIP, None: None})


class Page:
    """The policies that look at a kind, what these can read together, and what they said of which values."""

    def __init__(self, policies: tuple[Compiled, ...], *, noted: bool) -> None:
        self.policies = policies
        self.reads = NOTHING
        self.plan = Plan(noted=noted)
        self._applies: dict[int, Memory | None] = {}
        self._kept: dict[int, Memory | None] = {}
        # By the type and environment of an entity.
        self._looking: dict[tuple[str | None, str | None], tuple[Compiled, ...]] = {}
        self._left: dict[tuple[int, ...], tuple[Compiled, ...]] = {}
        self._short: dict[int, tuple[Sequence[Compiled], ShortCuts]] = {}
        self._unread: dict[tuple[int, frozenset[Path]], tuple[KindInfo, frozenset[int]]] = {}
        self._all = not any(policy.match.types or policy.match.environments for policy in policies)
        for policy in policies:
            self.reads = self.reads.and_those(policy.reads)

    def looking(self, entity: Entity) -> Sequence[Compiled]:
        """Those that look at the entity, which is of their kind."""
        if self._all:
            return self.policies
        stated = entity.text("spec", "type"), entity.text("spec", "environment")
        found = self._looking.get(stated)
        if found is None:
            found = self._looking[stated] = tuple(one for one in self.policies if one.match.takes(entity))
        return found

    def anew(self, looking: Sequence[Compiled], altered: Altered) -> Sequence[Compiled]:
        """Those of them whose word on a document that is `altered` does not stand."""
        # Many documents of a change are altered at the same places.
        where = id(altered.kind), altered.paths
        found = self._unread.get(where)
        if found is None:
            # Each by itself: two of different namespaces may have one name.
            those = (id(one) for one in self.policies if unread(one.reads, altered.kind, altered.paths))
            # The kind is kept too, so that nothing else can get its id.
            found = self._unread[where] = altered.kind, frozenset(those)
        left = tuple(one for one in looking if id(one) not in found[1] or one.name in altered.said)
        # The same few are left again and again, and their short cuts are made once.
        return self._left.setdefault(tuple(map(id, left)), left)

    def foretold(self, entity: Entity, facts: PolicyFacts) -> bool:
        """Whether all policies pass or skip by what was told of the entity's document."""
        told = entity.document.told
        if told is None or told.left is None:
            return False
        return told.left.well(facts.plain(entity, self.reads, told.object))

    def well(self, looking: Sequence[Compiled], entity: Entity, facts: PolicyFacts) -> bool:
        """Whether short cuts tell of all policies that they pass or skip."""
        return self._short_cuts(looking).well(facts.plain(entity, self.reads))

    def verdicts(
        self, looking: Sequence[Compiled], entity: Entity, facts: PolicyFacts
    ) -> tuple[Sequence[Verdict], bool]:
        """What the policies say of one entity, and whether the engine was asked for it."""
        plain = facts.plain(entity, self.reads)
        found: list[Verdict | None] = [_TOLD[told] for told in self._short_cuts(looking).told(plain)]
        if None not in found:
            return found, False  # type: ignore[return-value]  # none of them
        self._remember()
        values = self._values(entity, facts, plain)
        found = [verdict or self._known(policy, values) for policy, verdict in zip(looking, found, strict=True)]
        if None not in found:
            return found, False  # type: ignore[return-value]  # none of them
        seen = facts.of(entity, self.reads)
        judged = [
            verdict or self._judge(policy, seen, facts.calls, values)
            for policy, verdict in zip(looking, found, strict=True)
        ]
        return judged, True

    def _short_cuts(self, looking: Sequence[Compiled]) -> ShortCuts:
        known = self._short.get(id(looking))
        if known is None:
            # They are kept too, so that nothing else can get their id.
            known = self._short[id(looking)] = looking, ShortCuts(looking)
        return known[1]

    def _remember(self) -> None:
        """Make room for what the engine says."""
        for policy in self.policies if not self._kept else ():
            plain = policy.surely_kept is not None and (policy.when is None or policy.surely_applies is not None)
            when = None if plain or policy.when is None else policy.when.source
            self._applies[id(policy)] = None if when is None else self.plan.memory(when)
            self._kept[id(policy)] = None if plain else self.plan.memory(policy.require.source)

    def _values(self, entity: Entity, facts: PolicyFacts, plain: Mapping[str, Any]) -> Values:
        """What verdicts on the entity are remembered by."""
        owner = facts.owner(entity, self.reads) if self.plan.owner else None
        changed = facts.changed(entity) if self.plan.git else None
        return self.plan.values(plain["object"], owner, changed)

    def _known(self, policy: Compiled, values: Values) -> Verdict | None:
        """What the policy says of such values, where that was `pass` or `skip` before."""
        if policy.when is not None:
            memory = self._applies[id(policy)]
            applies = None if memory is None else memory.recall(values)
            if applies is not True:
                return None if applies is None else _SKIP
        memory = self._kept[id(policy)]
        return _PASS if memory is not None and memory.recall(values) else None

    def _judge(self, policy: Compiled, seen: Mapping[str, Fact], calls: Calls, values: Values) -> Verdict:
        """The policy's word on one entity, to be remembered for its values."""
        memory = self._applies[id(policy)]
        applies = None if memory is None else memory.known.get(memory.pick(values))
        verdict = judge(policy, seen, calls, applies=applies is True)
        if memory is not None and verdict.error is None:
            memory.learn(values, verdict.outcome != "skip")
        memory = self._kept[id(policy)]
        if memory is not None and verdict.outcome == "pass":
            memory.learn(values, True)
        return verdict


class Book:
    """The policies that look at a kind, compiled when an entity of it comes, and what these can read together.

    One that does not compile is left out: the rule `expression` says why, as an error that nothing passes.
    """

    def __init__(self, base: CatalogView, expressions: Expressions, proved: Proved = nothing_proved) -> None:
        self._base, self._expressions, self._proved = base, expressions, proved
        self.noted = base.memory() is None
        self._by_kind: dict[str, Page] = {}
        self._compiled: dict[Ref, Compiled | None] = {}

    @cached_property
    def entity_paths(self) -> frozenset[KeyPath]:
        """What any of the policies reads of what `entity(...)` gives."""
        policies = [policy for one in self._base.of_kind("policy") if (policy := self._compile(one)) is not None]
        return frozenset(path for policy in policies for path in policy.reads.entity)

    def of(self, kind: str) -> Page:
        self._base.note(POLICIES, kind)
        self._base.note(POLICIES, "*")
        found = self._by_kind.get(kind)
        if found is None:
            with self._base.aside(POLICIES, kind):
                looking = [one for one in self._base.of_kind("policy") if kind in (kinds_of(one) or (kind,))]
            policies = tuple(policy for one in looking if (policy := self._compile(one)) is not None)
            found = self._by_kind[kind] = Page(policies, noted=self.noted)
        return found

    def _compile(self, entity: Entity) -> Compiled | None:
        if entity.ref not in self._compiled:
            try:
                self._compiled[entity.ref] = compile_policy(entity, self._expressions, self._proved(entity))
            except ExpressionError:
                self._compiled[entity.ref] = None
        return self._compiled[entity.ref]


def compile_policy(entity: Entity, expressions: Expressions, proved: bool = False) -> Compiled:
    """Compile one policy; of one of which it is proved that it compiles, each expression when it is evaluated.

    Raises:
        ExpressionError: one of its expressions does not compile.
    """
    compiled = partial(_Later if proved else _compile, expressions)
    when = entity.text("spec", "when")
    severity = entity.text("spec", "severity") or "error"
    require = entity.text("spec", "require") or ""
    pieces = split(entity.text("spec", "message") or entity.name)
    sources = (when or "", require, *(piece.source for piece in pieces if not isinstance(piece, str)))
    return Compiled(
        entity=entity,
        severity=Severity(severity) if severity in tuple(Severity) else Severity.ERROR,
        observe=entity.text("spec", "mode") == "observe",
        match=match_of(entity),
        when_text=when,
        when=None if when is None else compiled(when),
        require=compiled(require),
        message=tuple(piece if isinstance(piece, str) else compiled(piece.source) for piece in pieces),
        reads=reads_of(sources),
        expressions=expressions,
    )


def match_of(policy: Entity) -> Match:
    """What the policy of that document looks at."""
    return Match(
        kinds=kinds_of(policy),
        types=frozenset(policy.texts("spec", "match", "types")),
        environments=frozenset(policy.texts("spec", "match", "environments")),
    )


def judge(policy: Compiled, facts: Mapping[str, Fact], calls: Calls, *, applies: bool = False) -> Verdict:
    """The policy's word on one entity that it matches; with `applies` it is known already that `when` holds."""
    if policy.when is not None and not applies:
        try:
            found = policy.when.evaluate(facts, calls)
        except ExpressionError as fault:
            return _failed(policy, facts, calls, f"in when, {fault}")
        if found is False:
            return _SKIP
        if found is not True:
            return _failed(policy, facts, calls, "when gives no truth value")
    try:
        kept = policy.require.evaluate(facts, calls)
    except ExpressionError as fault:
        if fault.missing:
            return replace(_failed(policy, facts, calls, None), missing=str(fault))
        return _failed(policy, facts, calls, f"in require, {fault}")
    if kept is True:
        return _PASS
    return _failed(policy, facts, calls, None if kept is False else "require gives no truth value")


def _failed(policy: Compiled, facts: Mapping[str, Fact], calls: Calls, error: str | None) -> Verdict:
    message = ""
    for piece in policy.message:
        message += piece if isinstance(piece, str) else _value(piece, facts, calls)
        if len(message) > _LONGEST_MESSAGE:
            message = message[:_LONGEST_MESSAGE] + "..."
            break
    return Verdict(_FAIL, message, error)


def _value(expression: Expression, facts: Mapping[str, Fact], calls: Calls) -> str:
    try:
        return visible(_text(expression.evaluate(facts, calls)))
    except ExpressionError:
        return "(not given)"


def _text(value: Fact) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return show_instant(value)
    if isinstance(value, Mapping):
        # The engine gives a map in another order each time.
        return ", ".join(f"{key}: {_text(value[key])}" for key in sorted(value))
    if isinstance(value, Sequence):
        return ", ".join(_text(inner) for inner in value)
    return str(value)


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


class _Later:
    """An expression that is compiled when it is evaluated first."""

    def __init__(self, expressions: Expressions, source: str) -> None:
        self._expressions = expressions
        self._source = source
        self._compiled: Expression | None = None

    @property
    def source(self) -> str:
        return self._source

    @property
    def gives(self) -> str:
        return self._known().gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        return self._known().evaluate(facts, calls)

    def _known(self) -> Expression:
        if self._compiled is None:
            self._compiled = self._expressions.compile(self._source, POLICY_FACTS, POLICY_FUNCTIONS)
        return self._compiled


def _compile(expressions: Expressions, source: str) -> Expression:
    # Loaded here: what is proved needs none of it.
    from tarmac.rules.fact_fields import refuse_unknown_fields

    compiled = expressions.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    refuse_unknown_fields(source, POLICY_FACTS)
    return compiled


RULE = Rule(ID, Severity.ERROR, __doc__, check)
