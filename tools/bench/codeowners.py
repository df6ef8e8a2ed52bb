"""Measure a look-up in a CODEOWNERS file of 3,000 lines, beside asking fnmatch about each line, in the same run.

python -m bench.codeowners [--json]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from time import process_time

from tarmac.approvals.codeowners_match import Matcher
from tarmac.approvals.codeowners_text import parse_owners

RULES, PATHS, ROUNDS = 3_000, 20_000, 5
LIMIT = 20e-6  # seconds of CPU a path
SHAPES = {
    "folders": "/catalog/area-{0}/service-{1}/",
    "files of an ending, anywhere": "*.kind{1}",
    "names, anywhere": "name-{1}",
    "any depth between": "/catalog/area-{0}/**/part-{1}/",
    "wildcards within a name": "/catalog/*/*-{1}-*/",
}


@dataclass(frozen=True, slots=True)
class LookUp:
    """CPU seconds a path, by the matcher and by fnmatch over all lines."""

    shape: str
    matcher: float
    fnmatch: float


def patterns(shape: str) -> tuple[str, ...]:
    """The patterns of one shape; `mixed` takes each shape in turn."""
    texts = tuple(SHAPES.values()) if shape == "mixed" else (SHAPES[shape],)
    return ("*", *(texts[at % len(texts)].format(at % 40, at) for at in range(RULES - 1)))


def paths() -> tuple[str, ...]:
    """Paths as a large repository has them, each once."""
    return tuple(
        f"catalog/area-{at % 40}/service-{at % 3_500}/part-{at % 2_000}/name-{at}.kind{at % 5_000}"
        for at in range(PATHS)
    )


def measure(shape: str) -> LookUp:
    """Compile, then look up every path once, folders that are not known yet included."""
    lines, asked = patterns(shape), paths()
    content = "".join(f"{pattern} @acme/team-{at % 50}\n" for at, pattern in enumerate(lines)).encode()

    def by_matcher() -> None:
        for path in asked:
            look_up(path)

    def by_fnmatch() -> None:
        for path in few:
            for line in lines:
                fnmatchcase(path, line)

    times = []
    for _ in range(ROUNDS):
        look_up = Matcher(parse_owners(content).lines).line
        times.append(_cpu(by_matcher) / len(asked))
    few: Sequence[str] = asked[:20]
    return LookUp(shape, min(times), _cpu(by_fnmatch) / len(few))


def _cpu(action: Callable[[], None]) -> float:
    start = process_time()
    action()
    return process_time() - start


def main() -> int:
    """Print a line a shape, or as JSON how the slowest stands to what is promised; 1 when it takes longer."""
    found = [measure(shape) for shape in (*SHAPES, "mixed")]
    if sys.argv[1:] == ["--json"]:
        print(json.dumps({"ratio": max(one.matcher for one in found) / LIMIT}))
        return 0
    for one in found:
        ratio = one.matcher / one.fnmatch
        print(f"{one.shape}: {one.matcher * 1e6:.1f} us a path, {ratio:.4f} of fnmatch over {RULES:,} patterns")
    return 1 if any(one.matcher > LIMIT for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
