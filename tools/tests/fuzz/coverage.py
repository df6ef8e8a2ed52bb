"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.coverage reader|check FOLDER [libFuzzer options]`.

FOLDER holds the corpus that is found; it begins with sound files and hostile ones. Ends with libFuzzer's own code: 0
where nothing was found, else the input lies in FOLDER beside the corpus.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tarmac"]):
    from tests.fuzz.holding import PATHS, check_holds, reader_holds

from tests.fuzz.sources import sound_files
from tests.fuzz.texts import TOKENS
from tests.hostile import writings
from tests.hostile.cases import FILE

# Longer inputs find nothing that shorter ones do not, and cost more.
_LONGEST = 4096


def _begin(folder: Path, target: str) -> Path:
    """The corpus to begin with, and a dictionary of tokens; the folder of what is found."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    texts = [text.encode() for text in sound_files()]
    for case in writings.CASES:
        root = folder / "seeds"
        case.make(root)
        texts.append((root / FILE).read_bytes())
    for number, text in enumerate(texts):
        # For check the first byte says where the file lies.
        heads = (b"",) if target == "reader" else tuple(bytes([first]) for first in range(len(PATHS)))
        (corpus / f"seed-{number}").write_bytes(heads[number % len(heads)] + text[:_LONGEST])
    entries = sorted({token.encode() for token in TOKENS})
    words = ("".join(f"\\x{byte:02x}" for byte in entry) for entry in entries)
    (folder / "dictionary").write_text("".join(f'"{word}"\n' for word in words), encoding="ascii")
    return corpus


def main(target: str, folder: Path, options: list[str]) -> None:
    """Fuzz until libFuzzer's options say that it is enough."""
    hold: Callable[[bytes], object] = {"reader": reader_holds, "check": check_holds}[target]
    corpus = _begin(folder, target)
    arguments = [
        sys.argv[0],
        str(corpus),
        f"-artifact_prefix={folder}/found-",
        f"-dict={folder}/dictionary",
        f"-max_len={_LONGEST}",
        "-timeout=10",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        *options,
    ]
    atheris.Setup(arguments, lambda content: (hold(content), None)[1])
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
