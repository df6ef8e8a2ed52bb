"""What the planner looks at, indexed once: wishes, states and inventories, and which of them belong together."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from functools import cached_property

from tarmac.model.frozen import Frozen
from tarmac.model.ledger import RequestState
from tarmac.model.plan import Action, Desired, Inventory, Observation, Tags
from tarmac.planning.composed import wholes
from tarmac.planning.identity import life_of
from tarmac.planning.ttl import is_over


class Found(Frozen):
    """What belongs to a request: the current state and the instance, either of which may be missing."""

    state: RequestState | None = None
    observation: Observation | None = None

    @property
    def uid(self) -> str | None:
        if self.state is not None:
            return self.state.subject.uid
        return None if self.observation is None else self.observation.uid

    @property
    def provider(self) -> str | None:
        if self.observation is not None:
            return self.observation.provider
        return None

    @property
    def ready_at(self) -> datetime | None:
        """The ledger's word goes first: an instance that was lost and made again keeps its end."""
        if self.state is not None and self.state.ready_at is not None:
            return self.state.ready_at
        tags = None if self.observation is None else self.observation.tags
        return None if tags is None else tags.ready_at

    @property
    def known(self) -> tuple[str, str] | None:
        """The request that it was made for, by the ledger or else by its own tags, and that one's owner."""
        if self.state is not None:
            return self.state.subject.request, self.state.subject.owner
        tags = None if self.observation is None else self.observation.tags
        return None if tags is None else (tags.reference, tags.owner)

    def life(self, platform: str) -> int:
        if self.state is not None:
            return self.state.subject.life
        tags = None if self.observation is None else self.observation.tags
        return 0 if tags is None else life_of(platform, tags.reference, tags.uid)


