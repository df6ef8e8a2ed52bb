"""A plan that was saved, read back. Nothing in the file is carried out: it only says which plan somebody has seen."""

from __future__ import annotations

import json
from pathlib import Path

from tarmac.adapters.report_files import write_report
from tarmac.errors import UsageError
from tarmac.model.json_value import JsonValue, dig, items, text, texts
from tarmac.model.plan import Action, Breach, Change, Plan, SavedPlan, Verb, digest_of

_LIMIT = 256 * 1024 * 1024
_HASHED = ("version", "base", "actions", "summary")


def read_plan(path: Path) -> SavedPlan:
    """What the plan in a file that `tarmac plan --out` wrote is known by.

    Raises:
        UsageError: it cannot be read, is no such file, or was changed after it was written.
    """
    return _known_by(path, _read(path))


def write_plan(path: Path, text: str) -> None:
    """Save a plan. What is there already is replaced only where it is a plan too.

    Raises:
        UsageError: another file has that name.
        OutsideError: there is no such folder, or the disk or its permissions refuse.
    """
    if path.is_file():
        try:
            read_plan(path)
        except UsageError:
            raise UsageError(f"{path} is there already and holds no plan: name another file for --out") from None
    write_report(path, text)


def show_plan(path: Path) -> tuple[Plan, tuple[Breach, ...]]:
    """The plan itself, as it was saved, and the limits that it broke then: to be looked at.

    Raises:
        UsageError: as above.
    """
    data = _read(path)
    base = _known_by(path, data).base
    try:
        actions = tuple(_action(one) for one in items(data, "actions"))
        return Plan(base, actions), tuple(_breach(one) for one in items(data, "refused"))
    except ValueError:
        raise _wrong(path) from None


def _read(path: Path) -> JsonValue:
    try:
        with open(path, "rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as fault:
        raise UsageError(f"{path}: cannot be read: {fault.strerror}") from None
    if len(content) > _LIMIT:
        raise _wrong(path)
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise _wrong(path) from None
    return data


def _known_by(path: Path, data: JsonValue) -> SavedPlan:
    try:
        parts = {name: dig(data, name) for name in _HASHED}
        seen = digest_of(parts)
    except (ValueError, RecursionError):
        raise _wrong(path) from None
    base, inventory, stated = (text(data, name) for name in ("base", "inventory", "hash"))
    if not base or not inventory or not stated:
        raise _wrong(path)
    if seen != stated:
        raise UsageError(f"{path}: it was changed after it was written: its hash does not fit what it says")
    return SavedPlan(base, inventory, stated)


def _wrong(path: Path) -> UsageError:
    return UsageError(f"{path}: no saved plan: write one with tarmac plan --out FILE")


def _action(data: JsonValue) -> Action:
    """Raises ValueError for what is none."""
    verb, kind, provider, reason = (text(data, name) for name in ("action", "type", "provider", "reason"))
    if verb is None or kind is None or provider is None or reason is None:
        raise ValueError("no action")
    changes = tuple(
        Change(text(one, "path") or "", dig(one, "before"), dig(one, "after")) for one in items(data, "changes")
    )
    return Action(Verb(verb), text(data, "request"), text(data, "uid"), kind, provider, reason, changes)


def _breach(data: JsonValue) -> Breach:
    live, removals, allowed = (dig(data, name) for name in ("live", "removals", "allowed"))
    if not (isinstance(live, int) and isinstance(removals, int) and isinstance(allowed, int)):
        raise ValueError("no breach")
    return Breach(text(data, "scope") or "", live, removals, allowed, texts(data, "requests"))
