"""Who needs whom as a row of the cache: what things are called, and the numbers, of four bytes each."""

from __future__ import annotations

import sys
from array import array
from typing import TypeAlias
from zlib import crc32

from msgspec import ValidationError, convert

from tarmac.adapters.cache_codec import packed, unpacked
from tarmac.catalog.needs import KeptNeeds
from tarmac.errors import CacheFault

# Groups, names and tiers.
_Things: TypeAlias = tuple[list[tuple[str, str, int]], list[str], list[str]]
_CODE, _WIDTH = "I", 4


def needs_row(needs: KeptNeeds) -> tuple[str, bytes]:
    """Who needs whom as a row."""
    numbers = _turned(needs.numbers).tobytes()
    things = packed([list(map(list, needs.groups)), list(needs.names), list(needs.tiers)])
    return things, crc32(numbers).to_bytes(_WIDTH, "little") + numbers


def needs_of(things: object, numbers: object) -> KeptNeeds:
    """Who needs whom, as a row has it.

    Raises:
        CacheFault: this is not what was written.
    """
    if not isinstance(numbers, bytes) or len(numbers) % _WIDTH:
        raise CacheFault("the numbers of the cache are none")
    body = numbers[_WIDTH:]
    if crc32(body) != int.from_bytes(numbers[:_WIDTH], "little"):
        raise CacheFault("the numbers of the cache are not what was written")
    try:
        groups, names, tiers = convert(unpacked(things), _Things)
        return KeptNeeds(groups, names, tiers, _turned(array(_CODE, body)))
    except ValidationError:
        raise CacheFault("what the things of the cache are called cannot be read") from None
    except ValueError as fault:
        raise CacheFault(str(fault)) from None


def _turned(numbers: array[int]) -> array[int]:
    """The least byte first, whatever the machine takes for first; the other way round where that is so already."""
    if sys.byteorder == "big":
        numbers = array(_CODE, numbers)
        numbers.byteswap()
    return numbers
