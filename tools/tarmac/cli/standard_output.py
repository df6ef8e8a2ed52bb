"""Standard output that says itself when it cannot be written, so that a full disk is not taken for a defect."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from tarmac.errors import OutsideError


class ReaderGone(Exception):
    """Nobody reads any more (`| head`). No OSError: click would take it for its own, and end in a verdict."""


class StandardOutput(io.TextIOWrapper):
    """A stream of text whose faults are ReaderGone and OutsideError."""

    @classmethod
    def over(cls, stream: io.TextIOWrapper) -> StandardOutput:
        """The same stream, which is of no more use itself. What its encoding cannot say is written as an escape."""
        encoding, buffering = stream.encoding, stream.line_buffering
        return cls(stream.detach(), encoding=encoding, errors="backslashreplace", line_buffering=buffering)

    def write(self, text: str, /) -> int:
        with _told():
            return super().write(text)

    def flush(self) -> None:
        with _told():
            super().flush()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as fault:
        raise OutsideError(f"standard output cannot be written: {fault.strerror or fault}") from None
