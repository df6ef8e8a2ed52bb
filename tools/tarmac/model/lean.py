"""Keeps a library that is being loaded from loading what it does without: that would take longer than itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def hidden(name: str) -> Iterator[None]:
    """While entered, a module that nobody has loaded yet is not to be found."""
    with _standing(name, None):
        yield


@contextmanager
def standing_in(name: str, **known: object) -> Iterator[None]:
    """While entered, one that holds nothing but what is `known` stands in for a module that nobody has loaded yet."""
    module = ModuleType(name)
    vars(module).update(known)
    with _standing(name, module):
        yield


@contextmanager
def _standing(name: str, module: ModuleType | None) -> Iterator[None]:
    loaded = name in sys.modules
    if not loaded:
        # None says that there is no such module.
        sys.modules[name] = module  # type: ignore[assignment]  # as the language's reference has it
    try:
        yield
    finally:
        if not loaded:
            del sys.modules[name]
