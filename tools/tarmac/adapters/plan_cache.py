"""A plan with nothing to do, kept in a file: a line of JSON that says what it rests on, and the plan as JSON behind it.

What is read is believed only where it says that nothing is to do: whoever can write the file can hide that something
is, for as long as all stays as it is, and do nothing else.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from zlib import crc32

import msgspec

from tarmac.adapters.cache_schema import EVERY_ROOM, tool
from tarmac.adapters.files import write_text
from tarmac.errors import CacheFault
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Action, Change, Plan, Verb
from tarmac.planning.kept import Ground, KeptPlan

_ENDING = ".plan"
_TORN = "the kept plan is not what was written"
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class _Header(Frozen, forbid_unknown_fields=True):
    tool: str
    ground: Ground
    platform: str
    made: _Instant
    until: _Instant | None
    notes: tuple[str, ...]
    sum: int


class _Change(Frozen, forbid_unknown_fields=True):
    path: str
    before: msgspec.Raw
    after: msgspec.Raw


class _Step(Frozen, forbid_unknown_fields=True):
    action: Literal["none"]
    request: str | None
    uid: str | None
    type: str
    provider: str
    reason: str
    changes: tuple[_Change, ...]


class _Document(Frozen, forbid_unknown_fields=True):
    """A plan with nothing to do, as reports/plan_json.py writes it."""

    version: Literal[1]
    base: str
    hash: str
    actions: tuple[_Step, ...]
    summary: dict[Literal["none"], int]
    refused: tuple[()]
    inventory: str


class PlanCache(Frozen):
    """The plan that this version of the tool keeps in a folder."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / f"{tool(EVERY_ROOM)}{_ENDING}"

    def read(self) -> KeptPlan | None:
        """None where there is none.

        Raises:
            CacheFault: what is there is not what was written, or says that something is to do.
        """
        if next(self.folder.glob(f"*{_ENDING}"), None) is None:
            return None  # told without summing up the tool
        try:
            content = self.file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise CacheFault(f"the kept plan cannot be read: {fault.strerror}") from None
        first, _, document = content.partition(b"\n")
        try:
            header = msgspec.convert(json.loads(first), type=_Header)
            said = msgspec.json.decode(document, type=_Document)
            plan, text = Plan(said.base, tuple(map(_action, said.actions))), document.decode()
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise CacheFault(_TORN) from None
        if (header.tool, header.sum) != (tool(EVERY_ROOM), crc32(document)):
            raise CacheFault(_TORN)
        if (said.base, said.summary) != (header.ground.commit, plan.summary):
            raise CacheFault(_TORN)
        return KeptPlan(header.ground, header.platform, header.made, header.until, plan, header.notes, text)

    def write(self, kept: KeptPlan) -> None:
        """Keep a plan instead of what was kept before.

        Raises:
            OutsideError: the disk or its permissions refuse.
        """
        made_by, check = tool(EVERY_ROOM), crc32(kept.document.encode())
        header = _Header(made_by, kept.ground, kept.platform, kept.made, kept.until, kept.notes, check)
        write_text(self.file, f"{json.dumps(msgspec.to_builtins(header))}\n{kept.document}")


def _action(step: _Step) -> Action:
    changes = tuple(Change(one.path, _value(one.before), _value(one.after)) for one in step.changes)
    return Action(Verb.NONE, step.request, step.uid, step.type, step.provider, step.reason, changes)


def _value(raw: msgspec.Raw) -> JsonValue:
    # Whatever a configuration holds is read as it was written: by the same library.
    value: JsonValue = json.loads(bytes(raw))
    return value
