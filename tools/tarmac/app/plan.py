"""plan: what would reconcile do, and why?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime

from tarmac.app.ages import Histories, ages_at
from tarmac.app.check import judge
from tarmac.app.deps import Clock, Courier, FiguresKept, Git, Ledger, NoticesKept, Pace, ProviderOpener, Reading
from tarmac.app.load import load
from tarmac.app.plan_budget import within_budget
from tarmac.app.plan_reads import Silent, given_approvals
from tarmac.app.proof_values import Proven, Proving
from tarmac.catalog.index import Catalog
from tarmac.errors import ConfigurationError, ProviderError, UsageError
from tarmac.model.expressions import Expressions
from tarmac.model.findings import Severity
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.ledger import Head, Phase, RequestState
from tarmac.model.plan import Breach, Desired, Inventory, Plan, Verb, inventory_digest
from tarmac.model.proof import Unproved
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.planning.desired import desired, findings_to_holds, lifted
from tarmac.planning.letters import AddressBook, address_book
from tarmac.planning.limits import breaches, limits
from tarmac.planning.planner import plan
from tarmac.planning.rotation import at_once
from tarmac.planning.until import NotedInstant, Until
from tarmac.providers.base import Capability, Provider
from tarmac.reports.report import exempted_line
from tarmac.rules.exemption import Exempted
from tarmac.rules.tag import instance_faults

DEFAULT_REVISION = "HEAD"


def _unknown(revision: str, paths: Collection[str]) -> Mapping[str, datetime]:
    """Nobody knows when anything was merged."""
    return {}


class Deps(Frozen):
    """What plan and reconcile work through. `places` says of a provider where it looks, where a person chooses
    that. `clock` is the real one (without it all happens at `now`), `pace` how failed steps are tried again,
    `holder` names this clone in leases, `merged` tells when files came to a revision as they are, `histories` when
    a person changed them, `figures` keeps how things stand, `notices` which ones are open, `courier` sends them
    (without it they stand in the report only), `only_run` keeps other runs of the clone out while it is entered.
    `proving` is how approvals are proved; without it merging is approving. `remote` is where the ledger is kept, None:
    here."""

    git: Git
    reading: Reading
    ledger: Ledger
    providers: ProviderOpener
    places: Mapping[str, str] = field(default_factory=dict)
    clock: Clock | None = None
    pace: Pace = field(default_factory=Pace)
    holder: str = ""
    merged: Callable[[str, Collection[str]], Mapping[str, datetime]] = _unknown
    histories: Histories | None = None
    figures: FiguresKept | None = None
    notices: NoticesKept | None = None
    courier: Courier | None = None
    proving: Proving | None = None
    only_run: Callable[[], AbstractContextManager[None]] = nullcontext
    remote: str | None = None


class Planned(Frozen):
    """A plan with everything that it was made from. `notes` are sentences for a person, `where` says which revision
    it is for, `inventory` is the digest of what the providers say is there. `unproved` are commits whose approval is
    not proved, `stopped` says why nothing at all is done, `book` where people are told."""

    plan: Plan
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...]
    now: datetime
    platform: str
    desired: Mapping[str, Desired]
    states: Mapping[str, RequestState]
    head: Head
    providers: Mapping[str, Provider]
    where: str = ""
    inventory: str = ""
    unproved: tuple[Unproved, ...] = ()
    stopped: str | None = None
    book: AddressBook = field(default_factory=AddressBook)


def make_plan(
    deps: Deps,
    revision: str,
    now: datetime,
    rotate: Collection[str] = (),
    proven: Proven | None = None,
    until: Until | None = None,
) -> Planned:
    """Plan from one commit: uncommitted files are never seen. `rotate` names requests whose credential is to be
    replaced whatever its age. With `proven` the plan is made from what is proved to be approved. `until` (of `now`)
    hears how long all of it stands, `now` itself apart.

    Raises:
        UsageError: there is no such commit, or no such request to rotate.
        ConfigurationError: it holds no documents, or no Platform with a uid.
    """
    proven = proven or Proven(deps.git.commit(revision).id)
    commit = deps.git.commit(proven.commit)
    loaded = load(deps.git.tree(commit.id), deps.reading)
    catalog = loaded.catalog
    ages = ages_at(catalog, deps.histories, commit.id)
    result = judge(loaded, catalog, deps.reading, now, ages, None if until is None else until.holds)
    instant = now if until is None else NotedInstant.of(until)
    platform = _platform_uid(catalog)
    holds, unreadable = findings_to_holds(catalog, result.findings)
    given = given_approvals(catalog, result.findings)
    wishes = _with_rotations(tuple(lifted(desired(catalog, holds), given, instant)), rotate)
    wishes = tuple(_proved(wish, proven) for wish in wishes)
    head = deps.ledger.head()
    states = _ours(deps.ledger.living(head), platform)
    names = {wish.provider for wish in wishes if wish.provider}
    names |= {state.subject.provider for state in states.values()}
    providers, closed = _open(deps.providers, platform, names)
    wishes = tuple(_refused(wish, providers.get(wish.provider)) for wish in wishes)
    inventories = {**{name: _inventory(provider) for name, provider in sorted(providers.items())}, **closed}
    states |= _ours(deps.ledger.past(head, _past(wishes, states, inventories, platform)), platform)
    there = inventories.values()
    wishes = within_budget(catalog, wishes, states.values(), there, platform, deps.reading.expressions, instant)
    made = plan(
        wishes,
        states.values(),
        inventories,
        platform=platform,
        base=commit.id,
        now=instant,
        unreadable=unreadable,
        silent=Silent(catalog),
        approvals=given,
        withheld=_withheld(states, proven),
    )
    return Planned(
        plan=made,
        breaches=breaches(
            made,
            inventories,
            platform=platform,
            limits=limits(catalog),
            approvals=given,
            now=instant,
            wanted=len(wishes),
        ),
        notes=(
            *proven.notes,
            *_notes(inventories),
            *_tag_notes(inventories, platform, catalog, deps.reading.expressions),
            *_exempted(result.exempted),
            *_lost(made, states, inventories, deps.places),
        ),
        now=now,
        platform=platform,
        desired={wish.request: wish for wish in wishes},
        states=states,
        head=head,
        providers=providers,
        where=where(deps.git, revision),
        inventory=inventory_digest(inventories),
        unproved=proven.unproved,
        stopped=proven.everything,
        book=address_book(catalog),
    )


def _with_rotations(wishes: tuple[Desired, ...], rotate: Collection[str]) -> tuple[Desired, ...]:
    named = {name.lower() for name in rotate}
    known = {name for wish in wishes for name in (wish.request, wish.request.rpartition("/")[2])}
    for name in sorted(named - known):
        raise UsageError(f"there is no request {visible(name)} to rotate: tarmac request list names them")
    return tuple(at_once(wishes, named))


def _proved(wish: Desired, proven: Proven) -> Desired:
    why = proven.reason(wish.path, wish.request, *wish.previously)
    return wish if why is None else replace(wish, hold=why)


def _withheld(states: Mapping[str, RequestState], proven: Proven) -> dict[str, str]:
    reasons = ((uid, proven.reason(state.subject.path, state.subject.request)) for uid, state in states.items())
    return {uid: why for uid, why in reasons if why is not None}


def where(git: Git, revision: str) -> str:
    """What a plan for the revision is a plan for, in words."""
    if revision != DEFAULT_REVISION:
        return revision
    position = git.position()
    here = "on no branch" if position.branch is None else f"branch {position.branch}"
    beside = "" if position.at_tip or position.default is None else f", which is not the tip of {position.default}"
    return here + beside


def _ours(states: Mapping[str, RequestState], platform: str) -> dict[str, RequestState]:
    return {uid: state for uid, state in states.items() if state.subject.platform == platform}


def _past(
    wishes: Iterable[Desired], states: Mapping[str, RequestState], inventories: Mapping[str, Inventory], platform: str
) -> frozenset[str]:
    """The requests whose past matters: they are asked for, or an instance of theirs is there, and nothing of them
    lives."""
    living = {state.subject.request for state in states.values()}
    asked = {want.request for want in wishes}
    there = {
        one.tags.reference
        for inventory in inventories.values()
        for one in inventory.instances
        if one.tags is not None and one.tags.platform == platform and one.uid not in states
    }
    return frozenset((asked - living) | there)


def _platform_uid(catalog: Catalog) -> str:
    platform = catalog.platform()
    uid = None if platform is None else platform.text("metadata", "uid")
    if not uid:
        raise ConfigurationError(
            "no Platform document with a metadata.uid: it marks what is ours; write policies/platform.yaml"
        )
    return uid


def _open(
    opener: ProviderOpener, platform: str, names: set[str]
) -> tuple[Mapping[str, Provider], Mapping[str, Inventory]]:
    """The providers that there are; for each other an inventory that says why: its requests are held."""
    found, closed = {}, {}
    for name in sorted(names):
        try:
            found[name] = opener(name, platform)
        except ConfigurationError as fault:
            closed[name] = Inventory(name, failure=str(fault))
    return found, closed


def _exempted(taken: Iterable[Exempted]) -> Iterator[str]:
    """What would hold a request, were there no exemption from it."""
    for one in taken:
        about = Ref.parse(one.finding.entity) if one.finding.entity else None
        if one.finding.severity is Severity.ERROR and about is not None and about.kind == "resourcerequest":
            yield exempted_line(one)


def _inventory(provider: Provider) -> Inventory:
    try:
        return Inventory(provider.name, provider.list_instances())
    except ProviderError as fault:
        return Inventory(provider.name, failure=str(fault))


def _refused(wish: Desired, provider: Provider | None) -> Desired:
    if provider is None or wish.hold is not None:
        return wish
    faults = provider.validate(wish)
    if wish.rotation is not None and Capability.ROTATE not in provider.capabilities.verbs:
        instead = f": leave rotation out of resource type {wish.type}" if wish.rotation else ""
        faults = (*faults, f"it cannot replace credentials{instead}")
    return replace(wish, hold=f"provider {provider.name}: {'; '.join(faults)}") if faults else wish


def _tag_notes(
    inventories: Mapping[str, Inventory], platform: str, catalog: Catalog, expressions: Expressions
) -> Iterator[str]:
    """What the tag policies say of the instances that are this platform's."""
    for name, inventory in inventories.items():
        ours = (there.tags for there in inventory.instances if there.tags and there.tags.platform == platform)
        for tags, fault in instance_faults(ours, catalog, expressions):
            needs = f", and needs {fault.wanted}" if fault.wanted and "needs" not in fault.message else ""
            what = f"provider {name}, {tags.uid} of {tags.reference}"
            yield f"{what}: {fault.message}{needs} (tag policy {fault.policy})"


def _lost(
    made: Plan, states: Mapping[str, RequestState], inventories: Mapping[str, Inventory], places: Mapping[str, str]
) -> Iterator[str]:
    """Where instances that the ledger calls ready were looked for in vain: most likely they are somewhere else."""
    for name, place in sorted(places.items()):
        ready = {uid for uid, state in states.items() if state.subject.provider == name and state.phase is Phase.READY}
        lost = [action for action in made.actions if action.verb is Verb.CREATE and action.uid in ready]
        if lost and name in inventories:
            yield (
                f"provider {name} looked in {place} and found {len(ready) - len(lost)} of the {len(ready)} instances "
                "that are ready by the ledger: --instances names another folder"
            )


def _notes(inventories: Mapping[str, Inventory]) -> list[str]:
    notes = []
    for name, inventory in inventories.items():
        if inventory.failure is not None:
            notes.append(f"provider {name} could not list its instances: {inventory.failure}")
        for there in inventory.instances:
            if there.tags is None:
                notes.append(
                    f"provider {name}, {there.uid}: its tags cannot be read, so it is left alone: {there.fault}"
                )
    return notes
