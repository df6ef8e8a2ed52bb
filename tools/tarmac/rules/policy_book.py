"""The policies of a catalog, by the kinds that they look at, and what they say of entities of a kind together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from tarmac.catalog.keys import POLICIES, kinds_of
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import (
    Calls,
    Expressions,
    Fact,
)
from tarmac.model.json_value import Path
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy_judging import PASS, SKIP, Compiled, Verdict, compile_policy, judge
from tarmac.rules.policy_outcomes import Memory, Plan, Values
from tarmac.rules.policy_reads import NOTHING, KeyPath
from tarmac.rules.policy_short import ShortCuts
from tarmac.rules.policy_unread import Altered, unread
from tarmac.rules.settings import Proved, nothing_proved

_TOLD = MappingProxyType({True: PASS, False: SKIP, None: None})


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
        return told is not None and told.left.well(facts.plain(entity, self.reads, told.object))

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
                return None if applies is None else SKIP
        memory = self._kept[id(policy)]
        return PASS if memory is not None and memory.recall(values) else None

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
