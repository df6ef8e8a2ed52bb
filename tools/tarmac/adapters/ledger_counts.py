"""Figures as JSON: canonical one way, distrustful the other."""

from __future__ import annotations

import json

from tarmac.errors import LedgerError
from tarmac.model.figures import BOUNDS, Figures, Gauges, TypeFigures
from tarmac.model.json_value import JsonValue, dig, mapping
from tarmac.model.plan import canonical

FIGURES = "figures.json"
_VERSION = 1


def figures_file(figures: Figures) -> bytes:
    """The figures as their file holds them."""
    types: dict[str, JsonValue] = {
        name: {"steps": found.steps, "retries": found.retries, "waits": list(found.waits), "waited": found.waited}
        for name, found in figures.types.items()
    }
    now = figures.now
    gauges: JsonValue = {
        "queue": now.queue,
        "held": now.held,
        "drifted": now.drifted,
        "orphaned": now.orphaned,
    }
    return (canonical({"version": _VERSION, "types": types, "now": gauges}) + "\n").encode()


def read_figures(content: bytes | None) -> Figures:
    """A file of figures back as a value; none where there is no file.

    Raises:
        LedgerError: it is none.
    """
    if content is None:
        return Figures()
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise LedgerError(f"{FIGURES}: no JSON where the ledger has some") from None
    if dig(data, "version") != _VERSION:
        raise LedgerError(f"{FIGURES}: this Tarmac reads version {_VERSION}")
    types = {name: _type(found) for name, found in mapping(data, "types").items()}
    now = mapping(data, "now")
    return Figures(types, Gauges(*(_count(now.get(name)) for name in ("queue", "held", "drifted", "orphaned"))))


def _type(data: JsonValue) -> TypeFigures:
    raw = dig(data, "waits")
    waits = tuple(map(_count, raw)) if isinstance(raw, list) else ()
    if len(waits) != len(BOUNDS) + 1:
        raise LedgerError(f"{FIGURES}: it has {len(waits)} classes of waiting times instead of {len(BOUNDS) + 1}")
    steps = {name: _count(value) for name, value in mapping(data, "steps").items()}
    return TypeFigures(steps, _count(dig(data, "retries")), waits, _count(dig(data, "waited")))


def _count(value: JsonValue) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise LedgerError(f"{FIGURES}: a count is missing or wrong")
