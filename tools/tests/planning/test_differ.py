"""Which fields differ, which of them nobody asked for, and which an instance cannot follow."""

from __future__ import annotations

import pytest

from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Change
from tarmac.planning.differ import LEDGER_ONLY, differences, drifted, replacements
from tarmac.providers.tagging import tags_for
from tests.planning.worlds import NOW, OURS, subject_of, wish

WANT = wish("db", needs=("resourcerequest:default/a",), protected=True, service="component:default/shop")
KNOWN = subject_of(WANT, "uid")
TAGS = tags_for("uid", OURS, WANT, NOW)


def test_what_is_as_wanted_does_not_differ() -> None:
    assert differences(WANT, TAGS, KNOWN, WANT.config) == ()
    assert differences(WANT, None, None, WANT.config) == ()


@pytest.mark.parametrize(
    ("field", "value", "path", "before", "after"),
    [
        ("cost_centre", "CC-9", "costCentre", "CC-1001", "CC-9"),
        ("environment", "production", "environment", "staging", "production"),
        ("owner", "group:default/x", "owner", "group:default/payments", "group:default/x"),
        ("version", "2.0.0", "type", "postgres@1.1.0", "postgres@2.0.0"),
    ],
)
def test_a_tag_that_differs_is_one_change(field: str, value: str, path: str, before: str, after: str) -> None:
    wanted = replace(WANT, **{field: value})  # named by the test
    assert differences(wanted, TAGS, None, WANT.config) == (Change(path, before, after),)
    # What the ledger says too is not said twice.
    assert differences(wanted, TAGS, KNOWN, WANT.config) == (Change(path, before, after),)


def test_another_name_is_a_change_of_its_tag() -> None:
    renamed = replace(WANT, request="resourcerequest:default/new")
    assert differences(renamed, TAGS, None, WANT.config) == (Change("request", WANT.request, renamed.request),)


@pytest.mark.parametrize(
    ("field", "value", "change"),
    [
        ("protected", False, Change("deletionProtection", True, False)),
        ("needs", (), Change("dependsOn", ["resourcerequest:default/a"], [])),
        ("path", "requests/x.yaml", Change("file", WANT.path, "requests/x.yaml")),
        ("service", None, Change("for", "component:default/shop", None)),
        ("provider", "other", Change("provider", "embedded", "other")),
    ],
)
def test_what_only_the_ledger_knows_is_compared_with_it(field: str, value: object, change: Change) -> None:
    wanted = replace(WANT, **{field: value})  # named by the test
    assert differences(wanted, None, KNOWN, WANT.config) == (change,)
    assert differences(wanted, TAGS, None, WANT.config) == ()


def test_no_provider_is_asked_to_change_what_only_the_ledger_keeps() -> None:
    assert {"deletionProtection", "dependsOn", "file"} == LEDGER_ONLY


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 2}, [("config.a", 1, 2)]),
        ({"a": True}, {"a": 1}, [("config.a", True, 1)]),
        ({"a": 1}, {"a": 1.0}, [("config.a", 1, 1.0)]),
        ({"a": "1"}, {"a": 1}, [("config.a", "1", 1)]),
        ({"a": None}, {"a": None}, []),
        ({"a": None}, {}, []),
        ({"a": "x"}, {"a": "x"}, []),
        ({"a": [1, True]}, {"a": [1, 1]}, [("config.a", [1, True], [1, 1])]),
        ({"a": [1, 2]}, {"a": (1, 2)}, []),
        ({"a": 2.5}, {"a": 2.5}, []),
        ({"b": {"c": 1, "d": 2}}, {"b": {"c": 1, "d": 3}, "a": 0}, [("config.a", None, 0), ("config.b.d", 2, 3)]),
        ({"b": {"c": 1}}, {"b": 1}, [("config.b", {"c": 1}, 1)]),
        (None, {"a": 1}, [("config", None, {"a": 1})]),
    ],
)
def test_configs_are_compared_key_by_key_and_lists_whole(
    before: JsonValue, after: dict[str, JsonValue], changes: list[tuple[str, JsonValue, JsonValue]]
) -> None:
    found = differences(replace(WANT, config=after), None, None, before)
    assert [(one.path, one.before, one.after) for one in found] == changes


def test_changes_are_sorted_by_path() -> None:
    wanted = replace(WANT, owner="group:default/x", cost_centre="CC-9", path="x", config={"a": 1}, provider="other")
    found = [change.path for change in differences(wanted, TAGS, KNOWN, {"a": 2})]
    assert found == ["config.a", "costCentre", "file", "owner", "provider"]


def test_drift_is_what_nobody_asked_for() -> None:
    odd = replace(
        TAGS, owner="group:default/thief", cost_centre="CC-0", environment="nowhere", type="x@1", reference="y"
    )
    changes = differences(WANT, odd, KNOWN, {"size": "huge", "encrypted": True})
    assert [change.path for change in drifted(changes, KNOWN)] == [
        "config.size",
        "costCentre",
        "environment",
        "owner",
        "request",
        "type",
    ]
    assert drifted(changes, None) == ()


def test_what_git_asks_for_anew_is_no_drift() -> None:
    wanted = replace(WANT, owner="group:default/x", config={"size": "large", "encrypted": True})
    changes = differences(wanted, TAGS, KNOWN, WANT.config)
    assert {change.path for change in changes} == {"owner", "config.size"}
    assert drifted(changes, KNOWN) == ()
    # A true that was made, and a 1 that is wanted, are not the same.
    number = replace(WANT, config={"size": "small", "encrypted": 1})
    assert drifted(differences(number, TAGS, KNOWN, WANT.config), KNOWN) == ()


def test_a_field_of_the_ledger_alone_never_drifts() -> None:
    changes = (Change("provider", "other", "embedded"), Change("file", "x", WANT.path))
    assert drifted(changes, KNOWN) == ()


def test_nested_config_drifts_by_its_whole_path() -> None:
    deep = replace(WANT, config={"net": {"ports": {"http": 80}}})
    known = subject_of(deep, "uid")
    changes = differences(deep, None, known, {"net": {"ports": {"http": 81}}})
    assert [change.path for change in drifted(changes, known)] == ["config.net.ports.http"]


def test_what_an_instance_cannot_follow_is_named() -> None:
    wanted = replace(WANT, immutable=("encrypted", "net"))
    changes = (
        Change("config.encrypted", True, False),
        Change("config.encryptedAtRest", True, False),
        Change("config.net.zone", "a", "b"),
        Change("config.size", "a", "b"),
        Change("environment", "staging", "production"),
        Change("owner", "a", "b"),
        Change("provider", "embedded", "other"),
    )
    assert replacements(wanted, changes) == ("config.encrypted", "config.net.zone", "environment", "provider")


def test_another_type_is_a_replacement_and_another_version_of_it_none() -> None:
    assert replacements(WANT, (Change("type", "redis@1.0.0", "postgres@1.1.0"),)) == ("type",)
    assert replacements(WANT, (Change("type", "postgres@1.0.0", "postgres@1.1.0"),)) == ()
    assert replacements(WANT, (Change("type", None, "postgres@1.1.0"),)) == ("type",)
