"""The table of targets names modules that are there, tests that reach them, and all code that decides on approvals."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.mutation.mutants import names
from tests.mutation.run import TOOLS, Target, targets

TARGETS = targets(())
DECIDING = (
    "approvals/*.py",
    "app/approval*.py",
    "app/proof*.py",
    "app/publish.py",
    "app/queue.py",
    "app/review_approvals.py",
    "app/review_facts.py",
    "adapters/merges_file.py",
    "adapters/reviews_file.py",
)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(TOOLS).with_suffix("").parts).removesuffix(".__init__")


@cache
def sources() -> dict[str, Path]:
    """Every module of the tool and of its tests, by name."""
    return {name_of(path): path for folder in ("tarmac", "tests") for path in (TOOLS / folder).rglob("*.py")}


@cache
def needs(module: str) -> frozenset[str]:
    """What a module imports, wherever in it; rules are looked up by name in their folder."""
    found = set(_imported(ast.parse(sources()[module].read_text("utf-8"))))
    if module == "tarmac.rules":
        found |= {name for name in sources() if name.startswith("tarmac.rules.")}
    return frozenset(found & sources().keys())


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def reached(module: str) -> frozenset[str]:
    """The module and everything that it may load."""
    found: set[str] = set()
    waiting = {module}
    while waiting:
        found |= waiting
        waiting = {name for one in waiting for name in needs(one)} - found
    return frozenset(found)


def test_no_module_stands_twice() -> None:
    assert len({target.path for target in TARGETS}) == len(TARGETS)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_each_test_of_a_target_is_there_and_reaches_the_module(target: Target) -> None:
    assert target.path.is_file()
    assert target.tests
    for test in target.tests:
        path = TOOLS / test
        assert path.is_file()
        assert path.name.startswith("test_")
        assert target.module in reached(name_of(path)), test


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_what_no_test_could_notice_is_a_fault_that_is_made_and_has_its_reason(target: Target) -> None:
    assert target.equivalent.keys() - names(target.path.read_text("utf-8")) == set()
    assert all(target.equivalent.values())


def test_whatever_decides_on_approvals_is_a_target() -> None:
    deciding = {path for pattern in DECIDING for path in (TOOLS / "tarmac").glob(pattern)}
    empty = {TOOLS / "tarmac/approvals/__init__.py"}
    assert len(deciding) > 25
    assert deciding - empty - {target.path for target in TARGETS} == set()
