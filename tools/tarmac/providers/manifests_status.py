"""What the engine says of the instances: a JSON file that a job of the engine's side writes, named by option `status`.

    {"version": 1, "instances": {"<uid>": {"state": "ready" | "pending" | "failed", "message": "..."}}}

An instance that it does not name is as it was delivered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, mapping, text
from tarmac.model.shown import visible

_LIMIT = 16 * 1024 * 1024
_LONGEST = 300


class State(StrEnum):
    """How an instance is, by the engine's word."""

    READY = "ready"
    PENDING = "pending"
    FAILED = "failed"


class Status(Frozen):
    """The engine's word, and what it says of it."""

    state: State
    message: str


def read_status(path: Path) -> Mapping[str, Status]:
    """The status of each instance that the file names, by uid.

    Raises:
        ProviderError: it cannot be read, or is none: then nothing is known of any instance.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LIMIT + 1)
    except OSError as fault:
        raise ProviderError(f"the status file cannot be read: {fault.strerror}", transient=True) from None
    if len(content) > _LIMIT:
        raise ProviderError(f"the status file is larger than {_LIMIT} bytes", transient=False)
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise ProviderError("the status file is no JSON", transient=True) from None
    version = data.get("version") if isinstance(data, Mapping) else None
    if isinstance(version, bool) or version != 1:
        raise ProviderError("the status file is not of version 1", transient=False)
    found = {}
    for uid, said in mapping(data, "instances").items():
        try:
            state = State(text(said, "state") or "")
        except ValueError:
            raise ProviderError(
                f"the status file says of {visible(uid, 60)} neither ready, pending nor failed", transient=False
            ) from None
        found[uid] = Status(state, visible(text(said, "message") or "", _LONGEST))
    return found
