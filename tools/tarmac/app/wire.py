"""The only place that builds the real dependencies. Each is imported when it is asked for: `--help` needs none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tarmac.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.shelf import FileShelf
    from tarmac.adapters.terminal import Terminal
    from tarmac.app.ages import Histories, History
    from tarmac.app.check_change import Cache
    from tarmac.app.deps import (
        Authorship,
        Clock,
        Git,
        Ledger,
        MainLine,
        MergedPulls,
        ProofLog,
        Proposals,
        ProviderOpener,
        Reading,
        RebuiltLedger,
        Trees,
    )
    from tarmac.app.fix import Editor
    from tarmac.app.fix import Folder as MendedFolder
    from tarmac.app.generated import Files as SourceFiles
    from tarmac.app.kept_plan import Sources as PlanSources
    from tarmac.app.plan import Deps as PlanDeps
    from tarmac.app.proof_values import Proving
    from tarmac.app.publish import Desk
    from tarmac.app.requests import Known
    from tarmac.app.schema import Exporter
    from tarmac.model.ages import Ages
    from tarmac.model.figures import Figures
    from tarmac.model.forge import PullRequest
    from tarmac.model.json_value import JsonValue
    from tarmac.model.ledger import Recorded, RequestState
    from tarmac.model.notice import OpenNotice
    from tarmac.model.plan import Breach, Plan, SavedPlan
    from tarmac.model.trees import Source
    from tarmac.providers.base import Provider
    from tarmac.rules.kept import Kept, Locate
    from tarmac.rules.to_keep import Judged

# Where the embedded provider keeps what it makes, below the root.
INSTANCES = Path(".tarmac", "instances")
# Where secrets are kept unless the settings name another sink, and what other providers keep on this machine.
SECRETS = Path(".tarmac", "secrets")
PROVIDERS = Path(".tarmac", "providers")
# What --proofs says where the forge itself is to be asked.
GITHUB = Path("github")
# Where verdicts are kept, below the root.
CACHE = Path(".tarmac", "cache")


def clock(now: datetime | None) -> Clock:
    """The machine's clock, or the one instant that the command line gives."""
    from tarmac.adapters.clock import FixedClock, SystemClock

    return SystemClock() if now is None else FixedClock(now)


def git(root: Path) -> Authorship:
    """The git repository that holds `root`.

    Raises:
        ConfigurationError: there is none.
    """
    from tarmac.adapters.git_history import GitHistory

    return GitHistory.find(root)


def main_line(root: Path) -> MainLine:
    """The same, asked how content comes to the default branch.

    Raises:
        ConfigurationError: there is none.
    """
    from tarmac.adapters.git_history import GitHistory

    return GitHistory.find(root)


def trees(root: Path) -> Trees:
    """The trees of that repository, without its history.

    Raises:
        ConfigurationError: there is none.
    """
    from tarmac.adapters.git import GitRepository

    return GitRepository.find(root)


def source(root: Path, revision: str | None) -> Source:
    """The tree to read: a revision's, or the files as they are.

    Raises:
        UsageError: no such folder or revision.
    """
    from tarmac.adapters.files import WorkingTree

    tree = WorkingTree.at(root)
    return tree if revision is None else trees(root).tree(revision)


def root_above() -> Path | None:
    """The root of the repository that the current folder lies in; None where that is the current folder itself."""
    from tarmac.adapters.root import root_above

    return root_above(Path.cwd)


def reading(shelf: FileShelf | None = None) -> Reading:
    """Reader, gate, expressions and JSON Schema; `shelf` is where documents are put away, the usual one if none is
    given."""
    from tarmac.adapters.cel_late import LateCel
    from tarmac.adapters.schema_check import Gate, JsonSchemas
    from tarmac.adapters.shelf import FileShelf
    from tarmac.adapters.yaml_reader import read_documents
    from tarmac.app.deps import Reading

    return Reading(
        read=read_documents,
        gate=Gate(),
        expressions=LateCel(),
        schemas=JsonSchemas(),
        shelf=shelf or FileShelf(),
    )


def history(root: Path, revision: str | None) -> History:
    """When files below `root` were last changed by a person, up to a revision; asked of git when it is called."""

    def ages(bots: Collection[str]) -> Ages:
        from tarmac.model.ages import Ages

        try:
            return histories(root).at((revision or "HEAD",), bots)
        except ConfigurationError:
            return Ages({})

    return ages


