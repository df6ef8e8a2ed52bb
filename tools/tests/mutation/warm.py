"""Judge mutants in a process that has collected the tests already: each fault that stands within a function is put into
the function's code in a fork, so that a mutant costs as little as the first test that notices it.

Only "noticed" is said here, and nothing of what is not within a function, or what no test notices: a process of its own
is the judge of those (run.py).
"""

from __future__ import annotations

import ast
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.mutation.mutants import Mutant

# The wrappers around a function that hold it: properties, class and static methods, caches.
_HOLDERS = ("fget", "__func__", "__wrapped__", "func")


def noticed(module: str, path: str, mutants: Sequence[Mutant], arguments: Sequence[str], sink: int) -> None:
    """Write to `sink` the number of each mutant that the tests notice for sure, a line each; `arguments` are pytest's.

    The process is spent then: it has imported the module as it is.
    """
    pytest.main(list(arguments), plugins=[_Loop(module, path, mutants, sink)])


class _Loop:
    """Runs the collected tests once for each mutant, instead of once."""

    def __init__(self, module: str, path: str, mutants: Sequence[Mutant], sink: int) -> None:
        self._module, self._path, self._mutants, self._sink = module, path, mutants, sink
        # The test that noticed the last mutant is likely to notice the next one.
        self._first = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        module = sys.modules.get(self._module)
        start = time.monotonic()
        if module is None or session.testsfailed or self._fails(session, lambda: None, 600) is not False:
            return True
        limit = 10 * (time.monotonic() - start) + 5
        for index, mutant in enumerate(self._mutants):
            change = _change(module, mutant, self._path)
            if change is not None and self._fails(session, change, limit):
                os.write(self._sink, f"{index}\n".encode())
        return True

    def _fails(self, session: pytest.Session, change: Callable[[], None], limit: float) -> bool | None:
        """Whether a test fails, or takes too long, in a fork with the change; None where it cannot be made there."""
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(source)
            _run(session, change, self._first, sink)
        os.close(sink)
        end = time.monotonic() + limit
        while not (done := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < end:
            time.sleep(0.001)
        if not done[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with os.fdopen(source) as told:
            said = told.read()
        if not done[0] or said == "made":
            return True
        if said.isdigit():
            self._first = int(said)
            return True
        return False if said == "held" else None


def _run(session: pytest.Session, change: Callable[[], None], first: int, sink: int) -> None:
    """Never returns. Tells `made` at least where the change could be made; then which test failed, or `held`."""
    said = ""
    try:
        change()
        said = "made"
        items = session.items
        order = [first, *range(first), *range(first + 1, len(items))]
        for at, number in enumerate(order):
            following = items[order[at + 1]] if at + 1 < len(order) else None
            session.config.hook.pytest_runtest_protocol(item=items[number], nextitem=following)
            if session.testsfailed:
                said = str(number)
                break
        else:
            said = "held"
    finally:
        os.write(sink, said.encode())
        os._exit(0)


def _change(module: ModuleType, mutant: Mutant, path: str) -> Callable[[], None] | None:
    """What puts the mutant's code into the function that it is within; None where that is no function to be found."""
    holder: Any = module
    code: CodeType | None = _compiled(mutant.tree, path)
    for name in mutant.where.split("."):
        code = _inner(code, name)
        found = vars(holder).get(name)
        if code is None or found is None:
            return None
        if not isinstance(found, type):
            return _replacing(_function(found), code)
        holder = found
    return None


def _compiled(tree: ast.Module, path: str) -> CodeType:
    return compile(tree, path, "exec")


def _inner(code: CodeType | None, name: str) -> CodeType | None:
    """The code of that name within another; None where there is none, or several."""
    found = [] if code is None else [one for one in _constants(code) if one.co_name == name]
    return found[0] if len(found) == 1 else None


def _constants(code: CodeType) -> Iterator[CodeType]:
    return (one for one in code.co_consts if isinstance(one, CodeType))


def _function(found: Any) -> FunctionType | None:
    for _ in range(4):
        if isinstance(found, FunctionType):
            inner = getattr(found, "__wrapped__", None)
            if inner is None:
                return found
            found = inner
        else:
            found = next((inner for name in _HOLDERS if (inner := getattr(found, name, None)) is not None), None)
    return None


def _replacing(function: FunctionType | None, code: CodeType) -> Callable[[], None] | None:
    if function is None or function.__code__.co_firstlineno != code.co_firstlineno:
        return None
    if function.__code__.co_freevars != code.co_freevars:
        return None
    known = function

    def replace() -> None:
        known.__code__ = code

    return replace
