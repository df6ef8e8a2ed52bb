"""What documents hold, put away in a file without a name: a large repository need not fit into memory.

While all of it is small nothing is put away. Then a document has what it holds only until it was looked at, and again
from when it is asked for until enough others were.
"""

from __future__ import annotations

import os
import re
from array import array
from collections import deque
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import finalize

from msgspec import msgpack

from tarmac.adapters.yaml_plain import read_plain
from tarmac.adapters.yaml_reader import PLAINLY
from tarmac.errors import OutsideError
from tarmac.model.documents import Document, lend, put_away, take_again
from tarmac.model.places import PlaceNode, Places, PlacesInText

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping, Sequence

    from tarmac.model.json_value import JsonValue

# In bytes of YAML; a document in memory takes about five times as much.
ROOM = 16 * 1024 * 1024
# What one rule asked for is asked for by the next one too.
ASKED_FOR = 400 * 1024
# What is larger stays where it is: to read it again takes long.
_LARGEST = 64 * 1024
_AT_ONCE = 64 * 1024
# Documents of a folder are asked for one behind the other: so much is read ahead then.
_AHEAD = 32 * 1024
_ANCHOR = re.compile(r"(?:^|[\s,:\[{])&\S")


class FileShelf:
    """Leaves everything where it is up to `room` bytes of YAML; of more, `asked_for` of those that were asked for last.

    Every verb raises OutsideError when the disk refuses.
    """

    def __init__(self, room: int = ROOM, asked_for: int = ASKED_FOR) -> None:
        self._room, self._most_asked_for = room, asked_for
        self._there: list[tuple[Document, ...]] = []
        self._size = 0
        # The oldest first, and how many bytes they have.
        self._asked_for: deque[Document] = deque()
        self._held = 0
        # Four for each number: where the text of its file begins and ends, and where its data do.
        self._bounds = array("Q")
        self._waiting = bytearray()
        self._written = 0
        self._handle = -1
        # What was read ahead, and where that begins; where what was read last ended.
        self._ahead, self._ahead_from, self._last = b"", 0, 0
        self._told: Callable[[Sequence[Document]], Container[int]] | None = None
        self._places: tuple[int, Places] | None = None
        self._append = msgpack.Encoder().encode_into
        self._decode: Any = msgpack.Decoder().decode

    @contextmanager
    def telling(self, told: Callable[[Sequence[Document]], Container[int]]) -> Iterator[None]:
        """While entered, documents are handed over before what they hold is put away; the answer holds the `id` of
        each that will be asked for its data."""
        self._told = told
        try:
            yield
        finally:
            self._told = None

    def add(self, files: Sequence[tuple[Document, ...]], size: int) -> None:
        """The documents of files of so many bytes in all may be put away from now on."""
        self._there.extend(files)
        self._size += size
        if self._size <= self._room:
            return
        # One kind of work after the other is done faster than both by turns.
        left, self._there = [documents for documents in self._there if documents], []
        wanted = None if self._told is None else self._told([document for documents in left for document in documents])
        for documents in left:
            places = documents[0].places
            # What an anchor stands for would be written out for each of its aliases.
            if type(places) is PlacesInText and ("&" not in places.text or not _ANCHOR.search(places.text)):
                self._put_away(documents, places.text, wanted)

    def _put_away(self, documents: Sequence[Document], text: str, wanted: Container[int] | None) -> None:
        waiting, bounds, written = self._waiting, self._bounds, self._written
        begin = written + len(waiting)
        waiting += text.encode()
        end = written + len(waiting)
        for document in documents:
            places, start = document.places, len(waiting)
            if type(places) is not PlacesInText:
                continue
            # Of what nobody will ask for the text is enough, where that is read as fast as it was.
            if wanted is None or id(document) in wanted or len(documents) > 1 or places.locate is not PLAINLY:
                try:
                    self._append(document.data, waiting, -1)
                except OverflowError:
                    # It holds an integer of more than 64 bits, and stays where it is too.
                    del waiting[start:]
                    continue
                if len(waiting) - start > _LARGEST:
                    del waiting[start:]
                    continue
            put_away(document, self, len(bounds) // 4, places.locate)
            bounds.extend((begin, end, written + start, written + len(waiting)))
        if len(waiting) > _AT_ONCE:
            self._write()

    def give_back(self, document: Document) -> Mapping[str, JsonValue]:
        """Let the document have its data again, which are returned."""
        at = document.number * 4
        begin, end = self._bounds[at + 2], self._bounds[at + 3]
        data: Mapping[str, JsonValue] = self._decode(self._read(begin, end)) if begin < end else self._read_again(at)
        lend(document, data)
        self._asked_for.append(document)
        self._held += self._size_of(at)
        if self._held > self._most_asked_for:
            self._take_again()
        return data

    def _read_again(self, at: int) -> Mapping[str, JsonValue]:
        """The data of a document of which only the text was put away: all that is in its file."""
        found = read_plain(self._read(self._bounds[at], self._bounds[at + 1]).decode())
        if found is None:
            raise AssertionError("what was read by the fast reader is read by it again")
        return found[0]

    def _size_of(self, at: int) -> int:
        """How many bytes its data have, or as many as they would."""
        begin, end, data_begin, data_end = self._bounds[at : at + 4]
        return data_end - data_begin or end - begin

    def _take_again(self) -> None:
        """Take the data of those that were given theirs longest ago."""
        while self._held > self._most_asked_for // 2:
            document = self._asked_for.popleft()
            self._held -= self._size_of(document.number * 4)
            take_again(document)

    def places(self, document: Document) -> Places:
        """The places of a document that was put away."""
        # Whoever asks for one place of a document often asks for more of them.
        if self._places is None or self._places[0] != document.number:
            self._places = document.number, Places(document.path, partial(self._located, document))
        return self._places[1]

    def _located(self, document: Document) -> PlaceNode:
        at = document.number * 4
        text = self._read(self._bounds[at], self._bounds[at + 1]).decode()
        return document.locate(document.path, text)

    def _read(self, begin: int, end: int) -> bytes:
        at, upto = begin - self._ahead_from, end - self._ahead_from
        if at < 0 or upto > len(self._ahead):
            if end > self._written:
                self._write()
            follows = 0 <= begin - self._last < _AHEAD
            try:
                self._ahead = os.pread(self._handle, max(end - begin, _AHEAD if follows else 0), begin)
            except OSError as fault:
                raise _refused(fault) from None
            self._ahead_from, at, upto = begin, 0, end - begin
        self._last = end
        return self._ahead[at:upto]

    def _write(self) -> None:
        try:
            if self._handle < 0:
                self._handle = _file_without_name()
                finalize(self, os.close, self._handle)
            written = 0
            with memoryview(self._waiting) as waiting:
                while written < len(waiting):
                    written += os.write(self._handle, waiting[written:])
        except OSError as fault:
            raise _refused(fault) from None
        self._written += written
        self._waiting.clear()


def _file_without_name() -> int:
    """A descriptor of a new file that is gone when it is closed, however the process ends."""
    # Loaded here: most repositories fit.
    from tempfile import mkstemp

    handle, path = mkstemp(prefix="tarmac-")
    os.unlink(path)
    return handle


def _refused(fault: OSError) -> OutsideError:
    why = fault.strerror or fault
    return OutsideError(
        f"of a repository of this size, documents are put away in a temporary file, and that cannot be done ({why}): "
        "name a folder with room in TMPDIR"
    )
