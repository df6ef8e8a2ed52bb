"""Signs of life on a terminal while a run takes longer than a moment; nothing is imported or shown before that."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, TextIO

from tarmac.model.frozen import replace

if TYPE_CHECKING:
    from tarmac.app.deps import Reader, Reading
    from tarmac.model.documents import Document
    from tarmac.model.findings import Finding

# Seconds.
AFTER = 0.5
_EVERY = 0.1


class Progress:
    """Counts the files that go through a reader."""

    def __init__(self) -> None:
        self.read = 0
        self.counting = False

    def counted(self, reading: Reading) -> Reading:
        """The same reading; while progress is shown, its reader counts."""
        return replace(reading, read=self._counted(reading.read)) if self.counting else reading

    def _counted(self, read: Reader) -> Reader:
        def counting(path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
            self.read += 1
            return read(path, content)

        return counting

    def words(self, before: int) -> str:
        """What is going on, given how many files were read when it was asked last."""
        files = f"{self.read:,} {'file' if self.read == 1 else 'files'} read"
        return f"{files} ..." if self.read != before or not self.read else f"{files}, judging ..."


@contextmanager
def progress(watched: bool, after: float = AFTER, stream: TextIO | None = None) -> Iterator[Progress]:
    """While entered, and after `after` seconds, show on a terminal (standard error) what is going on.

    What was shown is gone when the block ends. Without anybody watching nothing happens at all.
    """
    state = Progress()
    if not watched:
        yield state
        return
    state.counting = True
    done = Event()
    shower = Thread(target=_show, args=(state, done, after, stream or sys.stderr), daemon=True)
    shower.start()
    try:
        yield state
    finally:
        done.set()
        shower.join()


def _show(state: Progress, done: Event, after: float, stream: TextIO) -> None:
    if done.wait(after):
        return
    from rich.console import Console
    from rich.live import Live
    from rich.spinner import Spinner

    spinner = Spinner("line", state.words(0))
    live = Live(
        spinner,
        console=Console(file=stream, highlight=False),
        transient=True,
        refresh_per_second=1 / _EVERY,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    try:
        with live:
            before = -1
            while not done.wait(_EVERY):
                spinner.update(text=state.words(before))
                before = state.read
    except (OSError, ValueError):
        # The terminal went away: there is nobody to show it to.
        return
