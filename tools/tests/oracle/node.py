"""Node programs that say what other readers make of the same input, installed when they are first asked.

The packages are pinned by a lock with hashes beside this file and land in `.tarmac/oracle`: the tree stays clean.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from tests.once import once

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
_FILES = ("package.json", "package-lock.json", ".npmrc", "entities.mjs", "texts.mjs")


def installed() -> Path:
    """The folder with the programs and what they need.

    Raises:
        subprocess.CalledProcessError: npm cannot install it.
        FileNotFoundError: node or npm is not on this machine.
    """
    contents = b"".join((HERE / name).read_bytes() for name in _FILES)
    folder = ROOT / ".tarmac" / "oracle" / hashlib.sha256(contents).hexdigest()[:16]
    return once(folder, _install)


def _install(folder: Path) -> None:
    for name in _FILES:
        shutil.copyfile(HERE / name, folder / name)
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


class Oracle:
    """One program that answers a line of JSON with a line of JSON."""

    def __init__(self, program: str) -> None:
        command = ["node", "--stack-size=4000", program]
        self._process = subprocess.Popen(
            command, cwd=installed(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Oracle:
        return self

    def __exit__(self, *_: object) -> None:
        _pipe(self._process.stdin).close()
        _pipe(self._process.stdout).close()
        self._process.wait()

    def verdicts(self, entities: Sequence[Mapping[str, Any]]) -> Sequence[str | None]:
        """Backstage's verdict on each entity: None where it takes it, else its reason (entities.mjs)."""
        return list(self._ask({"entities": entities})["verdicts"])

    def read(self, texts: Sequence[str]) -> Sequence[Sequence[Any] | None]:
        """The documents of each text, every value with its type, or None where it is refused (texts.mjs)."""
        return list(self._ask({"texts": [base64.b64encode(text.encode()).decode() for text in texts]})["read"])

    def _ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        asked, told = _pipe(self._process.stdin), _pipe(self._process.stdout)
        asked.write(json.dumps(question) + "\n")
        asked.flush()
        answer: Mapping[str, Any] = json.loads(told.readline())
        return answer


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ValueError("the program has no pipes")
    return pipe
