"""Sound files to begin from: the sample company's, and one example of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
_FOLDERS = ("catalog", "policies", "requests", "teams", "tools/tests/examples")


def sound_files() -> Sequence[str]:
    """Their texts, in order of path."""
    paths = sorted(path for folder in _FOLDERS for path in (ROOT / folder).rglob("*.yaml"))
    return [path.read_text("utf-8") for path in paths]
