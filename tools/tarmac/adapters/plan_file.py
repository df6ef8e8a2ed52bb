"""A plan that was saved, read back. Nothing in the file is carried out: it only says which plan somebody has seen."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from tarmac.errors import UsageError
from tarmac.model.json_value import JsonValue, dig, text
from tarmac.model.plan import SavedPlan, canonical

_LIMIT = 256 * 1024 * 1024
_HASHED = ("version", "base", "actions", "summary")


def read_plan(path: Path) -> SavedPlan:
    """The plan in a file that `tarmac plan --out` wrote.

    Raises:
        UsageError: it cannot be read, is no such file, or was changed after it was written.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}") from None
    wrong = UsageError(f"{path}: no saved plan: write one with tarmac plan --out FILE")
    if len(content) > _LIMIT:
        raise wrong
    try:
        data: JsonValue = json.loads(content)
        parts = {name: dig(data, name) for name in _HASHED}
        seen = hashlib.sha256(canonical(parts).encode()).hexdigest()
    except (ValueError, RecursionError):
        raise wrong from None
    base, inventory, stated = (text(data, name) for name in ("base", "inventory", "hash"))
    if not base or not inventory or not stated:
        raise wrong
    if seen != stated:
        raise UsageError(f"{path}: it was changed after it was written: its hash does not fit what it says")
    return SavedPlan(base, inventory, stated)
