"""Which tags a request comes out with, and what tag policies say of what is live."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.app.check import judge, settings_of
from tarmac.app.load import load
from tarmac.app.requests import list_requests
from tarmac.catalog.index import Catalog
from tarmac.catalog.tags import DERIVED, Tag, effective, normalizations, normalized, of_type
from tarmac.catalog.traced import ReadLog
from tarmac.model.findings import in_order
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Tags
from tarmac.reports.request_json import show_json
from tarmac.reports.request_text import show_text
from tarmac.rules.tag import RULE, instance_faults, live_faults, live_tags
from tarmac.rules.tracing import each
from tests.trees import DISK, NOW, READING, Memory, catalog_of, company, group, request

POLICY = """\
apiVersion: tarmac/v1
kind: TagPolicy
metadata: {name: core}
spec:
  normalize: {trim: true, case: lower, aliases: {env: environment, dataclass: data-class}}
  tags:
    - {key: team, required: true, ref: teams}
    - {key: environment, required: true, values: [development, staging, production]}
    - {key: cost-center, required: true, match: "CC-[0-9]{4}"}
    - {key: data-class, required: true, values: [public, internal], environments: [production]}
    - {key: ledger, ref: cost-centers}
"""
TYPE = DISK.replace("  pricing:", "  tags: {data-class: internal, backup: nightly}\n  pricing:")
TEAM = group("one").replace("metadata: {name: one,", "metadata: {name: one, labels: {cost-center: CC-1234},")


def world(labels: str = "", policy: str = POLICY, kind: str = TYPE) -> dict[str, str]:
    asked = request("r").replace("metadata: {name: r}", f"metadata: {{name: r, labels: {{{labels}}}}}")
    return company(
        **{
            "policies/tags.yaml": policy,
            "catalog/types/disk.yaml": kind,
            "teams/one/team.yaml": TEAM,
            "requests/one/staging/r.yaml": asked,
        }
    )


def tags(labels: str = "", policy: str = POLICY, kind: str = TYPE) -> dict[str, tuple[str, str]]:
    catalog = catalog_of(world(labels, policy, kind))
    asked = catalog.get("resourcerequest:default/r")
    assert asked is not None
    found = effective(catalog, asked, normalizations(catalog))
    return {key: (tag.value, tag.source) for key, tag in found.items()}


def test_a_label_goes_over_the_type_and_what_is_derived_over_both() -> None:
    assert tags("data-class: public, team: other, colour: blue") == {
        "backup": ("nightly", "type"),
        "colour": ("blue", "label"),
        "cost-center": ("CC-1234", "derived"),
        "data-class": ("public", "label"),
        "environment": ("staging", "derived"),
        "managed-by": ("tarmac", "derived"),
        "request": ("r", "derived"),
        "service": ("shop", "derived"),
        "team": ("one", "derived"),
    }


def test_each_tag_knows_where_a_person_changes_it() -> None:
    catalog = catalog_of(world("colour: blue"))
    asked, kind = catalog.get("resourcerequest:default/r"), catalog.get("resourcetype:default/disk")
    assert asked is not None
    assert kind is not None
    found = effective(catalog, asked, normalizations(catalog))
    assert {key: tag.path for key, tag in found.items()} == {
        "backup": ("spec", "type"),
        "colour": ("metadata", "labels", "colour"),
        "cost-center": ("spec", "owner"),
        "data-class": ("spec", "type"),
        "environment": ("spec", "environment"),
        "managed-by": ("metadata", "name"),
        "request": ("metadata", "name"),
        "service": ("spec", "for"),
        "team": ("spec", "owner"),
    }
    assert of_type(kind, {}) == {
        "backup": Tag("nightly", "type", ("spec", "tags", "backup")),
        "data-class": Tag("internal", "type", ("spec", "tags", "data-class")),
    }
    assert {"team", "cost-center", "service", "environment", "request", "managed-by"} == DERIVED


def test_what_cannot_be_known_is_no_tag() -> None:
    files = world()
    path = "requests/one/staging/r.yaml"
    files[path] = files[path].replace("component:default/shop", "component:default/x")
    files["teams/one/team.yaml"] = group("one")
    catalog = catalog_of(files)
    asked = catalog.get("resourcerequest:default/r")
    assert asked is not None
    assert not {"service", "cost-center"} & effective(catalog, asked, ()).keys()


@pytest.mark.parametrize(
    ("normalize", "expected"),
    [
        ({}, {" Env ": " production "}),
        ({"trim": True}, {"Env": "production"}),
        ({"trim": False}, {" Env ": " production "}),
        ({"trim": "yes"}, {" Env ": " production "}),
        ({"trim": True, "case": "lower"}, {"env": "production"}),
        ({"trim": True, "case": "upper"}, {"ENV": "production"}),
        ({"trim": True, "case": "other"}, {"Env": "production"}),
        ({"trim": True, "case": "lower", "aliases": {"env": "environment"}}, {"environment": "production"}),
        ({"aliases": {"env": "environment"}}, {" Env ": " production "}),
    ],
)
def test_tags_are_evened_out(normalize: dict[str, JsonValue], expected: dict[str, str]) -> None:
    assert normalized([(" Env ", " production ")], normalize) == expected


def test_keys_are_evened_out_as_the_policy_says() -> None:
    assert tags("DataClass: public, ENV: production")["data-class"] == ("public", "label")
    assert tags("ENV: production")["environment"] == ("staging", "derived")
    plain = "apiVersion: tarmac/v1\nkind: TagPolicy\nmetadata: {name: core}\nspec: {tags: [{key: team}]}\n"
    assert tags("DataClass: public", plain)["DataClass"] == ("public", "label")
    upper = plain.replace("spec: {", "spec: {normalize: {case: upper}, ")
    assert tags("colour: blue", upper)["COLOUR"] == ("blue", "label")


def test_request_show_tells_each_tag_and_where_it_is_from() -> None:
    (listed,) = list_requests(Memory(world("colour: blue")), None, READING, NOW)
    shown = show_text(listed.row, None, listed.tags).splitlines()
    assert {"    backup: nightly (its type's)", "    colour: blue (its label)", "    team: one (derived)"} <= set(shown)
    assert json.loads(show_json(listed.row, None, listed.tags))["tags"]["backup"] == {
        "value": "nightly",
        "source": "type",
    }


LIVE = {"team": "one", "Env": "production", "cost-center": " CC-1234", "dataclass": "public"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"team": "nobody"}, ["the tag team has the value nobody"]),
        ({"cost-center": "xCC-1234"}, ["the tag cost-center has the value xCC-1234"]),
        ({"cost-center": "CC-1234\n"}, []),
        ({"cost-center": "CC-12345"}, ["the tag cost-center has the value CC-12345"]),
        ({"dataclass": "secret"}, ["the tag data-class has the value secret"]),
        ({"dataclass": "secret", "Env": "staging"}, []),
        ({"ledger": "CC-1"}, []),
        ({"ledger": "CC-2"}, ["the tag ledger has the value CC-2"]),
    ],
)
def test_what_is_live_is_held_to_the_same_rules(change: dict[str, str], said: list[str]) -> None:
    base = catalog_of(world())
    assert [fault.message for fault in live_faults({**LIVE, **change}, base, Cel())] == said


def test_what_is_live_without_tags_misses_those_that_hold_everywhere() -> None:
    found = live_faults({}, catalog_of(world()), Cel())
    assert [fault.key for fault in found] == ["team", "environment", "cost-center"]
    assert found[0].wanted == "one of finops, one and platform"


def test_the_tags_of_an_instance_go_by_the_names_of_tag_policies() -> None:
    carried = Tags(
        uid="u",
        reference="resourcerequest:default/r",
        platform="p",
        owner="group:default/one",
        environment="staging",
        cost_centre="CC-1234",
        type="disk@1.0.0",
        ready_at=None,
    )
    found = live_tags(carried)
    assert found == {
        "team": "one",
        "environment": "staging",
        "cost-center": "CC-1234",
        "request": "r",
        "managed-by": "tarmac",
    }
    assert live_faults(found, catalog_of(world()), Cel()) == ()


WORDS = st.dictionaries(
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}[a-z0-9]", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True),
    max_size=6,
)


@given(WORDS)
def test_no_label_replaces_what_is_derived_and_nothing_else_is_lost(labels: dict[str, str]) -> None:
    written = ", ".join(f'"{key}": "{value}"' for key, value in labels.items())
    found = tags(written)
    plain = tags()
    assert {key: tag for key, tag in found.items() if key in DERIVED} == {
        key: tag for key, tag in plain.items() if key in DERIVED
    }
    aliases = {"env": "environment", "dataclass": "data-class"}
    assert {aliases.get(key.lower(), key.lower()) for key in labels} <= found.keys()
    assert found.keys() == {key for key in found if key == key.lower()}


def said(**changed: str) -> list[tuple[str, str, str]]:
    """What the rule says of the world: where, what, and what to write instead."""
    loaded = load(Memory({**world(), **changed}), READING)
    result = judge(loaded, loaded.catalog, READING, NOW)
    found = [finding for finding in result.findings if finding.rule == "tag"]
    # The same where it is noted what each verdict rests on.
    settings = settings_of(loaded.catalog, READING, NOW)
    noted = each(loaded.catalog, settings, (RULE,), ReadLog())
    assert in_order([one for findings in noted.values() for one in findings]) == tuple(found)
    return [(str(one.place), one.message, one.fix.sentence if one.fix else "") for one in found]


def test_a_request_is_held_to_what_its_tags_come_out_as() -> None:
    asked = request("r").replace("metadata: {name: r}", "metadata: {name: r, labels: {data-class: secret}}")
    production = asked.replace("environment: staging", "environment: production")
    path = "requests/one/staging/r.yaml"
    assert said(**{path: asked}) == []
    assert said(**{path: production}) == [
        (
            f"{path}:3:42",
            "the tag data-class has the value secret (tag policy core)",
            "give metadata.labels.data-class one of public and internal",
        )
    ]
    bare = production.replace(", labels: {data-class: secret}", "")
    plain = {"catalog/types/disk.yaml": DISK, "teams/one/team.yaml": TEAM.replace("CC-1234", "CC-12")}
    assert said(**{path: bare, **plain}) == [
        (
            f"{path}:3:1",
            "the tag data-class is missing: it needs one of public and internal (tag policy core)",
            "give metadata.labels.data-class one of public and internal",
        ),
        (
            f"{path}:6:10",
            "the tag cost-center has the value CC-12 (tag policy core)",
            "give the label cost-center of its owner a value that matches CC-[0-9]{4}",
        ),
    ]


def test_what_a_type_says_wrongly_is_said_of_the_type_alone() -> None:
    kind = DISK.replace("  pricing:", "  tags: {data-class: secret, team: one, ledger: XX}\n  pricing:")
    path = "catalog/types/disk.yaml"
    found = said(**{path: kind})
    assert [(message, fix) for _, message, fix in found] == [
        (
            "the tag data-class has the value secret (tag policy core)",
            "give it one of public and internal, or take it out",
        ),
        ("the tag team is derived from each request, so this value is never used (tag policy core)", "take it out"),
        ("the tag ledger has the value XX (tag policy core)", "give it one of CC-1, or take it out"),
    ]
    assert {place.partition(":")[0] for place, _, _ in found} == {path}


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (
            "requests/one/staging/r.yaml",
            request("r").replace("{name: r}", "{name: r, labels: {colour: red, Colour: blue}}"),
        ),
        ("catalog/types/disk.yaml", DISK.replace("  pricing:", "  tags: {colour: red, Colour: blue}\n  pricing:")),
    ],
)
def test_a_tag_that_is_written_twice_is_said_at_the_later_one(path: str, content: str) -> None:
    ((place, message, fix),) = said(**{path: content})
    line, column = (int(part) for part in place.rsplit(":", 2)[1:])
    assert content.splitlines()[line - 1][column - 1 :].startswith("Colour")
    assert message == "the tag colour is written twice, as red and as blue (tag policy core)"
    assert fix == "keep the right one"


def test_an_instance_carries_what_is_known_of_it() -> None:
    known = Tags(
        uid="u", type="disk@1.0.0", platform="p", reference="resourcerequest:default/r", owner="group:default/one",
        environment="staging", cost_centre="CC-1234", ready_at=None,
    )  # fmt: skip
    assert live_tags(known) == {
        "team": "one", "environment": "staging", "cost-center": "CC-1234", "request": "r", "managed-by": "tarmac",
    }  # fmt: skip
    assert live_tags(replace(known, owner="a b c", environment="", cost_centre="")) == {
        "request": "r", "managed-by": "tarmac",
    }  # fmt: skip


def policy(tags: str, normalize: str = "{}") -> str:
    spec = f"spec: {{normalize: {normalize}, tags: [{tags}]}}\n"
    return f"apiVersion: tarmac/v1\nkind: TagPolicy\nmetadata: {{name: own}}\n{spec}"


@pytest.mark.parametrize(
    ("tags", "message", "fix"),
    [
        ("{key: team, values: [two]}", "the tag team has the value one", "give spec.owner one of two"),
        ("{key: cost-center, values: [CC-1]}", "the tag cost-center has the value CC-1234",
         "give the label cost-center of its owner one of CC-1"),
        ("{key: environment, values: [production]}", "the tag environment has the value staging",
         "give spec.environment one of production"),
        ("{key: service, match: x}", "the tag service has the value shop", "give spec.for a value that matches x"),
        ("{key: request, match: rr}", "the tag request has the value r", "give metadata.name a value that matches rr"),
        ("{key: new, required: true}", "the tag new is missing", "give metadata.labels.new a value"),
        ("{key: squad, ref: teams, values: [blue]}", "the tag squad has the value one",
         "give metadata.labels.squad one of blue"),
        ("{key: squad, match: '('}", "the tag squad has the value one",
         "give metadata.labels.squad a value that matches ("),
        ("{key: squad, ref: teams}", "", ""),
        ("{key: squad, values: [one]}", "", ""),
        ("{key: new}", "", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_s_tag_and_what_to_write(tags: str, message: str, fix: str) -> None:
    asked = request("r").replace("{name: r}", "{name: r, labels: {squad: one}}")
    path = "requests/one/staging/r.yaml"
    found = said(**{"policies/tags.yaml": policy(tags), path: asked})
    assert [(text, write) for _, text, write in found] == ([(f"{message} (tag policy own)", fix)] if message else [])
    if "new" in tags and message:
        assert found[0][0] == f"{path}:3:21"


def test_names_that_a_policy_makes_one_are_looked_at_as_one() -> None:
    written = policy("{key: data-class, values: [public]}", "{case: lower, aliases: {dataclass: data-class}}")
    asked = request("r").replace("{name: r}", "{name: r, labels: {DataClass: secret}}")
    kind = DISK.replace("  pricing:", "  tags: {DataClass: hidden}\n  pricing:")
    files = {"policies/tags.yaml": written, "requests/one/staging/r.yaml": asked, "catalog/types/disk.yaml": kind}
    assert [message for _, message, _ in said(**files)] == [
        "the tag data-class has the value hidden (tag policy own)",
        "the tag data-class has the value secret (tag policy own)",
    ]


def test_of_an_instance_only_what_it_has_room_for_is_said() -> None:
    written = policy("{key: squad, values: [two]}, {key: colour, required: true}", "{aliases: {team: squad}}")
    known = Tags(
        uid="u", type="disk@1.0.0", platform="p", reference="resourcerequest:default/r", owner="group:default/one",
        environment="staging", cost_centre="CC-1234", ready_at=None,
    )  # fmt: skip
    other = replace(known, owner="group:default/two")
    found = list(instance_faults([known, other], catalog_of(world(policy=written)), Cel()))
    assert [(tags, fault.key, fault.message) for tags, fault in found] == [
        (known, "squad", "the tag squad has the value one")
    ]


def test_a_rule_for_an_environment_goes_by_the_tag_of_that_name_alone() -> None:
    catalog = catalog_of(world(policy=policy("{key: new, required: true, environments: [production]}")))
    assert live_faults({"environment": "staging", "stage": "production"}, catalog, Cel()) == ()
    assert [one.key for one in live_faults({"environment": "production"}, catalog, Cel())] == ["new"]


def test_a_value_that_is_too_long_for_the_short_cut_is_matched_all_the_same() -> None:
    catalog = catalog_of(world(policy=policy("{key: long, match: x+}")))
    assert live_faults({"long": "x" * 2_500}, catalog, Cel()) == ()
    assert len(live_faults({"long": "x" * 2_500 + "y"}, catalog, Cel())) == 1


class Counting:
    """A catalog that counts what it is asked of names, and keeps nothing where it is `noted` what verdicts rest on."""

    def __init__(self, catalog: Catalog, noted: bool) -> None:
        self.catalog, self.noted, self.named_asked = catalog, noted, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.catalog, name)

    def memory(self, topic: str = "") -> Any:
        return None if self.noted else self.catalog.memory(topic)

    def named(self, kind: str, name: str) -> bool:
        self.named_asked += 1
        return self.catalog.named(kind, name)


@pytest.mark.parametrize(
    ("judged", "base", "asked"), [(False, False, 1), (True, False, 2), (False, True, 2), (True, True, 2)]
)
def test_what_is_noted_is_asked_for_each_request(judged: bool, base: bool, asked: int) -> None:
    files = world(policy=policy("{key: team, ref: teams}"))
    files["requests/one/staging/s.yaml"] = request("s")
    catalog = catalog_of(files)
    seen, judging = Counting(catalog, judged), Counting(catalog, base)
    settings = replace(settings_of(catalog, READING, NOW), base=judging)
    assert list(RULE.find(seen, settings)) == []
    assert judging.named_asked == asked
