"""A company whose plan is kept, and told again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner

from tarmac.adapters.clock import FixedClock
from tarmac.app import wire
from tarmac.app.deps import ProviderOpener
from tarmac.app.kept_plan import Sources, kept_plan, plan_to_keep
from tarmac.app.plan import make_plan
from tarmac.app.proof import unasked
from tarmac.cli.main import tarmac
from tarmac.model.frozen import replace
from tarmac.model.values import show_instant
from tarmac.planning.kept import KeptPlan
from tarmac.reports.plan_json import plan_json
from tarmac.reports.plan_text import plan_text
from tests.planning.worlds import NOW
from tests.reconcile.company import Company

# So late that whatever was done before it has settled.
LATE = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Keeping:
    """A company, and the folder where its plan is kept."""

    company: Company
    folder: Path

    @classmethod
    def found(cls, folder: Path) -> Keeping:
        return cls(Company.found(folder), folder / "cache")

    def sources(self) -> Sources:
        made = wire.kept_plans(self.company.root, self.folder, self.company.instances)
        return replace(made, clock=FixedClock(LATE))

    def keep(self, now: datetime = NOW, sources: Sources | None = None, opener: ProviderOpener | None = None) -> str:
        """Keep the plan of now: what is said of that."""
        deps = self.company.deps()
        deps = deps if opener is None else replace(deps, providers=opener)
        return plan_to_keep(deps, sources or self.sources(), "HEAD", now)[1]

    def kept(self, now: datetime = NOW, revision: str = "HEAD") -> KeptPlan | None:
        return kept_plan(self.sources(), revision, now)

    def told(self, *more: str, now: datetime = NOW, folder: bool = True) -> str:
        """What `tarmac plan` prints, by what is kept unless it is told not to look."""
        usual = ["--root", str(self.company.root), "--instances", str(self.company.instances)]
        cache = ["--cache", str(self.folder)] if folder and "--no-cache" not in more else []
        command = ["plan", *usual, "--now", show_instant(now), *cache, *more]
        run = CliRunner().invoke(tarmac, command, standalone_mode=False)
        assert run.exception is None, run.output
        assert run.exit_code == 0
        return run.stdout

    def same(self, now: datetime = NOW) -> bool:
        """Whether a kept plan holds at `now`; where one does, it says what a new one would say."""
        kept = self.kept(now)
        deps = self.company.deps()
        assert deps.proving is not None
        made = make_plan(deps, "HEAD", now, proven=unasked(deps.proving, "HEAD"))
        if kept is not None:
            assert kept.document == plan_json(made.plan, made.breaches, made.inventory)
            text = plan_text(made.plan, made.breaches, made.notes, now, made.where)
            assert plan_text(kept.plan, (), kept.notes, now, made.where) == text
        return kept is not None
