"""The figures that Tarmac promises: what is compared with what, how much it may be, and whether it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from bench.measure import Cost

TARMAC = "tarmac check"
PEERS: Mapping[str, Fraction] = {
    "check-jsonschema": Fraction(1, 6),
    "@backstage/catalog-model": Fraction(1, 4),
    "check-yaml": Fraction(1, 2),
    "yamllint": Fraction(1, 15),
}
EMPTY, HELP, PEER_HELP = "an empty click group's --help", "tarmac --help", "check-jsonschema --help"
START_LIMIT = Fraction(13, 10)
CHANGE_LIMIT, CHANGE_GROWTH = Fraction(1, 2), Fraction(12, 10)
REVIEW_LIMIT = Fraction(3)
POLICY_LIMIT = Fraction(10)
PLAN_LIMIT, LEDGER_LIMIT = Fraction(3), Fraction(3, 2)
CPU_GROWTH, MEMORY_GROWTH = Fraction(11), Fraction(5, 2)


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise: a measured ratio (None: not measured), the most that it may be, and the stretch aim if any."""

    what: str
    ratio: float | None
    limit: Fraction
    stretch: Fraction | None = None

    @property
    def holds(self) -> bool | None:
        """Whether the promise holds; None when it was not measured."""
        return None if self.ratio is None else self.ratio <= self.limit

    @property
    def stretched(self) -> bool | None:
        """Whether the stretch aim is reached; None when there is none, or nothing was measured."""
        return None if self.ratio is None or self.stretch is None else self.ratio <= self.stretch


def cold(costs: Mapping[str, Cost], documents: int) -> tuple[Figure, ...]:
    """A cold check beside each peer, in CPU time."""
    return tuple(
        Figure(
            f"cold check of {documents:,} documents: CPU beside {peer}",
            costs[TARMAC].cpu / costs[peer].cpu,
            limit,
            limit / 2,
        )
        for peer, limit in PEERS.items()
    )


def growth(small: Cost | None, large: Cost | None, documents: int, most: int) -> tuple[Figure, ...]:
    """A cold check of the large repository beside one of the small."""
    sizes = f"cold check, {documents:,} to {most:,} documents"
    both = None if small is None or large is None else (large.cpu / small.cpu, large.memory / small.memory)
    return (
        Figure(f"{sizes}: CPU", None if both is None else both[0], CPU_GROWTH),
        Figure(f"{sizes}: peak memory", None if both is None else both[1], MEMORY_GROWTH),
    )


def change(small: Cost | None, large: Cost | None, beside: Cost, documents: int, most: int) -> tuple[Figure, ...]:
    """A pull request of five files, the base's cache present."""
    grown = None if small is None or large is None else large.cpu / small.cpu
    return (
        Figure(
            f"five changed files of {documents:,}, cached: CPU beside {PEER_HELP}",
            None if small is None else small.cpu / beside.cpu,
            CHANGE_LIMIT,
        ),
        Figure(f"five changed files, {documents:,} to {most:,} documents, cached: CPU", grown, CHANGE_GROWTH),
    )


def review(cost: Cost | None, beside: Cost | None, documents: int) -> Figure:
    """A review of 200 files, its comment and approvals included, beside the check of five."""
    ratio = None if cost is None or beside is None else cost.cpu / beside.cpu
    what = f"review of 200 changed files of {documents:,}: CPU beside the cached check of five"
    return Figure(what, ratio, REVIEW_LIMIT)


def policies(ratio: float | None, documents: int) -> Figure:
    """Policies beside the same rules as plain Python callables."""
    what = f"30 policies over {documents:,} documents: CPU beside the same rules as plain Python callables"
    return Figure(what, ratio, POLICY_LIMIT)


def owners(ratio: float | None) -> Figure:
    """A path looked up in CODEOWNERS, the slowest of some shapes of patterns. This promise is in seconds."""
    return Figure(
        "CODEOWNERS of 3,000 lines, compiled: CPU of a look-up beside 20 us", ratio, Fraction(1), Fraction(1, 2)
    )


def planning(kept: float | None, whole: float | None, requests: int) -> tuple[Figure, ...]:
    """A plan that finds nothing to do: told again of one that was kept, once it is sure that nothing has changed,
    beside a check that is sure of the same; and made anew, all inventories and the ledger read, beside a check of
    everything."""
    what = f"plan of {requests:,} requests with nothing to do"
    return (
        Figure(f"{what}, as it was kept: CPU beside a check of no changed file, cached", kept, PLAN_LIMIT),
        Figure(f"{what}, made anew: CPU beside a check of the same repository, all of it", whole, PLAN_LIMIT),
    )


def ledger(ratio: float | None, entries: int) -> Figure:
    """A run with nothing to do, beside itself with a short ledger."""
    return Figure(f"reconcile with nothing to do, 1,000 to {entries:,} lines of ledger: CPU", ratio, LEDGER_LIMIT)


def start(costs: Mapping[str, Cost]) -> Figure:
    """The time to the first word."""
    return Figure(f"{HELP}: CPU beside {EMPTY}", costs[HELP].cpu / costs[EMPTY].cpu, START_LIMIT)
