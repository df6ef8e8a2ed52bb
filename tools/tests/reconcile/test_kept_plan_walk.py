"""At random: requests, laws, instances and the ledger change, time goes on and back, and whatever is told of a kept
plan is what a new one says."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tarmac.app import wire
from tarmac.model.plan import Observation
from tests.planning.worlds import DAY, NOW, OURS
from tests.reconcile.keeping import Keeping

TICK = timedelta(microseconds=1)
NAMES = ("one", "two", "three", "four", "five")
LAWS = (
    "true",
    "!past('2026-12-05')",
    "past('2026-12-20')",
    "now - timestamp('2026-11-28T12:00:00Z') <= days(20)",
    "object.spec.reason != 'a test'",
    "string(now) != ''",
)
LAW = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: law}
spec: {severity: %s, match: {kinds: [ResourceRequest]}, require: "%s", message: no}
---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: for-now}
spec: {rule: law, select: {kind: ResourceRequest, atMost: 9}, owner: group:default/platform,
       approvers: [group:default/platform], reason: a test, expires: "%s"}
---
apiVersion: tarmac/v1
kind: DeletionApproval
metadata: {name: leave}
spec: {requests: ["requests/**"], expires: "%s", reason: a test, approvers: [group:default/platform]}
"""


class Walk:
    """A company at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.keeping = Keeping.found(folder)
        self.company = self.keeping.company
        self.random = Random(seed)  # noqa: S311
        self.now = NOW
        self.seen: Counter[str] = Counter()
        self.steps: tuple[Callable[[], object], ...] = (
            self.ask,
            self.ask,
            self.withdraw,
            self.legislate,
            self.company.commit,
            self.damage,
            self.mend,
            self.mend,
            self.go_on,
            self.go_on,
        )

    def step(self) -> None:
        """Change something, mostly make it real, and keep the plan, if it can be."""
        self.random.choice(self.steps)()
        if self.random.random() < 0.6:
            self.company.reconcile(self.now)
        if self.random.random() < 0.8:
            said = self.keeping.keep(self.now)
            self.seen["kept" if said.startswith("Kept: ") else "not kept"] += 1
        for now in self.times():
            told = self.keeping.same(now)
            self.seen["told" if told else "made"] += 1

    def times(self) -> list[datetime]:
        """Some of: now, instants before and behind, and those at which a kept plan begins and ends."""
        days = self.random.choice([-1, 1, 2, 7, 30])
        found = {self.now, self.now + days * DAY}
        for file in self.keeping.folder.glob("*.plan"):
            header = json.loads(file.read_text().partition("\n")[0])
            begin, end = (datetime.fromisoformat(text) for text in (header["made"], header["until"] or header["made"]))
            found |= {begin, begin - TICK, end, end - TICK, begin + (end - begin) / 2}
        return self.random.sample(sorted(found), min(len(found), 4))

    def ask(self) -> None:
        name, place = self.random.choice(NAMES), self.random.choice(["development", "staging", "production"])
        kind, size = self.random.choice(["postgres", "bucket", "queue"]), self.random.choice(["small", "large"])
        self.forget(name)
        self.company.ask(name, kind, place, f"size: {size}")
        if place != "production" and self.random.random() < 0.4:
            text = (self.company.root / self.company.path(name, place)).read_text()
            end = self.now + self.random.choice([1, 3, 20]) * DAY
            self.company.write(self.company.path(name, place), f'{text}  expires: "{end:%Y-%m-%d}"\n')
        self.company.commit()

    def withdraw(self) -> None:
        self.forget(self.random.choice(NAMES))
        self.company.commit()

    def forget(self, name: str) -> None:
        for file in (self.company.root / "requests").rglob(f"{name}.yaml"):
            file.unlink()

    def legislate(self) -> None:
        ends = [(self.now + self.random.choice([-1, 2, 180, 181, 200]) * DAY).strftime("%Y-%m-%d") for _ in range(2)]
        text = LAW % (self.random.choice(["warning", "error"]), self.random.choice(LAWS), *ends)
        self.company.write("policies/law.yaml", text)
        self.company.commit()

    def go_on(self) -> None:
        self.now += self.random.choice([-1, 0, 1, 3, 8, 40]) * DAY + self.random.choice([-1, 0, 1]) * TICK

    def damage(self) -> None:
        """Somebody is at the instances, behind everybody's back."""
        there = self.instances()
        if not there:
            return
        folder = self.company.instances / self.random.choice(there).uid
        record = folder / "instance.json"
        match self.random.randrange(5):
            case 0:
                shutil.rmtree(folder)
            case 1:
                record.write_text("{}")
            case 2 if record.exists():
                record.write_text(record.read_text().replace("small", "large"))
            case 3 if record.exists():
                record.write_text(record.read_text().replace(OURS, "platform-two"))
            case _:
                (folder / "notes.txt").write_text("nothing of ours")

    def mend(self) -> None:
        """Away with what holds everything up."""
        for there in self.instances():
            if there.tags is None or there.tags.platform != OURS:
                shutil.rmtree(self.company.instances / there.uid)
        self.company.write("policies/law.yaml", LAW % ("warning", self.random.choice(LAWS[:-1]), *["2026-12-20"] * 2))
        self.company.commit()

    def instances(self) -> tuple[Observation, ...]:
        return wire.providers(self.company.root, self.company.instances)("embedded", OURS).list_instances()


def walked(folder: Path, seed: int, steps: int) -> Counter[str]:
    walk = Walk(folder, seed)
    for _ in range(steps):
        walk.step()
    return walk.seen


def test_what_is_told_again_is_what_would_be_made(tmp_path: Path) -> None:
    seen = walked(tmp_path, 1, 14)
    # Each happens often enough to mean something.
    assert min(seen["told"], seen["made"]) > 10, seen
    assert min(seen["kept"], seen["not kept"]) > 2, seen


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 22))
def test_what_is_told_again_is_what_would_be_made_at_length(tmp_path: Path, seed: int) -> None:
    assert walked(tmp_path, seed, 40)["told"] > 10