class World(Frozen, dict=True):
    """The indexes.

    `claims` says for each wanted reference what it found; `leftovers` are states that nothing claims and that are not
    over (or whose instance is there all the same); `unclaimed` are instances of ours that neither a request nor a
    state knows; `taken` holds every uid that is in use anywhere.
    """

    platform: str
    desired: tuple[Desired, ...]
    wanted: frozenset[str]
    inventories: Mapping[str, Inventory]
    instances: Mapping[tuple[str, str], Observation]
    taken: frozenset[str]
    claims: Mapping[str, Found]
    leftovers: tuple[RequestState, ...]
    unclaimed: tuple[tuple[Observation, Tags], ...]

    @classmethod
    def of(
        cls,
        desired: Iterable[Desired],
        states: Iterable[RequestState],
        inventories: Mapping[str, Inventory],
        platform: str,
        now: datetime,
    ) -> World:
        """Index, and match each wish by name, then by earlier names, then by the instances' own tags."""
        wishes = tuple(sorted(desired, key=lambda want: want.request))
        wanted = frozenset(want.request for want in wishes)
        known = sorted(states, key=lambda state: (state.phase.ended, -state.subject.life, state.subject.uid))
        instances = {
            (name, there.uid): there for name, inventory in inventories.items() for there in inventory.instances
        }
        current: dict[str, RequestState] = {}
        for state in known:
            current.setdefault(state.subject.request, state)
        known_uids = frozenset(state.subject.uid for state in known)
        tagged = _by_reference(instances, known_uids, platform)
        claims: dict[str, Found] = {}
        claimed: set[str] = set()
        for want in wishes:
            found = _claim(want, wanted, current, tagged, instances, platform, claimed, now)
            claims[want.request] = found
            if found.uid is not None:
                claimed.add(found.uid)
        return cls(
            platform=platform,
            desired=wishes,
            wanted=wanted,
            inventories=inventories,
            instances=instances,
            taken=known_uids | frozenset(uid for _, uid in instances),
            claims=claims,
            leftovers=tuple(
                state
                for state in known
                if state.subject.uid not in claimed
                and (
                    not state.phase.ended or _ours(instances.get((state.subject.provider, state.subject.uid)), platform)
                )
            ),
            unclaimed=tuple(
                (there, there.tags)
                for (_, uid), there in sorted(instances.items())
                if uid not in claimed
                and uid not in known_uids
                and there.tags is not None
                and there.tags.platform == platform
            ),
        )

    @cached_property
    def users(self) -> Mapping[str, str]:
        """Of each request that a wanted one depends on: the first of those, by name."""
        found: dict[str, str] = {}
        for want in self.desired:
            for name in want.needs:
                found.setdefault(name, want.request)
        return found

    @cached_property
    def wholes(self) -> Mapping[str, Desired]:
        """Of each request that is wanted, whole or in parts: one of its wishes, one that is held if there is."""
        return wholes(self.desired)

    @cached_property
    def _needs(self) -> Mapping[str, tuple[str, ...]]:
        return {want.request: want.needs for want in self.desired}

    def needs(self, request: str | None) -> tuple[str, ...]:
        """What a request depends on."""
        return self._needs.get(request or "", ())

    def found(self, want: Desired) -> Found:
        return self.claims[want.request]

    def observed(self, provider: str, uid: str) -> Observation | None:
        """The instance, if it is there and ours."""
        there = self.instances.get((provider, uid))
        return there if _ours(there, self.platform) else None

    def provider_fault(self, provider: str) -> str | None:
        """Why nothing can be decided about the provider's instances, or None."""
        inventory = self.inventories.get(provider)
        if inventory is None:
            return f"there is no provider {provider}"
        if inventory.failure is not None:
            return f"provider {provider} could not list its instances: {inventory.failure}"
        return None

    def foreign_fault(self, provider: str, uid: str) -> str | None:
        """Why what stands under the uid must not be touched, or None."""
        there = self.instances.get((provider, uid))
        if there is None or _ours(there, self.platform):
            return None
        if there.tags is None:
            return f"the tags of its instance cannot be read: {there.fault or 'no reason given'}"
        return "what stands under its uid belongs to another platform"

    def is_foreign(self, action: Action) -> bool:
        """Whether the action's uid stands for an instance of another platform."""
        there = self.instances.get((action.provider, action.uid or ""))
        return there is not None and there.tags is not None and there.tags.platform != self.platform

    def blocked(self, want: Desired, found: Found) -> str | None:
        """Why nothing may be done for a wish, whatever it asks for."""
        names = {want.provider}
        if found.state is not None:
            names.add(found.state.subject.provider)
        for name in sorted(names):
            fault = self.provider_fault(name)
            if fault is None and found.uid is not None:
                fault = self.foreign_fault(name, found.uid)
            if fault is not None:
                return fault
        for old in want.previously:
            if old in self.wanted:
                return f"previously names {old}, which still exists: a request takes over only what is gone"
        known = found.known
        if known is not None and known[0] != want.request and known[1] != want.owner:
            # Who approved that it goes did not give it away, and it is nowhere in git any more to ask its owner by.
            name, owner = known
            return f"previously names {name} of {owner}: take it over as {owner} first, and change the owner after that"
        return None


def _ours(there: Observation | None, platform: str) -> bool:
    return there is not None and there.tags is not None and there.tags.platform == platform


def _by_reference(
    instances: Mapping[tuple[str, str], Observation], known: frozenset[str], platform: str
) -> Mapping[str, Observation]:
    """Instances of ours without a state, by the reference in their tags; of several the first by uid."""
    found: dict[str, Observation] = {}
    for (_, uid), there in sorted(instances.items()):
        if uid not in known and _ours(there, platform) and there.tags is not None:
            found.setdefault(there.tags.reference, there)
    return found


def _claim(
    want: Desired,
    wanted: frozenset[str],
    current: Mapping[str, RequestState],
    tagged: Mapping[str, Observation],
    instances: Mapping[tuple[str, str], Observation],
    platform: str,
    taken: Container[str],
    now: datetime,
) -> Found:
    def with_instance(state: RequestState) -> Found:
        there = instances.get((state.subject.provider, state.subject.uid))
        return Found(state, there if _ours(there, platform) else None)

    own = current.get(want.request)
    if own is not None and (not own.phase.ended or is_over(want, own, now)):
        return with_instance(own)
    earlier = tuple(old for old in want.previously if old not in wanted)
    for name in earlier:
        state = current.get(name)
        if state is not None and not state.phase.ended and state.subject.uid not in taken:
            return with_instance(state)
    if own is not None:
        return with_instance(own)
    for name in (want.request, *earlier):
        there = tagged.get(name)
        if there is not None and there.uid not in taken:
            return Found(None, there)
    return Found()
