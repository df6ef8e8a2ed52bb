"""Which tags a request comes out with, and what tag policies say of what is live."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.app.requests import list_requests
from tarmac.catalog.tags import DERIVED, effective, normalizations
from tarmac.model.plan import Tags
from tarmac.reports.request_json import show_json
from tarmac.reports.request_text import show_text
from tarmac.rules.tag import live_faults, live_tags
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
