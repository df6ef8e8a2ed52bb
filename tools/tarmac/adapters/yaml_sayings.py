"""What the reader has to say of one file: so much, and then only that there is more."""

from __future__ import annotations

from yaml.nodes import Node

from tarmac.adapters.yaml_gate import finding, place_in
from tarmac.adapters.yaml_places import past_anchor
from tarmac.model.findings import Finding
from tarmac.model.flood import ID, MOST
from tarmac.model.places import Place


class Sayings:
    """The findings about a file, by index or node of the stretch that is being read. `end` is where the file ends."""

    def __init__(self, path: str, text: str, end: int) -> None:
        self.path = path
        self.text = text
        self.end = end
        # The last line holds blanks and has no end.
        self.ragged = text[end - 1 : end] == " " and not text[text.rfind("\n", 0, end) + 1 : end].strip(" ")
        self.start = 0
        self.line = 0
        self.findings: list[Finding] = []

    def start_at(self, start: int) -> None:
        """From now on indexes and marks count from this character of the file."""
        self.line += self.text.count("\n", self.start, start)
        self.start = start

    @property
    def full(self) -> bool:
        """Whether nothing more will be listed."""
        return len(self.findings) > MOST

    def say(self, rule: str, message: str, where: int | Node, fix: str | None) -> bool:
        """Add an error; whether another one would be listed too."""
        if len(self.findings) < MOST:
            place = self.at(where) if isinstance(where, int) else self.mark(where)
            self.findings.append(finding(rule, message, place, fix))
            return True
        if len(self.findings) == MOST:
            more = f"more than {MOST} faults in how this file is written; the others are not listed"
            self.findings.append(finding(ID, more, Place(self.path), "mend those that are listed first"))
        return False

    def mark(self, node: Node) -> Place:
        """The first character of a node, its anchor left out."""
        mark = node.start_mark
        index = mark.index + self.start
        if index >= self.end or self.text[index] == "&":
            return place_in(self.path, self.text, min(past_anchor(self.text, index), self.end))
        return Place(self.path, mark.line + self.line + 1, mark.column + 1)

    def at(self, index: int) -> Place:
        """A character of the stretch."""
        return place_in(self.path, self.text, min(index + self.start, self.end))
