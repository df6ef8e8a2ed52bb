"""What a person reads: each finding of every broken repository says what is wrong, and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.adapters.files import WorkingTree
from tarmac.app.check import check
from tarmac.model.findings import Finding
from tests.trees import NOW, READING

REPOS = Path(__file__).parents[1] / "repos"
FINDINGS = tuple(
    finding for path in sorted(REPOS.iterdir()) for finding in check(WorkingTree.at(path), READING, NOW).findings
)
# Words of our own code, which mean nothing to who reads them.
INSIDE = ("None", "True", "False", "Traceback", "jsonschema", "instance", "libyaml", "0x7f", "<tarmac")


def test_there_is_something_to_read() -> None:
    assert len({finding.rule for finding in FINDINGS}) > 25


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: f"{finding.rule} {finding.place}")
def test_a_finding_says_what_is_wrong_and_what_to_write_instead(finding: Finding) -> None:
    assert finding.fix is not None
    for sentence in (finding.message, finding.fix.sentence):
        assert sentence == sentence.strip()
        assert sentence.isprintable()
        assert not sentence.endswith(".")
        assert 2 < len(sentence) < 300
        assert not any(word in sentence for word in INSIDE)
    assert finding.fix.sentence not in finding.message
