"""The repository keeps the shape that CONTRIBUTING.md and tools/docs promise."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import yaml

import tarmac

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tools" / "tarmac"
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-aws-test.lock", "requirements-fuzz.lock")
TOP = {
    ".ci", ".github", ".vscode", "catalog", "policies", "requests", "teams", "templates", "tools",
    ".editorconfig", ".gitattributes", ".gitignore", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
    "README.md", "catalog-info.yaml", "pyproject.toml", *LOCKS,
}  # fmt: skip
# What may touch the world; every other folder and module of the package is pure.
EFFECTFUL = {"__main__", "cli", "app", "adapters", "providers"}


def tracked() -> tuple[str, ...]:
    """List every tracked path of this repository, relative to its root."""
    out = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return tuple(path for path in out.decode().split("\0") if path)


def project() -> Mapping[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def rooms() -> set[str]:
    """Name the folders and modules directly inside the package."""
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return folders | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}


def targets(makefile: str) -> set[str]:
    """Name the targets that a Makefile calls phony, which are the ones for people."""
    line = next(line for line in makefile.splitlines() if line.startswith(".PHONY:"))
    return set(line.removeprefix(".PHONY:").split())


def test_make_help_names_every_target() -> None:
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make (\S+) +\S", shown, re.MULTILINE)) == targets((ROOT / "Makefile").read_text("utf-8"))


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_host_and_no_machine(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links|(^|\s)/\w", text)


def lock_faults() -> Callable[[Mapping[str, Any], str, str, Mapping[str, str]], Iterator[str]]:
    """Load the comparison that `make lint` runs."""
    script = run_path(str(ROOT / ".ci" / "lock_is_fresh.py"))
    faults: Callable[[Mapping[str, Any], str, str, Mapping[str, str]], Iterator[str]] = script["faults"]
    return faults


def test_locks_are_fresh() -> None:
    runtime, development, aws_test, fuzz = ((ROOT / name).read_text("utf-8") for name in LOCKS)
    assert list(lock_faults()(project(), runtime, development, {"aws-test": aws_test, "fuzz": fuzz})) == []


def test_a_stale_lock_is_told_line_by_line() -> None:
    table = {
        "project": {"dependencies": ["one>=2", "two"]},
        "dependency-groups": {"dev": ["three"]},
        "build-system": {"requires": []},
    }
    runtime = "one==1.0 \\\n    --hash=sha256:00\n"
    development = "one==1.1 \\\n    --hash=sha256:00\nthree==3\n"
    assert list(lock_faults()(table, runtime, development, {})) == [
        "requirements.lock: one 1.0 is outside of >=2",
        "requirements.lock: two is not pinned",
        "requirements-dev.lock: one 1.1 is outside of >=2",
        "requirements-dev.lock: two is not pinned",
        "requirements-dev.lock: one is not at 1.0 as in requirements.lock",
        "requirements-dev.lock: three has no hash",
    ]


def test_top_level_holds_what_the_house_names_and_nothing_else() -> None:
    assert {path.split("/", 1)[0] for path in tracked()} - TOP == set()


def test_tools_holds_the_package_its_tests_its_docs_and_its_schemas() -> None:
    inside = {path.split("/")[1] for path in tracked() if path.startswith("tools/")}
    assert inside - {"bench", "tarmac", "tests", "docs", "schemas", "demo.py"} == set()


def test_every_room_has_its_layer() -> None:
    layers = project()["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {room for layer in layers for room in re.findall(r"\w+", layer)}
    assert rooms() - named == set()


def test_every_pure_room_is_held_to_purity() -> None:
    pure = project()["tool"]["importlinter"]["contracts"][1]["source_modules"]
    assert set(pure) == {f"tarmac.{room}" for room in rooms() - EFFECTFUL}


def test_the_import_contracts_have_no_exceptions() -> None:
    for contract in project()["tool"]["importlinter"]["contracts"]:
        assert "ignore_imports" not in contract
        assert "exhaustive_ignores" not in contract


def test_installed_version_is_the_one_in_the_source() -> None:
    assert version("tarmac") == tarmac.__version__


def test_decisions_are_short_numbered_without_gaps_and_complete() -> None:
    records = sorted((ROOT / "tools" / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{n:04d}" for n in range(1, len(records) + 1)]
    assert records
    for path in records:
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 60, path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Alternatives", "Consequences"], path.name


LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    pages += sorted((ROOT / "tools" / "docs").rglob("*.md"))
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_workflows_pin_every_action_by_hash_and_grant_by_name() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert workflows
    for path in workflows:
        text = path.read_text("utf-8")
        uses = re.findall(r"uses: (\S+)(.*)", text)
        for action, rest in uses:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), f"{path.name}: {action}"
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", rest), f"{path.name}: {action} does not say its version"
        assert re.search(r"^permissions:", text, re.MULTILINE), path.name


def test_no_expression_is_written_into_a_shell() -> None:
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"]
        scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
        assert scripts, path.name
        assert [script for script in scripts if "${{" in script] == [], path.name