def histories(root: Path) -> Histories:
    """When files below `root` were last changed by a person, at any commits; git is looked for when it is asked.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.git_ages import GitAges

    return GitAges(GitRepository.find(root))


def cache_reader(root: Path, folder: Path | None = None) -> Cache:
    """How to open the cache in a folder, or in its usual place below the root. There nothing is opened while git keeps
    files in that place: what a commit brings along is nobody's word on what is right."""
    from tarmac.adapters.cache import Cache as CacheFile

    @contextmanager
    def opened(locate: Locate) -> Iterator[Kept | None]:
        cache = CacheFile.open(root / CACHE if folder is None else folder, locate)
        if cache is not None and folder is None and trees(root).keeps(CACHE.parts[0]):
            cache.close()
            cache = None
        try:
            yield cache
        finally:
            if cache is not None:
                cache.close()

    return opened


def write_cache(folder: Path, judged: Judged) -> None:
    """Keep a judged tree in a folder.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    from tarmac.adapters.cache_write import write_cache

    write_cache(folder, judged)


def reviews(path: Path) -> PullRequest:
    """What a file tells of a pull request.

    Raises:
        UsageError: it cannot be read, or does not hold what it should.
    """
    from tarmac.adapters.reviews_file import read_reviews

    return read_reviews(path)


@contextmanager
def desk() -> Iterator[Desk]:
    """GitHub, as the variables of this process describe it.

    Raises:
        UsageError: something is missing there, or cannot be what it should.
    """
    from tarmac.adapters.clock import SystemClock
    from tarmac.adapters.github import GitHub
    from tarmac.adapters.github_access import process_access
    from tarmac.adapters.http import Waiting
    from tarmac.adapters.pace import chance, sleep
    from tarmac.adapters.step_summary import append_summary
    from tarmac.app.publish import Desk
    from tarmac.reports.review_links import Links

    access = process_access()

    def summarize(text: str) -> None:
        if access.summary is not None:
            append_summary(access.summary, text)

    with GitHub(access, Waiting(SystemClock().now, sleep, chance())) as github:
        yield Desk(github, Links(access.page, access.run_page), summarize)


def ledger(root: Path) -> Ledger:
    """The ledger of the repository that holds `root`, to be read: its own, or what was last fetched of origin's.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger import GitLedger

    return GitLedger.to_read(GitRepository.find(root).top)


def recorded(root: Path) -> Collection[RequestState]:
    """Every state in the ledger of the repository that holds `root`, as `ledger` finds it; none where there is none.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository

    return _recorded(GitRepository.find(root))


def git_and_recorded(root: Path, *revisions: str) -> tuple[Authorship, Collection[RequestState]]:
    """What `git` and `recorded` give, in fewer calls of git where it will be asked for these revisions.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git_history import GitHistory

    found = GitHistory.find(root)
    return found, _recorded(found, *revisions)


def _recorded(repository: GitRepository, *revisions: str) -> Collection[RequestState]:
    from tarmac.adapters.ledger_git import FETCHED, REF

    if not repository.tips(REF, FETCHED, ahead=revisions):
        return ()
    # Loaded here: a repository that has made nothing yet has none.
    from tarmac.adapters.ledger import GitLedger

    kept = GitLedger.to_read(repository.top)
    return kept.states(kept.head()).values()


def own_ledger(root: Path, remote: str | None = None) -> RebuiltLedger:
    """The ledger branch of the repository that holds `root`; with `remote`, fetched from there and pushed to it.

    Raises:
        UsageError: there is no such remote.
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger import GitLedger

    return GitLedger.at(GitRepository.find(root).top, remote)


def figures(root: Path) -> Figures:
    """What the platform's steps came to so far.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger import GitLedger

    kept = GitLedger.to_read(GitRepository.find(root).top)
    return kept.figures(kept.head())


def ledger_line(record: Recorded) -> str:
    """A line of the ledger as it stands in its file."""
    from tarmac.adapters.ledger_json import line_of

    return line_of(record.entry, record.sequence, record.previous).decode()


def providers(
    root: Path, instances: Path | None, settings: Path | None = None, remote: str | None = None
) -> ProviderOpener:
    """How to open a provider by its name, for a platform's uid.

    `instances` is where the embedded one keeps its own (default: below `root`, where git ignores it), `settings` the
    file that says where the others are. Each but the embedded one gets a folder of its own below `root`, and may
    deliver to a branch of the repository, at `remote` too where one is named.

    Raises:
        UsageError: the file cannot be read, or does not hold what it should.
    """
    from tarmac.adapters.delivery_git import GitDelivery
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.provider_settings import ProviderFile, process_environment, read_provider_file
    from tarmac.providers import open_provider, provider_names
    from tarmac.providers.base import ProviderSettings
    from tarmac.providers.secrets import SinkSettings, make_sink

    said = ProviderFile()
    if settings is not None:
        said = read_provider_file(settings, root, process_environment(), provider_names())

    def opened(name: str, platform: str) -> Provider:
        options = said.providers.get(name, {})
        if name == "embedded":
            return open_provider(
                name, ProviderSettings(platform, root / INSTANCES if instances is None else instances, options)
            )
        sink = make_sink(said.sink or "file", SinkSettings(root / SECRETS, said.sink_options))
        delivery = GitDelivery(GitRepository.find(root).top, remote)
        return open_provider(name, ProviderSettings(platform, root / PROVIDERS / name, options, sink, delivery))

    return opened


