"""The file that holds a plan with nothing to do: it comes back as it was written, or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from zlib import crc32

import pytest

from tarmac.adapters.plan_cache import PlanCache
from tarmac.errors import CacheFault, OutsideError
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Action, Change, Plan, Verb
from tarmac.planning.kept import Ground, KeptPlan
from tarmac.reports.plan_json import plan_json
from tests.planning.worlds import DAY, NOW

STEP = Action(Verb.NONE, "resourcerequest:default/one", "1", "postgres@1.0.0", "embedded", "as it should be")
DRIFTED = replace(
    STEP,
    request="resourcerequest:default/t\u00f6\n\x1b",
    changes=(Change("config.size", 10**30, 1e300), Change("tags", None, {"b": [1, "\u00e9"], "a": True})),
)
PLAN = Plan("c0ffee", (STEP, DRIFTED, replace(STEP, request=None, uid=None)))


def kept(plan: Plan = PLAN, inventory: str = "f00") -> KeptPlan:
    ground = Ground("c0ffee", "data/", "beef", {"embedded": "1", "other": "2"})
    document = plan_json(plan, (), inventory)
    return KeptPlan(ground, "uid", NOW, NOW + DAY, plan, ("a note", "\u00e9 \udcff"), document)


@pytest.fixture
def cache(tmp_path: Path) -> PlanCache:
    return PlanCache(tmp_path / "some" / "cache")


@pytest.mark.parametrize(
    "plan",
    [kept(), kept(Plan("c0ffee", ())), replace(kept(), until=None, notes=(), ground=Ground("c0ffee", "", None, {}))],
)
def test_a_plan_comes_back_as_it_was_written(cache: PlanCache, plan: KeptPlan) -> None:
    assert cache.read() is None
    cache.write(kept(Plan("c0ffee", (STEP,))))
    cache.write(plan)
    assert cache.read() == plan
    assert list(cache.folder.iterdir()) == [cache.file]
    assert cache.file.suffix == ".plan"


def test_a_plan_of_another_version_of_the_tool_is_left_alone(cache: PlanCache) -> None:
    cache.write(kept())
    other = cache.file.rename(cache.folder / "0123456789abcdef.plan")
    assert cache.read() is None
    cache.write(kept())
    assert sorted(cache.folder.iterdir()) == sorted([cache.file, other])


def test_each_byte_that_is_missing_is_noticed(cache: PlanCache) -> None:
    cache.write(kept())
    content = cache.file.read_bytes()
    for length in range(len(content)):
        cache.file.write_bytes(content[:length])
        with pytest.raises(CacheFault, match=r"^the kept plan is not what was written$"):
            cache.read()
    cache.file.write_bytes(content + b"\n")
    with pytest.raises(CacheFault):
        cache.read()


def test_each_byte_of_the_plan_that_is_another_is_noticed(cache: PlanCache) -> None:
    cache.write(kept())
    content = cache.file.read_bytes()
    for place in range(content.index(b"\n"), len(content)):
        cache.file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(CacheFault):
            cache.read()


def forged(cache: PlanCache, header: Mapping[str, JsonValue], document: str | None = None) -> None:
    """The file with another header, whose sum is that of the document."""
    first, _, there = cache.file.read_text("utf-8").partition("\n")
    said = there if document is None else document
    data = {**json.loads(first), "sum": crc32(said.encode()), **header}
    cache.file.write_text(f"{json.dumps(data)}\n{said}", "utf-8")


@pytest.mark.parametrize(
    "header",
    [
        {"tool": "0123456789abcdef"},
        {"sum": 1},
        {"made": "2026-12-01T06:00:00"},
        {"until": "2026-12-01T06:00:00"},
        {"made": None},
        {"made": 1},
        {"notes": "a note"},
        {"notes": [1]},
        {"platform": None},
        {"ground": None},
        {"ground": {"commit": "c0ffee"}},
        {"ground": {"commit": "beef", "prefix": "", "ledger": None, "marks": {}}},
        {"ground": {"commit": "c0ffee", "prefix": "", "ledger": 1, "marks": {}}},
        {"ground": {"commit": "c0ffee", "prefix": "", "ledger": None}},
        {"ground": {"commit": "c0ffee", "prefix": "", "ledger": None, "marks": {"embedded": None}}},
        {"more": 1},
    ],
)
def test_a_header_that_says_something_else_is_noticed(cache: PlanCache, header: Mapping[str, JsonValue]) -> None:
    cache.write(kept())
    forged(cache, {})
    assert cache.read() == kept()
    forged(cache, header)
    with pytest.raises(CacheFault):
        cache.read()


DELETE = replace(STEP, verb=Verb.DELETE)
DOCUMENTS = {
    "something to do": plan_json(Plan("c0ffee", (STEP, DELETE)), (), "f00"),
    "a step that is called nothing": plan_json(Plan("c0ffee", (DELETE,)), (), "f00").replace('"delete"', '"none"', 1),
    "another count": plan_json(PLAN, (), "f00").replace('"none": 3', '"none": 4'),
    "no count": plan_json(PLAN, (), "f00").replace('"none": 3', ""),
    "another commit": plan_json(replace(PLAN, base="beef"), (), "f00"),
    "limits that are broken": plan_json(PLAN, (), "f00").replace('"refused": []', '"refused": [1]'),
    "another version": plan_json(PLAN, (), "f00").replace('"version": 1', '"version": 2'),
    "something more": plan_json(PLAN, (), "f00").replace('"version": 1', '"version": 1, "more": 1'),
    "no plan": "[]\n",
    "nothing": "",
    "what is no text": '{"base": "\udcff"}',
    "a well": "[" * 200_000,
}


@pytest.mark.parametrize("case", DOCUMENTS)
def test_only_a_plan_of_nothing_is_believed(cache: PlanCache, case: str) -> None:
    cache.write(kept())
    document = DOCUMENTS[case].encode("utf-8", "surrogateescape")
    first, _, _ = cache.file.read_bytes().partition(b"\n")
    header = {**json.loads(first), "sum": crc32(document)}
    cache.file.write_bytes(json.dumps(header).encode() + b"\n" + document)
    with pytest.raises(CacheFault):
        cache.read()


def test_what_stands_in_its_place_and_a_disk_that_refuses_are_told(cache: PlanCache, tmp_path: Path) -> None:
    cache.folder.mkdir(parents=True)
    cache.file.mkdir()
    with pytest.raises(CacheFault, match=r"^the kept plan cannot be read: Is a directory$"):
        cache.read()
    with pytest.raises(OutsideError, match="cannot be written"):
        cache.write(kept())
    assert os.listdir(cache.folder) == [cache.file.name]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be written"):
        PlanCache(tmp_path / "file").write(kept())
