"""The README says what there is."""

from __future__ import annotations

import re
from pathlib import Path

from tarmac.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def test_every_verb_has_its_line() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = re.findall(
        r"^\| `([a-z]+)` \| ", readme.partition("## Verbs")[2].partition("## Exit codes")[0], re.MULTILINE
    )
    assert listed == list(COMMANDS)
