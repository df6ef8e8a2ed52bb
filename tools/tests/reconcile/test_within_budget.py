"""What is new is made as far as its team's budget bears it; what lives is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.app.plan_budget import within_budget
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Desired, Inventory, Observation, Presence
from tarmac.planning.desired import desired
from tarmac.planning.identity import uid_of
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, instance, subject_of
from tests.trees import DISK, READING, budget, catalog_of, company, group, request

# A disk costs 146.00 a month, a tape 40.00, a stamp 0.20, a loan nothing. The budget of 200.00 blocks from 220.00 on.
TAPE = DISK.partition("    - {item: machine")[0].replace("name: disk", "name: tape") + (
    "    - {item: reel, sku: disk.large, quantity: 40}\n"
)
REEL = "sku: disk.large, quantity: 40"
STAMP = TAPE.replace("name: tape", "name: stamp").replace(REEL, "sku: disk.small, quantity: 1")
LOAN = DISK.partition("  pricing:")[0].replace("name: disk", "name: loan") + "  pricing: []\n"
PAIR = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: pair}
spec:
  owner: one
  category: compute
  compose:
    - {name: left, type: disk@1.0.0, config: {gb: 0}}
    - {name: right, type: disk@1.0.0, config: {gb: 0}}
  versions: [{name: 1.0.0, status: active, schema: {type: object}}]
  environments: {staging: {}}
"""
TYPES = {
    f"catalog/types/{name}.yaml": text
    for name, text in (("tape", TAPE), ("stamp", STAMP), ("loan", LOAN), ("pair", PAIR))
}
WHY = (
    "the budget of group:default/one would come to {} of 200.00 EUR a month, and blocks at 110%: "
    "ask for a larger one, or let something go"
)


class Town:
    """Requests by name with their type, of team one unless more is said; and what is there of them."""

    def __init__(self, limit: str = "200.00", **kinds: str) -> None:
        self.files = company() | TYPES | {"teams/one/budget.yaml": budget(limit=limit)}
        for name, kind in kinds.items():
            self.ask(name, kind)
        self.states: list[RequestState] = []
        self.there: list[Observation] = []

    def ask(self, name: str, kind: str, more: str = "", **said: str) -> None:
        text = request(name, said.get("config", "gb: 0" if kind == "disk" else ""), said.get("owner", "one"), more=more)
        self.files[f"requests/one/staging/{name}.yaml"] = text.replace("disk@1.0.0", f"{kind}@1.0.0")

    def wishes(self, holds: Mapping[str, str] | None = None) -> tuple[Desired, ...]:
        return tuple(desired(catalog_of(self.files), holds or {}))

    def has(self, name: str, phase: Phase = Phase.READY, ready_at: datetime = NOW) -> None:
        """The ledger has a state of each part of the request, or of a part by its own name."""
        for want in self.wishes():
            if name in (want.request.rpartition("/")[2], want.request.rpartition("/")[2].partition("#")[0]):
                uid = uid_of(OURS, want.request, 1)
                self.states.append(RequestState(subject_of(want, uid), phase, NOW, ready_at=ready_at))

    def held(self, holds: Mapping[str, str] | None = None, now: datetime = NOW) -> dict[str, str]:
        """Why which are held."""
        found = within_budget(
            catalog_of(self.files),
            self.wishes(holds),
            self.states,
            [Inventory("embedded", tuple(self.there))],
            OURS,
            READING.expressions,
            now,
        )
        assert [want.request for want in found] == [want.request for want in self.wishes(holds)]
        return {want.request.rpartition("/")[2]: want.hold for want in found if want.hold is not None}


def test_of_what_is_new_the_first_by_name_is_made_and_what_still_fits_behind_what_does_not() -> None:
    assert Town(a="disk").held() == {}
    assert Town(a="disk", b="disk", c="tape").held() == {"b": WHY.format("292.00 EUR")}
    assert Town(c="disk", a="tape", b="tape").held() == {"c": WHY.format("226.00 EUR")}


def test_a_budget_blocks_from_its_threshold_on() -> None:
    # 110% of 132.7272... is 146.
    assert Town("132.72", a="disk").held().keys() == {"a"}
    assert Town("132.73", a="disk").held() == {}


