"""`request new`: each answer is checked at once, nobody is left without a way on, and nothing is asked in vain."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tarmac.app.request_draft import Wish
from tarmac.app.request_form import Question, value_of, words
from tarmac.cli.main import tarmac
from tarmac.cli.request_prompts import command_line
from tarmac.errors import TarmacError, UsageError
from tarmac.model.json_value import JsonValue
from tests.reconcile.company import Company
from tests.reconcile.test_requests import REASONS
from tests.trees import READING

TAGS = """\
apiVersion: tarmac/v1
kind: TagPolicy
metadata: {name: core-tags}
spec:
  normalize: {trim: true, case: lower, aliases: {dataclass: data-class}}
  tags:
    - {key: environment, required: true, values: [development, staging, production]}
    - {key: data-class, required: true, values: [public, internal, confidential]}
    - {key: shift, required: true, match: "[a-z]+", environments: [production]}
"""
CONFIDENTIAL = """\
apiVersion: tarmac/v1
kind: ApprovalRule
metadata: {name: confidential-data}
spec:
  when: >-
    change.kind == "ResourceRequest"
    && object.metadata.?labels[?"data-class"].orValue("confidential") == "confidential"
  require: [{from: [group:default/platform]}]
"""
FULL = ("--name", "orders-db", "--for", "shop", "--environment", "staging")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company.found(tmp_path)
    company.write("policies/tags.yaml", TAGS)
    company.write("policies/confidential.yaml", CONFIDENTIAL)
    return company


def new(company: Company, *arguments: str, answers: str | None = None) -> Result:
    """`request new postgres`; an error of ours is raised."""
    command = ["request", "new", "postgres", *arguments, "--root", str(company.root), "--now", "2026-12-01T06:00:00Z"]
    result = CliRunner().invoke(tarmac, command, input=answers, standalone_mode=False)
    if isinstance(result.exception, TarmacError):
        raise result.exception
    assert result.exception is None, result.exception
    return result


def test_every_answer_is_checked_at_once_and_asked_for_again_with_the_reason(company: Company) -> None:
    company.ask("taken-db")
    said = (
        ("", "a name is needed"),
        ("Bad Name", "name 'Bad Name' cannot be part of a file's path"),
        ("taken-db", "taken-db.yaml exists already"),
        ("orders-db", ""),
        ("shopp", "there is no component:default/shopp; did you mean shop?"),
        ("group:platform", "is no component, resource, system or api"),
        ("", ""),
        ("", "an owner is needed, which pays and answers for it: platform"),
        ("plattform", "did you mean platform?"),
        ("platform", ""),
        ("", "an environment is needed: development, staging or production"),
        ("stagin", "is not offered in 'stagin'; did you mean staging?"),
        ("staging", ""),
        ("", "the label data-class is needed: public|internal|confidential"),
        ("secret", "label data-class=secret cannot be: it needs one of public, internal and confidential"),
        ("internal", ""),
        ("huge", "must be small or large"),
        ("large", ""),
        ("maybe", "neither true nor false"),
        ("", ""),
        ("400d", "400d is over the maximum of postgres in staging: 90d"),
        ("tomorrow", "duration"),
        ("14d", ""),
        ("a\x07bell", "cannot stand in a YAML file"),
        ("load test", ""),
        ("y", ""),
    )
    result = new(company, answers="".join(f"{answer}\n" for answer, _ in said))
    faults = [line.partition("Error: ")[2] for line in result.stderr.splitlines() if "Error: " in line]
    assert len(faults) == sum(1 for _, fault in said if fault)
    for line, fault in zip(faults, (fault for _, fault in said if fault), strict=True):
        assert fault in line
    text = (company.root / "requests/platform/staging/orders-db.yaml").read_text("utf-8")
    for part in ("    data-class: internal\n", "  ttl: 14d\n", "  reason: load test\n", "    size: large\n"):
        assert part in text


def test_the_components_of_the_owner_are_offered_first(company: Company) -> None:
    other = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: zebra}\n"
    company.write("catalog/zebra.yaml", other + "spec: {type: service, lifecycle: production, owner: other}\n")
    needed = ("--environment", "staging", "--label", "data-class=public")
    with pytest.raises(UsageError, match=r"there is no component:default/qqqq: choose one of shop$"):
        new(company, "--yes", "--name", "x", "--owner", "platform", "--for", "qqqq", *needed)


def test_labels_that_the_tag_policy_requires_are_named_with_their_values(company: Company) -> None:
    with pytest.raises(UsageError, match=r"needed: --label data-class=public\|internal\|confidential$"):
        new(company, "--yes", *FULL)
    with pytest.raises(UsageError, match=r"--label data-class=public\|internal\|confidential, --label shift="):
        new(company, "--yes", *FULL[:4], "--environment", "production")
    assert "Written" in new(company, "--yes", *FULL, "--label", "dataclass=internal").stdout


def test_a_tag_that_the_type_gives_is_not_asked_for(company: Company) -> None:
    path = company.root / "catalog/resource-types/postgres.yaml"
    path.write_text(path.read_text("utf-8").replace("  pricing:", "  tags: {data-class: public}\n  pricing:"), "utf-8")
    assert "Written" in new(company, "--yes", *FULL).stdout


def test_a_label_that_cannot_be_is_refused_before_anything_is_shown(company: Company) -> None:
    with pytest.raises(UsageError, match="data-class=secrt cannot be: it needs one of public, internal and conf"):
        new(company, "--yes", *FULL, "--label", "data-class=secrt")


def test_only_data_that_is_confidential_is_previewed_as_such(company: Company) -> None:
    for value, asked in (("internal", False), ("confidential", True)):
        shown = new(company, *FULL, "--label", f"data-class={value}", answers="\n\n\n\nx\nn\n").stdout
        assert ("confidential-data" in shown) is asked


def test_an_input_that_ends_is_wrong_usage_and_says_what_to_give(company: Company) -> None:
    with pytest.raises(UsageError) as wrong:
        new(company, "--name", "x", answers="")
    assert str(wrong.value) == (
        "nobody answers here; without prompts these are needed: --owner (or --for), "
        "--environment development|staging|production, --label data-class=public|internal|confidential, --yes"
    )
    with pytest.raises(UsageError, match=r"these are needed: --yes$"):
        new(company, *FULL, "--label", "data-class=public", answers="\n\n\n\n")
    assert not (company.root / "requests").exists()


def test_without_a_terminal_the_exit_code_is_that_of_wrong_usage(company: Company) -> None:
    command = [sys.executable, "-m", "tarmac", "request", "new", "postgres", "--name", "x"]
    done = subprocess.run(command, cwd=company.root, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"without prompts these are needed: " in done.stderr


def test_a_refusal_ends_with_the_command_that_asks_again(company: Company) -> None:
    company.write("policies/reasons.yaml", REASONS)
    answers = "\n\n\no'k\n"
    result = new(company, *FULL, "--label", "data-class=internal", "--set", "size=large", answers=answers)
    assert result.return_value == 1
    line = result.stdout.splitlines()[-1]
    assert line.startswith("To ask again: tarmac request new postgres --name orders-db ")
    again = shlex.split(line.removeprefix("To ask again: tarmac "))
    assert again[again.index("--reason") + 1] == "o'k"
    again[again.index("--reason") + 1] = "load test of the spring"
    repeated = CliRunner().invoke(tarmac, again, standalone_mode=False)
    assert repeated.exception is None, repeated.exception
    assert "Written: requests/platform/staging/orders-db.yaml" in repeated.stdout
    text = (company.root / "requests/platform/staging/orders-db.yaml").read_text("utf-8")
    for part in ("    data-class: internal\n", "    size: large\n", "  reason: load test of the spring\n"):
        assert part in text


def test_beside_json_the_command_goes_to_standard_error(company: Company) -> None:
    company.write("policies/reasons.yaml", REASONS)
    result = new(company, "--yes", *FULL, "--label", "data-class=internal", "--format", "json")
    assert json.loads(result.stdout)["written"] is False
    assert "To ask again: " in result.stderr


TEXTS = st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" ,[]'\"$"), min_size=1, max_size=8)


@given(TEXTS, st.lists(TEXTS.map(str.strip), max_size=3), st.integers(-9, 9), st.booleans())
def test_a_command_line_is_read_back_as_what_was_wished(reason: str, tags: list[str], number: int, flag: bool) -> None:
    config: dict[str, JsonValue] = {"tags": list(tags), "number": number, "flag": flag}
    wish = Wish("x", "group:default/a", None, "staging", config, None, reason, {"a": "b"})
    parts = shlex.split(command_line("postgres", wish, {}))
    assert parts[parts.index("--reason") + 1] == reason
    schemas = {"tags": "array", "number": "integer", "flag": "boolean"}
    read: dict[str, JsonValue] = {}
    for at in (index for index, part in enumerate(parts) if part == "--set"):
        key, _, value = parts[at + 1].partition("=")
        read[key] = value_of(Question(key, "", {"type": schemas[key]}, True, None, ()), value, READING)
    assert read == config, words(tags)
