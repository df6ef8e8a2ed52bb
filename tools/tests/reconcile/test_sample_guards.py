"""The guard on removals, over the sample company: what is lost from its repository is not lost from the world."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company
from tests.test_sample_company import DATA_FOLDERS, ROOT

APPROVAL = """\
apiVersion: tarmac/v1
kind: DeletionApproval
metadata: {{name: once}}
spec: {{requests: [{requests}], reason: a test, expires: "2026-12-01"}}
"""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The sample company, all that it asks for made."""
    folder = tmp_path_factory.mktemp("sample")
    company = Company(folder / "repository", folder / "instances")
    company.root.mkdir()
    company.git("init", "-q", "-b", "main")
    for name in DATA_FOLDERS:
        shutil.copytree(ROOT / name, company.root / name)
    # Merging is approving here, as no forge is asked.
    platform = (company.root / "policies/platform.yaml").read_text("utf-8")
    company.write("policies/platform.yaml", platform.replace("forge: github", "forge: none"))
    company.commit()
    made = company.reconcile()
    assert not made.failed
    return company


@pytest.fixture
def company(founded: Company, tmp_path: Path) -> Company:
    """A copy of it to lose something from."""
    shutil.copytree(founded.root, tmp_path / "repository")
    shutil.copytree(founded.instances, tmp_path / "instances")
    return Company(tmp_path / "repository", tmp_path / "instances")


def files(company: Company) -> list[str]:
    """The requests' files."""
    return sorted(str(path.relative_to(company.root)) for path in (company.root / "requests").rglob("*.yaml"))


def take_away(company: Company, gone: Sequence[str]) -> None:
    for path in gone:
        (company.root / path).unlink()
    company.commit()


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(lambda every: every[: len(every) // 3], id="first"),
        pytest.param(lambda every: every[::3], id="every third"),
        *(
            pytest.param(those, marks=pytest.mark.long, id=name)
            for name, those in {
                "last": lambda every: every[-(len(every) // 3) :],
                "every third from the second": lambda every: every[1::3],
                "every third from the third": lambda every: every[2::3],
            }.items()
        ),
    ],
)
def test_a_third_of_the_requests_taken_away_stops_before_anything_is_removed(
    company: Company, third: Callable[[list[str]], list[str]]
) -> None:
    before = company.references()
    take_away(company, third(files(company)))
    done = company.reconcile()
    assert done.failed
    assert done.executed is None
    assert company.references() == before


def test_an_empty_folder_of_requests_stops_before_anything_is_removed(company: Company) -> None:
    before = company.references()
    take_away(company, files(company))
    done = company.reconcile()
    assert [breach.scope for breach in done.planned.breaches] == ["an empty repository: no request is left"]
    assert done.executed is None
    assert company.references() == before


def unprotected(company: Company) -> list[str]:
    """Requests that go when their file goes: those of no production, which nothing else depends on."""
    needed = {name.rpartition("/")[2] for want in company.plan().desired.values() for name in want.needs}
    return [path for path in files(company) if "/production/" not in path and Path(path).stem not in needed]


def spread(company: Company, most: int) -> list[str]:
    """So many of them, of no team or type more than three."""
    types: dict[str, set[str]] = {}
    for want in company.plan().desired.values():
        types.setdefault(want.path, set()).add(want.type)
    chosen: list[str] = []
    taken: Counter[str] = Counter()
    for path in unprotected(company):
        groups = {path.split("/")[1], *types[path]}
        if len(chosen) < most and all(taken[group] < 3 for group in groups):
            chosen.append(path)
            taken.update(groups)
    assert len(chosen) == most
    return chosen


def test_exactly_at_the_limit_passes_and_one_more_stops(company: Company) -> None:
    live = len(files(company))
    allowed = live // 5
    gone = spread(company, allowed + 1)
    take_away(company, gone)
    over = company.reconcile()
    assert [(breach.scope, breach.live, breach.removals, breach.allowed) for breach in over.planned.breaches] == [
        ("the whole run", live, allowed + 1, allowed),
        ("provider embedded", live, allowed + 1, allowed),
    ]
    assert over.executed is None
    company.git("checkout", "-q", "HEAD~1", "--", gone[-1])
    company.commit()
    done = company.reconcile()
    assert not done.failed
    assert {action.path for action in done.planned.plan.effects} == set(gone[:-1])


@pytest.mark.parametrize("zero", ["{share: 0%, count: 10}", "{share: 20%, count: 0}"])
def test_a_limit_of_zero_allows_none(company: Company, zero: str) -> None:
    platform = (company.root / "policies/platform.yaml").read_text("utf-8")
    company.write("policies/platform.yaml", platform.replace("{share: 20%, count: 10}", zero))
    take_away(company, unprotected(company)[:1])
    done = company.reconcile()
    assert {breach.allowed for breach in done.planned.breaches} == {0}
    assert done.executed is None


def test_a_dated_approval_lets_what_it_names_through_once(company: Company) -> None:
    every = unprotected(company)
    gone, more = every[:12], every[12:]
    named = ", ".join(f'"{path}"' for path in gone)
    company.write("policies/approval.yaml", APPROVAL.format(requests=named))
    take_away(company, gone)
    # Its last day is over.
    assert company.reconcile(NOW + DAY).executed is None
    done = company.reconcile()
    assert not done.failed
    assert {action.path for action in done.planned.plan.effects} == set(gone)
    take_away(company, more)
    assert company.reconcile().executed is None
