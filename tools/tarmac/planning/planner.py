"""Desired state against actual state: what to do, for every request and every instance, and why.

Pure, and the same for the same input. Whatever is not certain is held, never guessed: a provider that cannot list,
a request with errors, a file that cannot be read, a name that may be a rename.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tarmac.model.frozen import replace
from tarmac.model.ledger import Phase, RequestState, Subject
from tarmac.model.plan import (
    Action,
    Approval,
    Change,
    Desired,
    Drift,
    Held,
    Inventory,
    Observation,
    Plan,
    Presence,
    Tags,
    Verb,
    whole_of,
)
from tarmac.model.values import show_instant
from tarmac.planning.composed import together, why_part_stays
from tarmac.planning.differ import differences, drifted, replacements
from tarmac.planning.identity import next_life
from tarmac.planning.limits import approved
from tarmac.planning.renames import possible_renames
from tarmac.planning.rotation import rotation_is_due, why_rotated
from tarmac.planning.ttl import expiry, has_expired, in_grace, is_over, life_span, removal, why_expired
from tarmac.planning.waiting import short_name, waiting
from tarmac.planning.world import Found, World


def plan(
    desired: Iterable[Desired],
    states: Iterable[RequestState],
    inventories: Mapping[str, Inventory],
    *,
    platform: str,
    base: str,
    now: datetime,
    unreadable: Sequence[str] = (),
    silent: Container[str] = (),
    approvals: Sequence[Approval] = (),
    withheld: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """The steps from what is there to what is wanted.

    `states` are the ledger's, `inventories` the providers' by name (one that is missing could not list), `platform`
    the uid that marks what is ours, `unreadable` the files of which it is not known what they ask for: while there
    are any, nothing is deleted for being absent. `silent` are files that are there and hold no entity (empty, or left
    out by spec.ignore): the requests that once stood in them are held. `withheld` are reasons by uid why nothing is
    done about an instance that no request asks for any more.
    """
    known = tuple(states)
    world = World.of(together(desired, known, inventories, platform), known, inventories, platform, now)
    renamed = possible_renames(world, approvals, now)
    actions = [_for_request(world, want, now, renamed, approvals) for want in world.desired]
    actions = list(waiting(world, actions))
    rest = (unreadable, silent, renamed, now, approvals, withheld)
    actions += [_for_leftover(world, state, *rest) for state in world.leftovers]
    actions += _orphans(world)
    ours = [replace(action, uid=None) if world.is_foreign(action) else action for action in actions]
    return Plan(base, tuple(sorted(ours, key=lambda action: action.order)))


def _for_request(
    world: World, want: Desired, now: datetime, renamed: Mapping[str, str], approvals: Sequence[Approval]
) -> Action:
    found = world.found(want)
    held = want.hold or world.blocked(want, found)
    if held:
        return _act(world, Verb.HOLD, want, found, held)
    if want.request in renamed:
        return replace(_act(world, Verb.HOLD, want, found, renamed[want.request]), held=Held.RENAME)
    if found.observation is not None:
        return _present(world, want, found, found.observation, now, approvals)
    if found.state is not None and found.state.phase.ended:
        return _after_the_end(world, want, found.state, now)
    return _absent(world, want, found, now)


def _after_the_end(world: World, want: Desired, state: RequestState, now: datetime) -> Action:
    ready_at = state.ready_at if state.phase is Phase.EXPIRED else None
    if is_over(want, state, now):
        return _act(world, Verb.NONE, want, Found(), _gone(want, ready_at, state.since, now))
    if state.phase is Phase.EXPIRED:
        end = expiry(want, ready_at)
        until = "it is permanent now" if end is None else f"its end was moved to {show_instant(end)}"
        return _create(world, want, state, f"it had expired, and {until}")
    return _create(world, want, state, "it is asked for again")


def _absent(world: World, want: Desired, found: Found, now: datetime) -> Action:
    state = found.state
    if state is None:
        if has_expired(want, None, now):
            return _act(world, Verb.NONE, want, found, _gone(want, None, now, now))
        return _create(world, want, None, f"asked for in {want.path}, {life_span(want)}")
    if has_expired(want, state.ready_at, now):
        return _act(
            world, Verb.EXPIRE, want, found, f"{why_expired(want, state.ready_at)}; the provider has nothing left"
        )
    if _refused(want, state):
        return _act(world, Verb.HOLD, want, found, f"the provider refused it: {state.message}; change the request")
    if state.open is not None:
        reason = f"an earlier run stopped during {state.open}: the outcome is looked up by uid"
        return _act(world, Verb.RETRY, want, found, reason)
    if state.phase is Phase.READY:
        return _act(
            world, Verb.CREATE, want, found, "it was ready, and the provider has it no longer: it is made again"
        )
    return _act(world, Verb.RETRY, want, found, _again(state))


def _present(
    world: World, want: Desired, found: Found, there: Observation, now: datetime, approvals: Sequence[Approval]
) -> Action:
    state = found.state
    tags = there.tags
    ready_at = found.ready_at
    if has_expired(want, ready_at, now):
        last = removal(want, ready_at)
        if last is None or now < last:
            return _act(world, Verb.NONE, want, found, in_grace(want, ready_at, last))
        return _act(world, Verb.EXPIRE, want, found, why_expired(want, ready_at))
    config = there.config if there.config is not None else (state.subject.config if state else want.config)
    changes = differences(want, tags, state.subject if state else None, config)
    drift = drifted(changes, state.subject if state is not None and state.is_settled else None)
    if want.drift is not Drift.MEND:
        changes = tuple(change for change in changes if change not in drift)
    fixed = replacements(want, changes)
    if state is not None and _refused(want, state):
        return _act(
            world, Verb.HOLD, want, found, f"the provider refused it: {state.message}; change the request", changes
        )
    if fixed and _lasts(want, state, tags) and not approved(want.path, approvals, now):
        reason = (
            f"{' and '.join(fixed)} cannot change in place: it would be replaced and its data lost, so it waits for "
            f"a DeletionApproval that names {want.path}"
        )
        return replace(_act(world, Verb.HOLD, want, found, reason, changes), held=Held.REPLACEMENT)
    if fixed:
        successor = next_life(world.platform, want.request, found.life(world.platform), world.taken)
        reason = f"{' and '.join(fixed)} cannot change in place: its data is lost"
        return replace(_act(world, Verb.REPLACE, want, found, reason, changes), successor=successor)
    if state is None:
        return _act(world, Verb.ADOPT, want, found, "the inventory has it, the ledger does not", changes)
    if state.open is not None:
        reason = f"an earlier run stopped during {state.open}: the outcome is looked up by uid"
        return _act(world, Verb.RETRY, want, found, reason, changes)
    if there.presence is Presence.PENDING:
        return _act(world, Verb.NONE, want, found, f"still being made since {show_instant(state.since)}")
    if there.presence is Presence.BROKEN:
        reason = "only half of it is there: it is taken up again"
        return _act(world, Verb.RETRY, want, found, reason, changes)
    if state.phase is not Phase.READY:
        return _act(world, Verb.RETRY, want, found, _again(state), changes)
    paths = tuple(change.path for change in drift)
    if changes:
        reason = _differs(changes, state) if changes != drift else f"{', '.join(paths)} drifted: made right again"
        return replace(_act(world, Verb.UPDATE, want, found, reason, changes), drifted=paths)
    if rotation_is_due(want, there.credential_since, now):
        return _act(world, Verb.ROTATE, want, found, why_rotated(want, there.credential_since))
    if drift and want.drift is Drift.REPORT:
        reason = f"{', '.join(paths)} drifted: its type has that reported, not made right"
        return replace(_act(world, Verb.NONE, want, found, reason, drift), drifted=paths)
    return _act(world, Verb.NONE, want, found, "as it should be")


def _refused(want: Desired, state: RequestState) -> bool:
    """Whether the provider has refused for good exactly what is wanted."""
    return state.refused is not None and state.refused == want.digest


def _for_leftover(
    world: World,
    state: RequestState,
    unreadable: Sequence[str],
    silent: Container[str],
    renamed: Mapping[str, str],
    now: datetime,
    approvals: Sequence[Approval],
    withheld: Mapping[str, str],
) -> Action:
    """A state that no request claims, and that is not over (or whose instance is there all the same)."""
    subject = state.subject
    there = world.observed(subject.provider, subject.uid)
    act = Action(
        verb=Verb.HOLD,
        request=subject.request,
        uid=subject.uid,
        type=subject.type,
        provider=subject.provider,
        reason="",
        owner=subject.owner,
        path=subject.path,
        live=there is not None,
        life=subject.life,
        ready_at=state.ready_at,
    )
    earlier = subject.request in world.wanted
    blocked = world.provider_fault(subject.provider) or world.foreign_fault(subject.provider, subject.uid)
    blocked = withheld.get(subject.uid) or blocked
    if blocked:
        return replace(act, reason=blocked)
    if not earlier and subject.request in renamed:
        return replace(act, reason=renamed[subject.request], held=Held.RENAME)
    changed = None if earlier else world.wholes.get(whole_of(subject.request))
    if changed is not None and changed.hold is None and has_expired(changed, state.ready_at, now):
        return replace(act, verb=Verb.EXPIRE, reason=why_expired(changed, state.ready_at))
    if changed is not None:
        why = why_part_stays(changed, subject.environment, approvals, now)
        if why is not None:
            return replace(act, reason=why, held=Held.REPLACEMENT if changed.hold is None else None)
    if not earlier and unreadable:
        more = f" and {len(unreadable) - 1} more files" if len(unreadable) > 1 else ""
        reason = f"nothing is deleted while {unreadable[0]}{more} cannot be read"
        return replace(act, reason=reason)
    if not earlier and subject.path in silent:
        return replace(act, reason=f"{subject.path} is there and asks for nothing: remove the file to let it go")
    user = world.users.get(subject.request) or world.users.get(whole_of(subject.request))
    if not earlier and user is not None:
        return replace(act, reason=f"{short_name(user)} still depends on it")
    if not earlier and subject.protected and there is not None:
        return replace(act, reason=_protection(subject), held=Held.PROTECTION)
    reason = "an earlier instance of this request" if earlier else f"{subject.path} no longer asks for it"
    if changed is not None:
        reason = "its request is no longer made of it"
    if state.phase.ended:
        reason += f"; it was {state.phase}, and the provider has it again"
    elif there is None:
        reason += "; the provider has nothing left"
    elif state.attempts:
        reason += f"; attempt {state.attempts + 1}: {state.message}"
    return replace(act, verb=Verb.DELETE, reason=reason)


def _protection(subject: Subject) -> str:
    return (
        f"it is protected in {subject.environment}: put {subject.path} back, merge deletionProtection: false (or a "
        "DeletionApproval that names it) and let that be reconciled, then remove the file"
    )


def _orphans(world: World) -> Iterator[Action]:
    for there, tags in world.unclaimed:
        yield Action(
            verb=Verb.ORPHAN,
            request=tags.reference,
            uid=there.uid,
            type=tags.type,
            provider=there.provider,
            reason="made by this platform, but neither git nor the ledger knows it: it is left alone",
            owner=tags.owner,
            live=True,
        )


def _lasts(want: Desired, state: RequestState | None, tags: Tags | None) -> bool:
    """Whether its type is there for good where it is, or where it goes: what ends anyway may be made anew."""
    known = (want, tags, None if state is None else state.subject)
    return not {one.environment for one in known if one is not None} <= set(want.temporary)


def _create(world: World, want: Desired, last: RequestState | None, reason: str) -> Action:
    life, uid = next_life(world.platform, want.request, last.subject.life if last else 0, world.taken)
    return replace(_act(world, Verb.CREATE, want, Found(), reason), uid=uid, life=life)


def _act(
    world: World, verb: Verb, want: Desired, found: Found, reason: str, changes: tuple[Change, ...] = ()
) -> Action:
    return Action(
        verb=verb,
        request=want.request,
        uid=found.uid,
        type=want.type_text,
        provider=found.provider or want.provider,
        reason=reason,
        changes=changes,
        owner=want.owner,
        path=want.path,
        live=found.observation is not None,
        life=found.life(world.platform),
        ready_at=found.ready_at,
    )


def _gone(want: Desired, ready_at: datetime | None, since: datetime, now: datetime) -> str:
    # What is over had an end.
    end = expiry(want, ready_at) or since
    if now < end:
        # Nothing comes back because a clock went back.
        return (
            f"removed on {show_instant(since)}, as its end was {show_instant(end)}; that it is {show_instant(now)} now "
            "brings nothing back"
        )
    return f"expired on {show_instant(end)}: remove {want.path}, or move its end"


def _again(state: RequestState) -> str:
    if state.phase.ended:
        return f"it was {state.phase}, and the provider has it again"
    if not state.attempts:
        return "it was still being made"
    return f"attempt {state.attempts + 1}, after: {state.message}"


def _differs(changes: tuple[Change, ...], state: RequestState) -> str:
    paths = ", ".join(change.path for change in changes)
    return f"{paths} changed" if not state.attempts else f"{paths} changed; {_again(state)}"
