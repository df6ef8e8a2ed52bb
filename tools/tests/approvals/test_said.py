"""Every word of every decision, as it stands in said.txt: what people read does not change unseen.

`python -m tests.approvals.test_said` writes the file anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tarmac.model.facts import Decision
from tests.approvals.test_decisions import CASES, decide

SAID = Path(__file__).with_name("said.txt")


def lines(node: Decision, indent: str) -> Iterator[str]:
    """A node with everything it holds, and those below it."""
    yield f"{indent}{node.state} {node.name}: {node.reason}"
    yield from (f"{indent}  because: {reason}" for reason in node.because)
    for title, names in (("about", node.about), ("counted", node.counted), ("candidates", node.candidates)):
        if names:
            yield f"{indent}  {title}: {', '.join(names)}"
    yield from (f"{indent}  ignored: {one.login}, {one.reason}" for one in node.ignored)
    for child in node.children:
        if child.name != "never":
            yield from lines(child, indent + "  ")


def said() -> str:
    """All decisions."""
    return "\n".join(line for case in CASES for line in (case.name, *lines(decide(case), "  "), "")) + "\n"


def test_every_decision_says_what_it_said() -> None:
    assert said().splitlines() == SAID.read_text("utf-8").splitlines()


if __name__ == "__main__":
    SAID.write_text(said(), "utf-8")