def github_merges() -> MergedPulls:
    """GitHub, asked for merged pull requests, as the environment says who asks.

    Raises:
        UsageError: it does not.
    """
    from functools import partial

    from tarmac.adapters.github import GitHub
    from tarmac.adapters.github_access import access_from
    from tarmac.adapters.github_merges import GitHubMerges
    from tarmac.adapters.http import Waiting
    from tarmac.adapters.pace import chance, sleep
    from tarmac.adapters.provider_settings import process_environment

    access = access_from(process_environment())
    return GitHubMerges(partial(GitHub, access, Waiting(clock(None).now, sleep, chance())))


def proofs(root: Path) -> ProofLog:
    """The evidence of approvals in the ledger of the repository that holds `root`.

    Raises:
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger_proofs import GitProofs

    return GitProofs.to_read(GitRepository.find(root).top)


def proving(root: Path, proofs: Path | None, remote: str | None = None, now: datetime | None = None) -> Proving:
    """How approvals are proved: by the forge's recorded answers in `proofs`, by GitHub where that says so, or by
    nobody's word. `remote` is where the ledger is kept; `now` is the clock's unless it is given.

    Raises:
        UsageError: the answers cannot be read or are of the future, or the environment does not say how to ask GitHub.
    """
    from tarmac.adapters.git_history import GitHistory
    from tarmac.adapters.ledger_proofs import GitProofs
    from tarmac.adapters.merges_file import read_merges
    from tarmac.app.proof_values import Proving

    repository = GitHistory.find(root)
    if proofs == GITHUB:
        return Proving(repository, reading(), GitProofs.at(repository.top, remote), github_merges(), remote)
    pulls = None if proofs is None else read_merges(proofs, clock(now).now())
    return Proving(repository, reading(), GitProofs.at(repository.top, remote), pulls, remote)


def planning(
    root: Path,
    instances: Path | None,
    settings: Path | None = None,
    remote: str | None = None,
    proofs: Path | None = None,
    now: datetime | None = None,
) -> PlanDeps:
    """What plan and reconcile work through; `now` is the clock's unless it is given."""
    from functools import partial

    from tarmac.adapters.clone_lock import clone_name, only_run
    from tarmac.adapters.courier import Courier
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.git_merged import merged_at
    from tarmac.adapters.ledger import GitLedger
    from tarmac.adapters.ledger_figures import LedgerFigures
    from tarmac.adapters.ledger_notices import LedgerNotices
    from tarmac.adapters.pace import chance, sleep
    from tarmac.adapters.provider_settings import process_environment
    from tarmac.app.deps import Pace
    from tarmac.app.plan import Deps

    repository = GitRepository.find(root)
    top = repository.top
    kept = GitLedger.at(top, remote)
    return Deps(
        git=git(root),
        reading=reading(),
        ledger=kept,
        providers=providers(root, instances, settings, remote),
        places={"embedded": str(root / INSTANCES if instances is None else instances)},
        clock=clock(None),
        proving=proving(root, proofs, remote, now),
        pace=Pace(tries=3, first=1.0, longest=20.0, sleep=sleep, chance=chance()),
        holder=clone_name(top),
        merged=partial(merged_at, repository),
        histories=histories(root),
        figures=LedgerFigures(kept),
        notices=LedgerNotices(kept),
        courier=Courier(process_environment()),
        only_run=partial(only_run, top),
        remote=remote,
    )


