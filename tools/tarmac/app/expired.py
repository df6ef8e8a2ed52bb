"""request expired: the files of requests that have had their time, and a change that removes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from tarmac.app.deps import Git, Ledger, Proposals, Reading
from tarmac.app.load import Loaded, load
from tarmac.errors import ConfigurationError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.proposal import Proposal
from tarmac.model.refs import Ref
from tarmac.planning.desired import desired
from tarmac.planning.expired import expired
from tarmac.reports.expired import removal_message

# Whose commits the tool's own are.
AUTHOR = ("Tarmac", "tarmac@tarmac.invalid")


class Expired(Frozen):
    """A request that has had its time: the instant that was its end, its file, and why that file stays, if it does."""

    request: Ref
    end: datetime
    path: str
    stays: str | None = None


class Retired(Frozen):
    """What has expired at a commit of a branch, and the branch that removes it (None: none was asked for). `forge`
    is where that branch becomes a pull request, None where there is no forge."""

    base: str
    branch: str
    found: tuple[Expired, ...]
    forge: str | None
    proposal: Proposal | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that a change would remove."""
        return tuple(sorted({one.path for one in self.found if one.stays is None}))


def retire(
    git: Git,
    ledger: Ledger,
    reading: Reading,
    now: datetime,
    proposals: Proposals | None,
    author: tuple[str, str] | None,
) -> Retired:
    """What has expired on the default branch; with `proposals` a branch that removes it, by `author` (name, mail), left
    out by the tool.

    Only what is merged counts, and only what the ledger says is gone, or whose stated end passed before it was made.

    Raises:
        ConfigurationError: there is no default branch, no document, or no Platform.
    """
    default = git.position().default
    if default is None:
        raise ConfigurationError("which branch is the default one cannot be told: origin/HEAD, main or master names it")
    base = git.commit(default).id
    loaded = load(git.tree(base), reading)
    catalog = loaded.catalog
    platform = catalog.platform()
    uid = None if platform is None else platform.text("metadata", "uid")
    if platform is None or uid is None:
        raise ConfigurationError("no Platform document with a metadata.uid: write policies/platform.yaml")
    states = [one for one in ledger.states(ledger.head()).values() if one.subject.platform == uid]
    over = expired(desired(catalog, {}), states, uid, now)
    forge = platform.text("spec", "forge")
    retired = Retired(base, default, tuple(_found(loaded, over)), None if forge == "none" else forge)
    if proposals is None:
        return retired
    message = removal_message([(one.request.name, one.end) for one in retired.found if one.stays is None])
    proposal = proposals.propose(base, retired.paths, message, now, author or AUTHOR)
    return replace(retired, proposal=proposal)


def _found(loaded: Loaded, over: Mapping[str, datetime]) -> Iterator[Expired]:
    """Each that is over, in order. A file goes only if all that stands in it goes, and nobody needs it."""
    catalog = loaded.catalog
    going = {entity.ref: entity for entity in catalog.of_kind("resourcerequest") if str(entity.ref) in over}
    numbers = Counter(entity.path for entity in going.values())
    for ref, entity in sorted(going.items()):
        stays = None
        if numbers[entity.path] < loaded.parts[entity.path].number:
            stays = "its file holds more: take it out by hand"
        users = [one.source.ref for one in catalog.references_to(ref) if one.source.ref not in going]
        if users:
            stays = f"{users[0]} still refers to it"
        yield Expired(ref, over[str(ref)], entity.path, stays)
