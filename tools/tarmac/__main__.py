"""`python -m tarmac`, and what `tarmac` runs."""

from __future__ import annotations

import gc
import os
import sys
from importlib.util import find_spec, module_from_spec
from threading import RLock
from types import ModuleType
from typing import Any, NoReturn

# What the libraries of every command load, and few commands use.
_SELDOM_USED = ("calendar", "inspect", "ipaddress", "random", "socket", "textwrap")


def start() -> NoReturn:
    """Run one command, and end the process with its exit code."""
    # Documents are trees: the collector of cycles walks all of them again and again, and finds nothing. A command does
    # one thing and ends, so what cycles faults leave behind is little. Off before anything is loaded, as what is
    # loaded stays too.
    gc.disable()
    for name in _SELDOM_USED:
        load_when_used(name)
    # All that `uuid` asks of it, and so all that is asked where no other system is served.
    if hasattr(os, "uname"):
        load_when_used("platform", system=lambda: os.uname().sysname)
    from tarmac.cli.main import main

    main()


class _Later(ModuleType):
    """A module that is run when something is asked of it. `importlib.util.LazyLoader` runs it as soon as it is named a
    second time in an `import`, which asks for its `__spec__`."""

    def __getattr__(self, name: str) -> Any:
        with _ONE_AT_A_TIME:
            spec = self.__spec__
            # What it asks of itself while it runs is not there yet.
            if type(self) is _Later and spec is not None and spec.loader is not None and spec.name not in _running:
                _running.add(spec.name)
                try:
                    spec.loader.exec_module(self)
                    setattr(self, "__class__", ModuleType)  # noqa: B010 (its type is another from now on)
                finally:
                    _running.discard(spec.name)
        return ModuleType.__getattribute__(self, name)


_ONE_AT_A_TIME, _running = RLock(), set[str]()


def load_when_used(name: str, **known: object) -> None:
    """Let a module of the standard library be run when it is used first, unless it has been already. To ask it for what
    is `known` is not to use it."""
    spec = None if name in sys.modules else find_spec(name)
    if spec is not None and spec.loader is not None:
        module = sys.modules[name] = module_from_spec(spec)
        module.__class__ = _Later
        vars(module).update(known)


if __name__ == "__main__":
    start()