def kept_plans(
    root: Path,
    folder: Path | None,
    instances: Path | None,
    settings: Path | None = None,
    remote: str | None = None,
) -> PlanSources:
    """What a plan rests on, and where one is kept: in a folder, or in its usual place below the root.

    Raises:
        UsageError: as `providers` and `own_ledger`.
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger import GitLedger
    from tarmac.adapters.plan_cache import PlanCache
    from tarmac.app.kept_plan import Sources

    repository = GitRepository.find(root)
    return Sources(
        store=PlanCache(root / CACHE if folder is None else folder),
        trusted=lambda: folder is not None or not repository.keeps(CACHE.parts[0]),
        git=repository,
        ledger=GitLedger.at(repository.top, remote),
        providers=providers(root, instances, settings, remote),
        clock=clock(None),
    )


def where(root: Path, revision: str) -> str:
    """What a plan for the revision is a plan for, in words."""
    from tarmac.app.plan import where

    return where(git(root), revision)


def proposals(root: Path, remote: str | None) -> Proposals:
    """Where a change that removes files is proposed: a branch here, or at the remote.

    Raises:
        UsageError: there is no such remote.
        ConfigurationError: there is no repository.
    """
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.proposals import GitProposals

    repository = GitRepository.find(root)
    return GitProposals.at(repository.top, repository.prefix, remote)


def saved_plan(path: Path) -> SavedPlan:
    """The plan that a file holds. Raises UsageError where it holds none."""
    from tarmac.adapters.plan_file import read_plan

    return read_plan(path)


def shown_plan(path: Path) -> tuple[Plan, tuple[Breach, ...]]:
    """The plan that a file holds, to be looked at, with the limits that it broke. Raises UsageError as above."""
    from tarmac.adapters.plan_file import show_plan

    return show_plan(path)


def stopping() -> AbstractContextManager[Callable[[], bool]]:
    """While entered, a signal that asks for the end only sets what is given."""
    from tarmac.adapters.signals import stop_on_signals

    return stop_on_signals()


def schema_export() -> Exporter:
    """The schemas of all kinds, made from the models."""
    from tarmac.adapters.schema_export import SchemaExport

    return SchemaExport()


def schema_folder(root: Path) -> SourceFiles:
    """The generated files of the source tree at `root`."""
    from tarmac.adapters.schema_files import SchemaFolder

    return SchemaFolder(root)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    from tarmac.adapters.files import write_text

    write_text(path, text)


def git_if_any(root: Path) -> Git | None:
    """The git repository that holds `root`, or None."""
    try:
        return git(root)
    except ConfigurationError:
        return None


def ledger_if_any(root: Path) -> Ledger | None:
    """The ledger of the repository that holds `root`, or None where there is no repository."""
    try:
        return ledger(root)
    except ConfigurationError:
        return None


def known_requests(root: Path) -> Known:
    """What the default branch holds and what the last run held; nothing where there is no repository."""
    from tarmac.adapters.git import GitRepository
    from tarmac.adapters.ledger import GitLedger
    from tarmac.adapters.ledger_notices import LedgerNotices
    from tarmac.app.requests import Known
    from tarmac.model.plan import whole_of

    found = git_if_any(root)
    if found is None:
        return Known()
    default = found.position().default
    merged = frozenset() if default is None else frozenset(entry.path for entry in found.tree(default).entries())
    kept = GitLedger.to_read(GitRepository.find(root).top)
    told: dict[str, list[OpenNotice]] = {}
    for one in LedgerNotices(kept).read(kept.head()).values():
        told.setdefault(whole_of(one.notice.request), []).append(one)
    return Known(merged, told)


def render_request(document: Mapping[str, JsonValue], comments: Mapping[str, str]) -> str:
    """A document as YAML with comments. Raises UsageError for what YAML cannot hold."""
    from tarmac.adapters.request_file import render_request

    return render_request(document, comments)


def write_new(root: Path, path: str, text: str) -> None:
    """Write a file where nothing stands yet. Raises UsageError where something does."""
    from tarmac.adapters.request_file import write_new

    write_new(root, path, text)


def append_document(path: str, before: bytes, document: str) -> bytes:
    """A file's bytes with one more document behind them. Raises UsageError where nothing can be added."""
    from tarmac.adapters.appended_document import appended

    return appended(path, before, document)


def write_report(path: Path, text: str) -> None:
    """Write a report whole; into a device or a pipe directly.

    Raises:
        OutsideError: there is no such folder, or the disk or its permissions refuse.
    """
    from tarmac.adapters.report_files import write_report

    write_report(path, text)


def write_plan(path: Path, text: str) -> None:
    """Save a plan. What is there already is replaced only where it is a plan too.

    Raises:
        UsageError: another file has that name.
        OutsideError: there is no such folder, or the disk or its permissions refuse.
    """
    from tarmac.adapters.plan_file import write_plan

    write_plan(path, text)


def report_fault(path: Path) -> str | None:
    """Why no report can be written there, as far as its folder tells; None where it can."""
    from tarmac.adapters.report_files import folder_fault

    return folder_fault(path)


def terminal() -> Terminal:
    """Where this process's output goes."""
    from tarmac.adapters.terminal import Terminal

    return Terminal.of_this_process()


def editor() -> Editor:
    """Edits of YAML files that keep every other byte."""
    from tarmac.adapters.yaml_edit import edited

    return edited


def mended_folder(root: Path) -> MendedFolder:
    """Where `check --fix` writes."""
    from tarmac.adapters.mended_files import MendedFolder

    return MendedFolder(root)
