"""What peers are given: the same verdicts to reach, pinned versions, all of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.equivalent import equivalent
from bench.generate import ROOT, documents
from bench.measure import batches
from bench.peers import RECIPES, SCHEMAS, versions
from bench.shipped import shipped

EXAMPLES = ROOT / "tools" / "tests" / "examples"


def examples() -> Iterator[Any]:
    """Every example of every kind."""
    for file in sorted(EXAMPLES.glob("*.yaml")):
        yield from yaml.safe_load_all(file.read_text("utf-8"))


def broken(value: Any) -> Iterator[Any]:
    """The value with one key or item left out, or blanked, at a time, at every depth."""
    if isinstance(value, dict):
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
            yield {**value, key: None}
            for inner in broken(value[key]):
                yield {**value, key: inner}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            for inner in broken(item):
                yield [*value[:index], inner, *value[index + 1 :]]


def kinds_own(kind: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of one kind's own schema."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", kind).lower()
    return jsonschema_rs.Draft202012Validator(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def test_the_equivalent_schema_judges_every_example_and_its_mutations_as_the_kinds_schema_does() -> None:
    whole = jsonschema_rs.Draft202012Validator(equivalent(SCHEMAS))
    verdicts = {True: 0, False: 0}
    for example in examples():
        own = kinds_own(example["kind"])
        for document in (example, *broken(example)):
            if "kind" not in document or document["kind"] is None:
                assert not whole.is_valid(document)
                continue
            assert whole.is_valid(document) == own.is_valid(document), document
            verdicts[own.is_valid(document)] += 1
    assert min(verdicts.values()) > 100


def test_the_equivalent_schema_accepts_what_the_generator_makes() -> None:
    whole = jsonschema_rs.Draft202012Validator(equivalent(SCHEMAS))
    for path, text in documents(300, shipped(ROOT)):
        assert whole.is_valid(yaml.safe_load(text)), path


@pytest.mark.parametrize("name", ["requirements.lock", "package.json", "package-lock.json"])
def test_peers_are_pinned_and_no_lock_names_where_packages_come_from(name: str) -> None:
    text = (RECIPES / name).read_text("utf-8")
    assert not re.search(r'"resolved"|--(extra-)?index-url|--find-links', text)
    if name == "requirements.lock":
        assert all("==" in line for line in re.findall(r"^[a-z].*", text, re.MULTILINE))
    if name == "package.json":
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in json.loads(text)["dependencies"].values())


@pytest.mark.system
def test_the_versions_of_all_four_peers_are_told() -> None:
    told = versions()
    assert {"check-jsonschema", "pre-commit-hooks", "yamllint", "@backstage/catalog-model (npm)", "node"} <= set(told)
    assert all(re.match(r"\d+\.\d+", version) for version in told.values())


@given(st.lists(st.text(min_size=1, max_size=20)), st.integers(min_value=40, max_value=500))
def test_batches_hold_every_file_once_in_order_and_stay_within_the_limit(files: list[str], limit: int) -> None:
    calls = batches(("tool", "--flag"), files, limit)
    assert [file for call in calls for file in call[2:]] == files
    assert all(call[:2] == ("tool", "--flag") for call in calls)
    for call in calls:
        assert len(call) == 3 or sum(len(file.encode()) + 9 for file in call[2:]) <= limit


def test_the_equivalent_schema_needs_a_choice_by_kind(tmp_path: Path) -> None:
    (tmp_path / "tarmac.schema.json").write_text('{"type": "object"}', "utf-8")
    with pytest.raises(ValueError, match="choose by kind"):
        equivalent(tmp_path)