def test_what_lives_counts_and_stays_whatever_the_budget_says() -> None:
    town = Town(a="disk", b="disk", c="disk")
    town.has("b")
    town.has("c")
    assert town.held() == {"a": WHY.format("438.00 EUR")}
    assert Town("100.00", a="disk").held().keys() == {"a"}


def test_what_costs_nothing_is_made_though_the_budget_is_gone() -> None:
    town = Town(a="disk", b="disk", c="loan", d="tape")
    town.has("a")
    town.has("b")
    assert town.held() == {"d": WHY.format("332.00 EUR")}
    town.ask("d", "stamp")
    assert town.held() == {"d": WHY.format("292.20 EUR")}


def test_what_is_only_in_the_inventory_lives_and_what_is_anothers_or_has_no_tags_does_not() -> None:
    town = Town(a="disk", b="disk")
    (a, b) = town.wishes()
    town.there = [instance("x", b)]
    assert town.held() == {"a": WHY.format("292.00 EUR")}
    town.there = [instance("x", b, platform=THEIRS), Observation("y", "embedded", Presence.BROKEN, None)]
    assert town.held() == {"b": WHY.format("292.00 EUR")}
    town.there += [instance("z", a)]
    assert town.held() == {"b": WHY.format("292.00 EUR")}


def test_what_has_ended_does_not_live_and_what_has_had_its_time_costs_nothing() -> None:
    town = Town(a="disk", b="disk")
    town.has("b", Phase.DEPROVISIONED)
    assert town.held().keys() == {"b"}
    town = Town(a="disk", b="disk")
    town.has("a", Phase.EXPIRED, NOW - 9 * DAY)
    assert town.held() == {}
    over = Town(b="disk")
    over.ask("a", "disk", '  expires: "2026-11-01"\n')
    assert over.held() == {}


def test_what_lives_under_an_earlier_name_is_not_new() -> None:
    town = Town(old="disk")
    town.has("old")
    del town.files["requests/one/staging/old.yaml"]
    town.ask("new", "disk", "  previously: [other, old]\n")
    town.ask("a", "disk")
    assert town.held() == {"a": WHY.format("292.00 EUR")}


def test_a_composed_request_is_one_and_lives_when_one_of_its_parts_does() -> None:
    new = Town(a="pair")
    assert new.held() == dict.fromkeys(("a#left", "a#right"), WHY.format("292.00 EUR"))
    for part in ("a#left", "a#right"):
        half = Town(a="pair", b="tape")
        half.has(part)
        assert half.held() == {"b": WHY.format("332.00 EUR")}


def test_a_hold_that_is_there_is_told_and_its_cost_counts_as_what_it_is() -> None:
    town = Town(a="disk", b="disk")
    assert town.held({"resourcerequest:default/b": "an error"}) == {"b": "an error"}
    assert town.held({"resourcerequest:default/a": "an error"}) == {"a": "an error", "b": WHY.format("292.00 EUR")}


def test_each_team_has_its_own_budget_and_who_has_none_is_not_held() -> None:
    town = Town(a="disk")
    town.files["teams/two/team.yaml"] = group("two")
    town.files["teams/two/budget.yaml"] = budget("two", "100.00")
    for name, owner in (("b", "two"), ("c", "finops"), ("d", "finops")):
        town.ask(name, "disk", owner=owner)
    why = WHY.replace("default/one", "default/two").replace("200.00", "100.00")
    assert town.held() == {"b": why.format("146.00 EUR")}
    town.has("b")
    assert town.held() == {}
    nobody = Town("1.00", a="loan")
    nobody.files["requests/one/staging/n.yaml"] = request("n", "gb: 0").replace("  owner: group:default/one\n", "")
    assert nobody.held() == {"n": "it has no owner"}


def test_what_nobody_knows_is_said_to_be_more() -> None:
    town = Town()
    town.ask("a", "disk", config="gb: 0, metered: true")
    town.ask("b", "disk")
    assert town.held() == {"b": WHY.format("at least 292.00 EUR")}


def test_a_budget_of_nothing_is_said_as_such() -> None:
    assert Town("0", a="tape").held() == {"a": WHY.replace("200.00", "0.00").format("40.00 EUR")}
