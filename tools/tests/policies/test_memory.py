"""What a memory of verdicts is asked by, how much it holds, and when it is given up."""

from __future__ import annotations

import pytest

from tarmac.model.json_value import JsonValue
from tarmac.rules.policy_outcomes import Memory, Plan, Values


def kept(source: str, *, noted: bool = False) -> tuple[Plan, Memory]:
    plan = Plan(noted=noted)
    memory = plan.memory(source)
    assert memory is not None
    return plan, memory


@pytest.mark.parametrize(
    ("source", "which"),
    [
        ("owner.email != ''", {"owner"}),
        ("has(git.changed)", {"git"}),
        ("object.spec.type == 'a'", {"type"}),
        ("object.spec.type == object.spec.size || has(git.changed)", {"git", "type", "size"}),
        ("owner.email == object.spec.size", {"owner", "size"}),
        ("true", set()),
    ],
)
def test_two_documents_are_the_same_to_it_where_what_it_reads_is(source: str, which: set[str]) -> None:
    plan, memory = kept(source)
    here: dict[str, str | int] = {"owner": "one", "git": "today", "type": "a", "size": 1}

    def values(of: dict[str, str | int]) -> Values:
        data: dict[str, JsonValue] = {"spec": {"type": of["type"], "size": of["size"]}}
        return plan.values(data, of["owner"], of["git"])

    for name in here:
        other = here | {name: "another"}
        assert (memory.pick(values(here)) != memory.pick(values(other))) is (name in which), name


def test_a_plan_says_whether_the_team_and_the_age_are_to_be_looked_up() -> None:
    plan = Plan()
    assert (plan.owner, plan.git) == (False, False)
    for source, expected in (
        ("object.spec.type == 'a'", (False, False)),
        ("exists(ref) && owner.email == '' && has(git.changed)", (False, False)),
        ("owner.email == ''", (True, False)),
        ("has(git.changed)", (True, True)),
    ):
        plan.memory(source)
        assert (plan.owner, plan.git) == expected


def test_each_path_of_a_plan_is_looked_up_once() -> None:
    plan = Plan()
    sources = ["object.spec.type == 'a'", "object.spec.size == 1 && object.spec.type == 'b'", "object.spec.size == 2"]
    first, both, second = (plan.memory(source) for source in sources)
    values = plan.values({"spec": {"type": "a", "size": 1}}, None, None)
    assert len(values) == 4
    assert first is not None
    assert both is not None
    assert second is not None
    assert set(both.pick(values)) == {first.pick(values), second.pick(values)}  # type: ignore[call-overload]


def test_it_recalls_what_it_learned_and_nothing_else() -> None:
    plan, memory = kept("object.spec.size > 1")
    for size in (1, 2):
        memory.learn(plan.values({"spec": {"size": size}}, None, None), size > 1)
    sizes = (1, 2, 3, True, "1")
    assert [memory.recall(plan.values({"spec": {"size": size}}, None, None)) for size in sizes] == [
        False, True, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(("answered", "idle"), [(63, True), (64, False)])
def test_it_is_given_up_where_fewer_than_a_quarter_of_256_are_answered(answered: int, idle: bool) -> None:
    plan, memory = kept("object.spec.size > 1")
    known = plan.values({"spec": {"size": 0}}, None, None)
    memory.learn(known, False)
    for number in range(256):
        assert not memory.idle
        values = known if number < answered else plan.values({"spec": {"size": number + 1}}, None, None)
        assert memory.recall(values) is (False if number < answered else None)
    assert memory.idle is idle
    assert memory.recall(known) is (None if idle else False)
    new = plan.values({"spec": {"size": -1}}, None, None)
    memory.learn(new, True)
    assert (memory.pick(new) in memory.known) is not idle


def test_it_holds_so_much_and_no_more() -> None:
    memory = Memory(lambda values: values[0])
    for number in range(50_001):
        memory.learn([number], True)
    assert len(memory.known) == 50_000
    assert (memory.recall([49_999]), memory.recall([50_000])) == (True, None)


def test_values_that_python_takes_for_the_same_are_told_apart() -> None:
    plan, memory = kept("object.spec.a.b == 1")
    values = [1, 1.0, True, "1", None, "None", [1], ["1"], {"b": 1}]
    documents: list[object] = [{"spec": {"a": {"b": value}}} for value in values]
    documents += [{"spec": {"a": value}} for value in values[:-1]]
    documents += [{"spec": {"a": {}}}, {"spec": {}}, {"spec": 1}, {"spec": None}, {"spec": "None"}, {}]
    keys = [memory.pick(plan.values(data, None, None)) for data in documents]  # type: ignore[arg-type]
    assert len(set(keys)) == len(documents)


@pytest.mark.parametrize(
    "source",
    [
        "exists(ref)", "object == {}", "object.spec.size() > 1", "ref != ''", "old.spec.a == 1", "platform.a == 1",
        "object[ref] == 1", "dyn(object).spec.a == 1", 'entity("a") == {}', "object // and all of it\n.spec.a == 1",
        "targets('a', 'b') == []", "referring('a', 'b') == []", "dependents('a') == []", "needs('a') == []",
        "together('a') == []", "version('a') == {}",
    ],
)  # fmt: skip
def test_what_reads_more_than_can_be_told_is_not_remembered(source: str) -> None:
    assert Plan().memory(source) is None


def test_what_asks_for_an_instant_is_remembered_where_nobody_keeps_how_long_it_holds() -> None:
    assert Plan(noted=True).memory("past(object.spec.sunset)") is None
    assert Plan(noted=True).memory("exists(object.spec.sunset)") is None
    assert Plan(noted=True).memory("object.spec.sunset == ''") is not None
    assert Plan().memory("past(object.spec.sunset)") is not None
