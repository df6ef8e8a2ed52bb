"""Our tags on AWS: readable ones for people and cost reports, and the exact record that the state is rebuilt from.

AWS takes few characters in a tag's value, at most 256 of them, and 50 tags. So what our tags and the config say exactly
is JSON, packed by zlib and written in base64url over as many tags as it needs; the readable ones have `_` for what AWS
does not take.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, mapping, text
from tarmac.model.plan import Tags
from tarmac.providers.tagging import Untagged, tags_of, texts_of

PREFIX = "tarmac:"
UID = "tarmac:uid"
PLATFORM = "tarmac:platform"
_COUNT = "tarmac:records"
_LENGTH, _MOST = 256, 30
_UNPACKED = 1024 * 1024
_FOREIGN = re.compile(r"[^A-Za-z0-9 +\-=._:/@]")


class Record(Frozen):
    """What the tags say: ours, the config, and whether all of it was made."""

    tags: Tags
    config: Mapping[str, JsonValue]
    whole: bool


def aws_tags(record: Record) -> Mapping[str, str] | None:
    """The tags on AWS that say so; None where it is too much for them."""
    data = {"tags": dict(texts_of(record.tags)), "config": record.config, "whole": record.whole}
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(data, sort_keys=True).encode(), 9)).decode()
    pieces = [packed[start : start + _LENGTH] for start in range(0, len(packed), _LENGTH)]
    if len(pieces) > _MOST:
        return None
    plain = {f"{PREFIX}{name}": readable(value) for name, value in texts_of(record.tags).items()}
    exact = {f"tarmac:record-{number:02}": piece for number, piece in enumerate(pieces)}
    return {**plain, **exact, _COUNT: str(len(pieces))}


def readable(value: str) -> str:
    """The value as AWS takes it in a tag."""
    return _FOREIGN.sub("_", value)[:_LENGTH]


def read_record(uid: str, found: Mapping[str, str]) -> Record:
    """What the tags of a thing say.

    Raises:
        Untagged: they are not ours, or are damaged; with what is wrong.
    """
    count = found.get(_COUNT, "")
    if not count.isascii() or not count.isdigit() or not 0 < int(count[:3]) <= _MOST:
        raise Untagged(f"no tag {_COUNT}")
    try:
        packed = "".join(found[f"tarmac:record-{number:02}"] for number in range(int(count[:3])))
        data: JsonValue = json.loads(_unpacked(base64.urlsafe_b64decode(packed)))
    except (KeyError, ValueError, RecursionError, binascii.Error, zlib.error):
        raise Untagged("its record is damaged") from None
    if not isinstance(data, Mapping) or not isinstance(data.get("config"), Mapping):
        raise Untagged("its record is damaged")
    if text(data, "tags", "uid") != found.get(UID):
        raise Untagged("its record is another's")
    return Record(tags_of(uid, mapping(data, "tags")), mapping(data, "config"), data.get("whole") is True)


def _unpacked(packed: bytes) -> bytes:
    reader = zlib.decompressobj()
    found = reader.decompress(packed, _UNPACKED)
    if reader.unconsumed_tail:
        raise ValueError("too long")
    return found
