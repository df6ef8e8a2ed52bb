"""Values of the cache as texts: JSON behind a check sum, so that what has rotted is noticed when it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from msgspec import MsgspecError
from msgspec.json import Decoder

from tarmac.errors import CacheFault
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.json_value import JsonValue, items, mapping
from tarmac.model.places import Place
from tarmac.model.refs import Ref

if TYPE_CHECKING:
    from tarmac.model.edits import Edit

_SUM = 8
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = Decoder().decode
_Row: TypeAlias = Sequence[JsonValue]


def packed(value: JsonValue) -> str:
    """ASCII; lone surrogates and all are read back as they were."""
    text = _encode(value)
    return f"{crc32(text.encode('ascii')):08x}{text}"


def unpacked(text: object) -> JsonValue:
    """The value that was packed.

    Raises:
        CacheFault: this is not what was written.
    """
    body = _body(text)
    try:
        found: JsonValue = _decode(body)
    except (MsgspecError, RecursionError):
        found = _whatever(body)
    return found


def _body(text: object) -> bytes:
    if not isinstance(text, str) or len(text) <= _SUM:
        raise CacheFault("a value of the cache is no text")
    try:
        body = text.encode("ascii")[_SUM:]
        right = crc32(body) == int(text[:_SUM], 16)
    except ValueError:
        right = False
    if not right:
        raise CacheFault("a value of the cache is not what was written")
    return body


def _whatever(body: bytes) -> JsonValue:
    """What the quicker decoder does not take: lone surrogates, and numbers that are none or without end."""
    try:
        found: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        raise CacheFault("a value of the cache cannot be read") from None
    return found


def written(text: str) -> bytes:
    """A path, a name or a reference as the cache holds it; in the order of texts, lone surrogates and all."""
    return text.encode("utf-8", "surrogatepass")


def read(value: object) -> str:
    """The text that was written.

    Raises:
        CacheFault: this is none.
    """
    if not isinstance(value, bytes):
        raise CacheFault("a name of the cache is no text")
    try:
        return value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise CacheFault("a name of the cache cannot be read") from None


@lru_cache(maxsize=1 << 14)
def written_ref(ref: Ref) -> bytes:
    """A reference as the cache holds it. Its parts may hold anything, so their lengths stand before them."""
    return written(_named(ref))


@lru_cache(maxsize=1 << 14)
def read_ref(value: object) -> Ref:
    """The reference that was written.

    Raises:
        CacheFault: this is none.
    """
    return _name(read(value))


def _named(ref: Ref) -> str:
    return f"{len(ref.kind)}:{len(ref.namespace)}:{ref.kind}{ref.namespace}{ref.name}"


@lru_cache(maxsize=1 << 14)
def _name(text: str) -> Ref:
    try:
        kind, namespace, parts = text.split(":", 2)
        first, second = int(kind), int(namespace)
    except ValueError:
        raise CacheFault("a reference of the cache cannot be read") from None
    return Ref(parts[:first], parts[first : first + second], parts[first + second :])


def finding_row(finding: Finding) -> _Row:
    """A finding as JSON."""
    place, fix = finding.place, finding.fix
    row: list[JsonValue] = [
        finding.rule, finding.severity.value, finding.message, place.path, place.line, place.column, finding.entity,
        None if finding.observed is None else finding.observed.value,
    ]  # fmt: skip
    if fix is not None:
        row += [fix.sentence, [_edit_row(edit) for edit in fix.edits]]
    return row


def finding_of(row: JsonValue) -> Finding:
    """The finding of a row.

    Raises:
        CacheFault: this is none.
    """
    try:
        rule, severity, message, path, line, column, entity, would, *fixed = items(row)
        fix = None
        if fixed:
            sentence, edits = fixed
            fix = Fix(_text(sentence), tuple(_edit_of(edit) for edit in items(edits)))
        place = Place(_text(path), _number(line), _number(column))
        about = None if entity is None else _text(entity)
        observed = None if would is None else Severity(_text(would))
        return Finding(_text(rule), Severity(_text(severity)), _text(message), place, about, fix, observed)
    except (ValueError, TypeError, KeyError):
        raise CacheFault("a finding of the cache cannot be read") from None


def _edit_row(edit: Edit) -> JsonValue:
    fields = {name: getattr(edit, name) for name in type(edit).__struct_fields__}
    return [
        type(edit).__name__,
        {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()},
    ]


def _edit_of(row: JsonValue) -> Edit:
    from tarmac.model.edits import AddEmptyList, PutFirst, Quote, Reword

    name, fields = items(row)
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in mapping(fields).items()}
    makers: dict[str, Callable[..., Edit]] = {each.__name__: each for each in (Reword, Quote, AddEmptyList, PutFirst)}
    return makers[_text(name)](**given)


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int):
        raise ValueError
    return value


def stamp(instant: datetime | None) -> str | None:
    """An instant (aware) as a text that sorts as instants do."""
    return None if instant is None else instant.astimezone(UTC).isoformat(timespec="microseconds")


def instant(value: object) -> datetime:
    """The instant of a stamp.

    Raises:
        CacheFault: this is none.
    """
    try:
        return datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise CacheFault("an instant of the cache cannot be read") from None
