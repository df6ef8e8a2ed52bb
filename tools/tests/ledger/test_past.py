"""What is over is put aside: found by whoever asks for that request again, and read by nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.adapters.ledger import REF
from tarmac.model.ledger import Phase
from tarmac.model.plan import Verb
from tarmac.planning.identity import uid_of
from tests.ledger.test_git_ledger import life, run, written
from tests.planning.worlds import DAY, NOW, OURS, wish
from tests.reconcile.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def folders(root: Path) -> dict[str, int]:
    """How many states stand in each folder."""
    files = run(root, "ls-tree", "-r", "--name-only", REF).splitlines()
    return {name: sum(file.startswith(f"{name}/") for file in files) for name in ("state", "past")}


def test_a_life_that_is_over_moves_aside_and_is_read_only_by_name(company: Company) -> None:
    ledger, head = written(company.root, life("one"), life("two", until=Verb.EXPIRE), life("three", until=Verb.DELETE))
    assert folders(company.root) == {"state": 1, "past": 2}
    names = {state.subject.request.rpartition("/")[2] for state in ledger.living(head).values()}
    assert names == {"one"}
    two, three = wish("two").request, wish("three").request
    assert set(ledger.past(head, [two])) == {uid_of(OURS, two, 1)}
    assert set(ledger.past(head, [two, three, "nobody"])) == {uid_of(OURS, name, 1) for name in (two, three)}
    assert ledger.past(head, []) == {}
    assert ledger.living(head).keys().isdisjoint(ledger.past(head, [two, three]))
    assert len(ledger.states(head)) == 3
    assert ledger.verify(head) == ()


def test_a_request_that_comes_back_gets_a_life_of_its_own_and_the_old_one_is_put_away(company: Company) -> None:
    company.ask("keeper", "bucket")
    company.ask("one")
    company.commit()
    company.reconcile()
    company.withdraw("one")
    company.commit()
    company.reconcile()
    assert folders(company.root) == {"state": 1, "past": 1}
    company.ask("one")
    company.commit()
    company.reconcile(NOW + DAY)
    assert folders(company.root) == {"state": 2, "past": 0}
    ledger = company.deps().ledger
    lives = {
        state.subject.request.rpartition("/")[2]: (state.subject.life, state.phase)
        for state in ledger.states(ledger.head()).values()
    }
    assert lives == {"keeper": (1, Phase.READY), "one": (2, Phase.READY)}
    assert ledger.verify(ledger.head()) == ()


def test_what_expired_stays_expired_while_its_file_is_there(company: Company) -> None:
    company.ask("one")
    company.commit()
    company.reconcile()
    company.reconcile(NOW + 7 * DAY)
    assert folders(company.root) == {"state": 0, "past": 1}
    assert dict(company.plan(NOW + 8 * DAY).plan.summary) == {"none": 1}


def test_an_instance_that_is_there_again_after_its_end_is_removed_again(company: Company) -> None:
    company.ask("keeper", "bucket")
    company.ask("one")
    company.commit()
    company.reconcile()
    planned = company.plan()
    provider = planned.providers["embedded"]
    uid = uid_of(OURS, "resourcerequest:default/one", 1)
    wanted = planned.desired["resourcerequest:default/one"]
    company.withdraw("one")
    company.commit()
    company.reconcile()
    provider.create(uid, wanted, NOW)
    assert dict(company.plan().plan.summary) == {"delete": 1, "none": 1}
    company.reconcile()
    assert company.references() == ["keeper"]
