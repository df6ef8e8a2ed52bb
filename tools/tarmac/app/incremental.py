"""Judging a tree by what is kept of another one: only what the difference touches is judged anew.

A verdict stands unless a key that it rests on is touched (catalog/keys.py), its entity's own document has changed, or
its time is over. Rules that look at everything at once are few and cheap and run each time; circles are looked for
around what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from tarmac.app.ages import NOT_ASKED, Moved
from tarmac.app.check import CheckResult, brought, nothing_to_check, settings_of
from tarmac.app.deps import Reading
from tarmac.app.parts import Part
from tarmac.app.tree_change import SAME, Difference
from tarmac.catalog import keys
from tarmac.catalog.facts import owner_facts
from tarmac.catalog.layered import Layered
from tarmac.catalog.stored import NO_CHANGE
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, in_order
from tarmac.model.frozen import Frozen, replace
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref
from tarmac.rules import Judgement, exempt, rules
from tarmac.rules.kept import Kept, KeptFile
from tarmac.rules.policy_reads import facet
from tarmac.rules.policy_unread import Altered
from tarmac.rules.rule import Knot, Rule
from tarmac.rules.tracing import apart, knots, whole

Kinds: TypeAlias = Mapping[tuple[str, str], KindInfo]
# The rule that says of a policy what does not compile.
EXPRESSION = "expression"


class State(Frozen):
    """A tree, judged by what is kept of another one.

    `ruled` are the raw findings of the entities that were judged anew or are gone. `judgement` is about the findings
    of knots and whole rules, and all those of the rules in `exempted`, which an exemption names: how many of one rule
    there are decides whether it holds.
    """

    kept: Kept
    there: Difference
    catalog: Layered
    ruled: Mapping[Ref, tuple[Finding, ...]]
    exempted: frozenset[str]
    judgement: Judgement

    def findings(self, paths: Iterable[str], refs: Iterable[Ref]) -> tuple[Finding, ...]:
        """The findings about the form of these files, those about these entities, and all of `judgement`."""
        found = [finding for path in paths for finding in self.form(path)]
        found += [finding for ref in refs for finding in self._of(ref) if finding.rule not in self.exempted]
        return in_order([*found, *self.judgement.findings])

    def form(self, path: str) -> tuple[Finding, ...]:
        """What is said of the form of a file."""
        if path not in self.there.parts:
            kept = self.kept.file(path)
            return () if kept is None else kept.findings
        return _form(self.there.parts[path])

    def count(self) -> int:
        """How many findings there are in all."""
        ruled = self.kept.totals.ruled - sum(len(self.kept.ruled(ref)) for ref in self.ruled)
        ruled += sum(map(len, self.ruled.values())) - len(_of_rules(self.kept, self.ruled, self.exempted))
        return self.form_count() + ruled + len(self.judgement.findings)

    def form_count(self) -> int:
        """How many findings there are about the form of documents."""
        old = (self.kept.file(path) for path in self.there.parts)
        gone = sum(len(file.findings) for file in old if file is not None)
        return self.kept.totals.form - gone + sum(len(self.form(path)) for path in self.there.parts)

    def whole(self, revision: str) -> CheckResult:
        """All that is found in the tree, which is called `revision`.

        Raises:
            ConfigurationError: there is nothing to read in it.
        """
        form, result = all_form(self.kept, self.there), self.result((), None)
        if result.files == 0 and not form:
            raise nothing_to_check(revision)
        ruled = [one for ref, one in self.kept.all_ruled() if ref not in self.ruled]
        ruled += [one for findings in self.ruled.values() for one in findings]
        left = (one for one in ruled if one.rule not in self.exempted)
        return replace(result, findings=in_order([*form, *left, *self.judgement.findings]))

    def result(self, findings: tuple[Finding, ...], known: int | None) -> CheckResult:
        """The counts of the whole tree, with these findings."""
        pairs = [(self.kept.file(path), part) for path, part in self.there.parts.items()]
        totals, entities = self.kept.totals, self.there.change.entities.values()
        return CheckResult(
            catalog=self.catalog,
            findings=findings,
            files=count_files(self.kept, self.there),
            documents=totals.documents + sum(_documents(new) - _documents(old) for old, new in pairs),
            entities=totals.entities + sum(len(one.after) - len(one.before) for one in entities),
            exempted=self.judgement.exempted,
            known=known,
        )

    def _of(self, ref: Ref) -> tuple[Finding, ...]:
        return self.ruled[ref] if ref in self.ruled else self.kept.ruled(ref)


def count_files(kept: Kept, there: Difference) -> int:
    """How many files of the tree are parsed."""
    return kept.totals.files + sum(_counted(new) - _counted(kept.file(path)) for path, new in there.parts.items())


def all_form(kept: Kept, there: Difference) -> list[Finding]:
    """What is said of the form of all files of the tree."""
    found = [one for path, said in kept.all_form() if path not in there.parts for one in said]
    return found + [one for part in there.parts.values() for one in _form(part)]


def judge_difference(
    kept: Kept, there: Difference, base: Difference, reading: Reading, now: datetime, moved: Moved = NOT_ASKED
) -> State:
    """Judge the tree that differs by `there` from what is kept, by the policies of the one that differs by `base`.
    `moved` says how old its files are.

    Raises:
        CacheFault: what is kept cannot be trusted.
    """
    kinds = reading.gate.kinds
    catalog = Layered.over(kept, there.change, kinds)
    judges = Layered.over(kept, base.change, kinds)
    settings = replace(settings_of(judges, reading, now, moved.ages), proved=Compiling(kept, base))
    stale = _stale(kept, there, base, catalog, now, moved.paths)
    anew = stale | there.change.entities.keys()
    # Rules look at whatever an entity names; what policies ask besides stands of most that has only changed itself.
    catalog.ahead_around(anew)
    catalog.ahead_asked(stale)
    settings = replace(settings, altered=_Alterations(kept, there, stale, kinds))
    running = rules({ref.kind for ref in anew})
    ruled = dict.fromkeys(anew, ()) | apart(catalog.focused(anew), settings, running)
    loose = [knot.finding for knot in _knots(kept, there, catalog, running)]
    loose += whole(catalog, settings, running)
    exempted = frozenset(rule for one in settings.base.of_kind("exemption") if (rule := one.text("spec", "rule")))
    judgement = exempt([*_of_rules(kept, ruled, exempted), *loose], catalog, settings)
    return State(kept, there, catalog, ruled, exempted, judgement)


def compare(before: State, after: State, revision: str) -> CheckResult:
    """What `after`, which is called `revision`, has that `before` has not, the others counted.

    Raises:
        ConfigurationError: there is nothing to read after.
    """
    paths = before.there.parts.keys() | after.there.parts.keys()
    refs = before.ruled.keys() | after.ruled.keys()
    # Findings are told apart within a file and an entity: what is looked at of one side is looked at of the other.
    refs |= {ref for path in paths for ref in before.kept.at(path)}
    paths |= {
        entity.path for state in (before, after) for ref in refs if (entity := state.catalog.get(ref)) is not None
    }
    new = brought(before.findings(paths, refs), after.findings(paths, refs))
    number = after.count()
    result = after.result(new, number - len(new))
    if result.files == 0 and after.form_count() == 0:
        raise nothing_to_check(revision)
    return result


class Compiling:
    """Whether the rule about expressions looked at a document of a tree and found nothing."""

    def __init__(self, kept: Kept, base: Difference) -> None:
        self._kept, self._base = kept, base
        self._wrong: frozenset[Ref] | None = None

    def __call__(self, judge: Entity) -> bool:
        if self._wrong is None:
            self._wrong = frozenset(ref for ref, _ in self._kept.by_rule(EXPRESSION))
        return judge.ref not in self._base.change.entities and judge.ref not in self._wrong


class _Alterations:
    """How the documents of entities differ from those that are kept, where nothing else that their verdicts rest on
    has changed, as it has for those that are `stale`."""

    def __init__(self, kept: Kept, there: Difference, stale: frozenset[Ref], kinds: Kinds) -> None:
        self._kept, self._there, self._stale, self._kinds = kept, there, stale, kinds

    def __call__(self, entity: Entity) -> Altered | None:
        standing = self._there.change.entities.get(entity.ref)
        kind = self._kinds.get(entity.document.kind_key or ("", ""))
        if standing is None or kind is None or entity.ref in self._stale:
            return None
        if len(standing.before) != 1 or len(standing.after) != 1:
            return None
        old, new = standing.before[0].document, standing.after[0].document
        file = self._kept.file(old.path)
        # Nothing is said of what has not the form of its kind, whatever a policy found.
        if (old.path, old.index) != (new.path, new.index) or file is None or file.findings:
            return None
        said = frozenset(finding.rule for finding in self._kept.ruled(entity.ref))
        return Altered(kind, standing.differing, said)


def _stale(
    kept: Kept, there: Difference, base: Difference, catalog: Layered, now: datetime, aged: Iterable[str]
) -> frozenset[Ref]:
    """The entities whose verdicts do not stand, whether their own documents have changed or not."""
    touched = {keys.number((keys.JUDGED, *key)) for key in _touched(there, catalog)}
    touched |= {keys.number((keys.JUDGING, *key)) for key in _touched(base, catalog)}
    touched |= {keys.number((keys.JUDGED, keys.AGE, path)) for path in aged}
    readers, topics = kept.readers(touched)
    owners = [Ref(*topic[2:]) for topic in sorted(topics)]
    more, _ = kept.readers(set(_owners_touched(kept, owners, catalog)))
    return readers | more | kept.untimely(now)


def _touched(there: Difference, catalog: Layered) -> Iterator[tuple[str, ...]]:
    if there is SAME:
        return
    yield from there.change.touched(catalog.stated)
    if Layered.over(catalog.kept, there.change, catalog.kinds).kinds_present() != tuple(sorted(catalog.kept.kinds())):
        yield (keys.KINDS,)


def _owners_touched(kept: Kept, owners: Iterable[Ref], catalog: Layered) -> Iterator[int]:
    """The facts of teams that are other than they were."""
    before = Layered.over(kept, NO_CHANGE, catalog.kinds)
    for owner in owners:
        old, new = (owner_facts(one, one.get(owner)) for one in (before, catalog))
        for names in kept.facets:
            if facet(old, names.split(",")) != facet(new, names.split(",")):
                yield keys.number((keys.JUDGED, keys.OWNER, str(owner), names))


def _knots(kept: Kept, there: Difference, catalog: Layered, running: Iterable[Rule]) -> tuple[Knot, ...]:
    """The knots of a tree.

    A knot that was there and none of whose members has changed hangs together still. It may be part of a larger one
    now; that one has a member that refers to others than before, and is found from there.
    """
    old = kept.knots()
    if there is SAME:
        return old
    changed = there.change.entities.keys()
    roots = catalog.rewired.union(*(knot.members for knot in old if not changed.isdisjoint(knot.members)))
    new = knots(catalog.focused(roots), running)
    still = [knot for knot in old if roots.isdisjoint(knot.members) and not _within(knot, new)]
    return (*still, *new)


def _within(knot: Knot, others: Iterable[Knot]) -> bool:
    return any(knot.by == other.by and knot.members <= other.members for other in others)


def _of_rules(kept: Kept, ruled: Mapping[Ref, tuple[Finding, ...]], names: Iterable[str]) -> list[Finding]:
    """All findings of these rules, before exemptions."""
    wanted = sorted(names)
    found = [finding for name in wanted for ref, finding in kept.by_rule(name) if ref not in ruled]
    return found + [finding for findings in ruled.values() for finding in findings if finding.rule in wanted]


def _form(part: Part | None) -> tuple[Finding, ...]:
    return () if part is None else tuple(dict.fromkeys(part.findings))


def _counted(file: KeptFile | Part | None) -> int:
    return file is not None and file.counted


def _documents(file: KeptFile | Part | None) -> int:
    if file is None:
        return 0
    return file.documents if isinstance(file, KeptFile) else len(file.documents)
