"""Fields of a mapping in another order: whole lines move, with the comments that stand right above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tarmac.adapters.yaml_text import YamlText
from tarmac.model.documents import Document
from tarmac.model.edits import PutFirst
from tarmac.model.places import PlaceNode

# Of a mapping's fields: line and column (from 1) of the key, and its value.
_Fields = Mapping[str, tuple[int, int, PlaceNode]]


def put_first(text: YamlText, document: Document, edit: PutFirst) -> str | None:
    """The file with these fields first; None where the mapping lacks one or is not written as a line or more a field.

    A comment belongs to the field below it when it stands right above it and as far to the right. What stands above a
    document's first field is about the whole of it and stays, and so does what follows the last one.
    """
    fields = _fields(document.places.root)
    last = _document_end(text, fields)
    for step in edit.path:
        if not isinstance(step, str) or step not in fields:
            return None
        following = next((key for key in list(fields)[list(fields).index(step) + 1 :]), None)
        last = last if following is None else _start(text, fields[following])
        fields = _fields(fields[step][2])
    if any(key not in fields for key in edit.keys) or not all(_alone(text, field) for field in fields.values()):
        return None
    starts = {key: _start(text, field) for key, field in fields.items()}
    first = next(iter(fields))
    if not edit.path:
        starts[first] = fields[first][0] - 1
    last = _without_trivia(text.lines, starts, last, column=fields[first][1])
    bounds = [*starts.values(), last]
    parts = {key: text.lines[bounds[at] : bounds[at + 1]] for at, key in enumerate(starts)}
    moved = [line for key in (*edit.keys, *(key for key in parts if key not in edit.keys)) for line in parts[key]]
    return "".join([*text.lines[: bounds[0]], *_ended(moved, text.line_end), *text.lines[last:]])


def _fields(node: PlaceNode) -> _Fields:
    return node[2] if isinstance(node[2], dict) else {}


def _alone(text: YamlText, field: tuple[int, int, PlaceNode]) -> bool:
    return text.indent(field[0], field[1]) is not None


def _start(text: YamlText, field: tuple[int, int, PlaceNode]) -> int:
    """The index of the first line that belongs to a field: its own, or that of the comment above it."""
    line, column, _ = field
    at = line - 1
    while at > 0 and _is_comment(text.lines[at - 1], column):
        at -= 1
    return at


def _document_end(text: YamlText, fields: _Fields) -> int:
    begin = max((line for line, _, _ in fields.values()), default=0)
    ends = (at for at in range(begin, len(text.lines)) if text.lines[at].startswith(("---", "...")))
    return next(ends, len(text.lines))


def _without_trivia(lines: Sequence[str], starts: Mapping[str, int], end: int, column: int) -> int:
    """Where the last field ends, blank lines and comments behind it aside."""
    first = max(starts.values())
    while end - 1 > first and (not lines[end - 1].strip() or _is_comment(lines[end - 1], column)):
        end -= 1
    return end


def _is_comment(line: str, column: int) -> bool:
    # One that stands further to the right may be part of a block of text.
    return line.startswith("#", column - 1) and not line[: column - 1].strip(" ")


def _ended(lines: list[str], line_end: str) -> list[str]:
    """Where a line without its end moved up, it gets one and the last line goes without."""
    if all(line.endswith("\n") for line in lines):
        return lines
    whole = [line if line.endswith("\n") else line + line_end for line in lines]
    return [*whole[:-1], whole[-1].removesuffix("\n").removesuffix("\r")]
