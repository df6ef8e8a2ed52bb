"""Put every small fault into a module, and see whether its tests notice.

    python -m tests.mutation.run [PATH...]

targets.yaml names the modules (all of them, unless paths are given), the tests of each, and the mutants that nothing
could notice, each with the reason. A mutant lives in a forked process alone: nothing is written to the source. Most are
noticed in a process that has collected the tests already (warm.py); who is not is judged by one that begins anew. The
end is 0 when every mutant was noticed or stands in that list, and nothing in the list was noticed; else 1.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.warm import noticed

TOOLS = Path(__file__).resolve().parents[2]
TARGETS = Path(__file__).with_name("targets.yaml")

# What a child would otherwise import again.
_HEAVY = ("cel_expr_python.cel", "cel_expr_python.ext", "hypothesis", "jsonschema_rs", "re2", "yaml")
_OURS = ("tarmac", "tests")

# hypothesis is imported before pytest could rewrite its plug-in's assertions, of which there are none.
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")


@dataclass(frozen=True, slots=True)
class Target:
    """A module below `root`, its tests, and the mutants of it (by name) that are as good as the original, with the
    reason."""

    root: Path
    path: Path
    tests: tuple[str, ...]
    equivalent: Mapping[str, str]

    @property
    def module(self) -> str:
        """Its dotted name."""
        return ".".join(self.path.relative_to(self.root).with_suffix("").parts)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a target: how many mutants there were, who survived, and who in the list did not."""

    total: int
    survivors: tuple[Mutant, ...]
    noticed: tuple[str, ...]


class Replaced(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module as a mutant's code."""

    def __init__(self, target: Target, tree: ast.Module) -> None:
        self._target, self._tree = target, tree

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._target.module:
            return None
        return importlib.util.spec_from_file_location(name, self._target.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, str(self._target.path), "exec"), module.__dict__)  # noqa: S102  # that is its purpose


def targets(wanted: Sequence[str]) -> list[Target]:
    """The targets of the table, or those with the paths that are wanted.

    Raises:
        ValueError: a path that stands in no target.
    """
    rows: list[dict[str, Any]] = yaml.safe_load(TARGETS.read_text("utf-8"))
    found = [
        Target(
            TOOLS,
            TOOLS / row["module"],
            tuple(row["tests"]),
            {one["mutant"]: one["reason"] for one in row.get("equivalent", ())},
        )
        for row in rows
    ]
    if not wanted:
        return found
    asked = {Path(path).resolve() for path in wanted}
    unknown = asked - {target.path for target in found}
    if unknown:
        raise ValueError(f"{', '.join(map(str, sorted(unknown)))}: add it to {TARGETS.name}, with its tests")
    return [target for target in found if target.path in asked]


def resting_on(module: str, sources: Mapping[str, str]) -> frozenset[str]:
    """A module, and those (of `sources`, by name) that import it when they are imported, directly or not. What is
    imported in a function is found anew by each call."""
    imports = {name: frozenset(_imports(ast.parse(source).body)) for name, source in sources.items()}
    found: set[str] = set()
    waiting = {module}
    while waiting:
        found |= waiting
        waiting = {name for name, needs in imports.items() if needs & waiting} - found
    return frozenset(found)


def _imports(body: Sequence[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            # What is imported from a package may be a module of it.
            yield from (f"{node.module}.{one.name}" for one in node.names)
        elif isinstance(node, ast.If | ast.Try):
            yield from _imports([*node.body, *node.orelse])


def _warm(target: Target) -> frozenset[str]:
    """Import what the tests need, and say what of it a child has to import again, as it rests on the module."""
    if target.root != TOOLS:
        return frozenset()
    for test in target.tests:
        importlib.import_module(".".join(Path(test).with_suffix("").parts))
    files = {
        name: module.__file__
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in _OURS and module.__spec__ is not None
    }
    sources = {name: Path(file).read_text("utf-8") for name, file in files.items() if file}
    return resting_on(target.module, sources)


def judge(target: Target) -> Verdict:
    """Run the tests of a target against each of its mutants.

    Raises:
        ValueError: the tests do not pass as things stand.
    """
    again = _warm(target)
    source = target.path.read_text("utf-8")
    start = time.monotonic()
    if not passes(target, ast.parse(source), again, 600):
        raise ValueError(f"{target.module}: its tests do not pass without a mutant: {' '.join(target.tests)}")
    limit = 10 * (time.monotonic() - start) + 5
    found = list(mutants(source))
    sure = quickly(target, found)
    survivors, seen = [], set()
    for index, mutant in enumerate(found):
        if index not in sure and passes(target, mutant.tree, again, limit):
            seen.add(mutant.name)
            if mutant.name not in target.equivalent:
                survivors.append(mutant)
                print(f"  survives: line {mutant.line}, {mutant.name}", flush=True)
    return Verdict(len(found), tuple(survivors), tuple(name for name in target.equivalent if name not in seen))


def quickly(target: Target, found: Sequence[Mutant]) -> frozenset[int]:
    """Those of which it can be told without a process of their own that they are noticed."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        try:
            _prepare(target)
            noticed(target.module, str(target.path), found, _arguments(target), sink)
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source) as told:
        numbers = frozenset(int(line) for line in told)
    os.waitpid(child, 0)
    return numbers


def passes(target: Target, tree: ast.Module, again: Collection[str], limit: float) -> bool:
    """Whether the tests pass with this code in the module's place; a run that takes longer than `limit` seconds does
    not. Of what is loaded, `again` is imported anew."""
    child = os.fork()
    if child == 0:
        _run(target, tree, again)
    end = time.monotonic() + limit
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return False
        time.sleep(0.01)


def _run(target: Target, tree: ast.Module, again: Collection[str]) -> None:
    code = 2
    try:
        for name in again:
            _forget(name)
        _prepare(target)
        sys.meta_path.insert(0, Replaced(target, tree))
        code = int(pytest.main(_arguments(target)))
    finally:
        os._exit(code)


def _forget(name: str) -> None:
    """Have the next import load a module; its package has it as an attribute as well."""
    if sys.modules.pop(name, None) is not None:
        package, _, short = name.rpartition(".")
        if package in sys.modules:
            vars(sys.modules[package]).pop(short, None)


def _prepare(target: Target) -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.path.insert(0, str(target.root))


def _arguments(target: Target) -> list[str]:
    paths = [str(target.root / test) for test in target.tests]
    return [*paths, "-x", "-q", "--no-header", "--no-summary", "-p", "no:cacheprovider", *_QUIET]


def main(arguments: Sequence[str]) -> int:
    """Judge the targets and print what survives."""
    for name in _HEAVY:
        importlib.import_module(name)
    failed = False
    for target in targets(arguments):
        print(f"{target.module}:", flush=True)
        verdict = judge(target)
        for name in verdict.noticed:
            print(f"  listed as equivalent, but noticed or gone: {name}")
        equal = len(target.equivalent) - len(verdict.noticed)
        killed = verdict.total - len(verdict.survivors) - equal
        print(f"  {verdict.total} mutants: {killed} noticed, {equal} equivalent, {len(verdict.survivors)} survive")
        failed = failed or bool(verdict.survivors or verdict.noticed)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
