"""Edits of YAML files that leave every other byte as it is: comments, order, quotes, line endings, byte order mark.

An edit is cut in at the place that the reader names, and nothing is written out anew. The result is then read twice:
by our own reader and by ruamel.yaml, and each must see the document changed at the edited paths and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tarmac.adapters.yaml_order import put_first
from tarmac.adapters.yaml_proof import seen_alike
from tarmac.adapters.yaml_reader import read_documents
from tarmac.adapters.yaml_text import Splice, YamlText, spliced
from tarmac.model.documents import Document
from tarmac.model.edits import AddEmptyList, AddText, Edit, PutFirst, Quote, Rekey, Reword
from tarmac.model.json_value import JsonValue, Path, dig
from tarmac.model.places import PlaceNode

_BOM = "\ufeff"
# An amount as its shape in tarmac.model.base asks for it.
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?(?=[ \t\r\n,\]}]|\Z)")
# A plain key up to its value, on one line.
_KEY = re.compile(r"[A-Za-z0-9]+:[ ]+")
# What can stand outside quotes whatever is around it.
_PLAIN = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.:/@]*[A-Za-z0-9]\Z")


def edited(path: str, content: bytes, edits: Sequence[Edit]) -> tuple[bytes, tuple[Edit, ...]]:
    """Carry out the edits of one file: its new bytes, and the edits that were done, in the order given.

    What cannot be done in a safe place, or not be proved, is not done; whatever the file holds, it is not spoilt.
    """
    documents, _ = read_documents(path, content)
    written = YamlText(content.decode("utf-8").removeprefix(_BOM) if documents else "")
    possible = [edit for edit in edits if edit.document < len(documents) and _is_possible(written, documents, edit)]
    # Fields are put in order last, so that what is added stands where it is meant to.
    result, proved = _most(path, content, sorted(possible, key=lambda edit: isinstance(edit, PutFirst)))
    done = tuple(edit for edit in edits if edit in proved)
    if not done or not seen_alike(content, result, done, len(documents)):
        return content, ()
    return result, done


def _is_possible(written: YamlText, documents: Sequence[Document], edit: Edit) -> bool:
    return isinstance(edit, PutFirst) or _splice(written, documents[edit.document], edit) is not None


def _most(path: str, content: bytes, edits: Sequence[Edit]) -> tuple[bytes, frozenset[Edit]]:
    """As many of the edits as can be proved: where one spoils the others, each half is tried on its own."""
    documents, _ = read_documents(path, content)
    result = _proved(path, content, documents, edits)
    if result is not None:
        return result, frozenset(edits)
    if len(edits) < 2:
        return content, frozenset()
    half = len(edits) // 2
    result, first = _most(path, content, edits[:half])
    result, second = _most(path, result, edits[half:])
    return result, first | second


def _proved(path: str, content: bytes, documents: Sequence[Document], edits: Sequence[Edit]) -> bytes | None:
    """The file after the edits if our reader then sees exactly what they say; None otherwise."""
    text = content.decode("utf-8").removeprefix(_BOM) if documents else ""
    written = YamlText(text)
    splices: list[Splice] = []
    wanted: dict[int, JsonValue] = {document.index: document.data for document in documents}
    for edit in edits:
        if isinstance(edit, PutFirst):
            continue
        made = _splice(written, documents[edit.document], edit)
        if made is None:
            return None
        splice, value = made
        splices.append(splice)
        data, place = wanted[edit.document], edit.path
        if isinstance(edit, Rekey):
            data, place = without(data, place), (*place[:-1], edit.name)
        wanted[edit.document] = with_value(data, place, value)
    changed = spliced(text, splices)
    if changed is None:
        return None
    start = content[: len(content) - len(text.encode("utf-8"))]
    for edit in edits:
        if isinstance(edit, PutFirst):
            now, _ = read_documents(path, changed.encode("utf-8"))
            moved = put_first(YamlText(changed), now[edit.document], edit) if edit.document < len(now) else None
            if moved is None:
                return None
            changed = moved
    result = start + changed.encode("utf-8")
    seen, _ = read_documents(path, result)
    return result if {document.index: document.data for document in seen} == wanted else None


def _splice(
    text: YamlText, document: Document, edit: Reword | Quote | AddEmptyList | AddText | Rekey
) -> tuple[Splice, JsonValue] | None:
    """What to cut in for an edit, and the value that its path then has."""
    if isinstance(edit, AddEmptyList):
        splice = _added(text, document, edit.path, "[]")
        return None if splice is None else (splice, [])
    if isinstance(edit, AddText):
        splice = _added(text, document, edit.path, f'"{edit.text}"') if _PLAIN.match(edit.text) else None
        return None if splice is None else (splice, edit.text)
    node = node_at(document.places.root, edit.path)
    if node is None:
        return None
    if isinstance(edit, Quote):
        start = text.offset(node)
        written = _AMOUNT.match(text.text, start)
        if written is None or isinstance(dig(document.data, *edit.path), str):
            return None
        return Splice(start, written.end(), f'"{written[0]}"'), written[0]
    if isinstance(edit, Rekey):
        splice = _rekeyed(text, document, node, edit)
        return None if splice is None else (splice, edit.text)
    span = text.scalar(node, edit.was)
    if span is None or dig(document.data, *edit.path) != edit.was or _PLAIN.match(edit.text) is None:
        return None
    return Splice(span[0], span[1], edit.text), edit.text


def _rekeyed(text: YamlText, document: Document, node: PlaceNode, edit: Rekey) -> Splice | None:
    """Key, colon and value of a field that stands on one line, written anew."""
    parent, key = node_at(document.places.root, edit.path[:-1]), edit.path[-1]
    span = text.scalar(node, edit.was)
    fields = None if parent is None else parent[2]
    if span is None or not isinstance(fields, dict) or not isinstance(key, str):
        return None
    if edit.name != key and edit.name in fields:
        return None
    start = text.at(*fields[key][:2])
    value = text.offset(node)
    plain = _PLAIN.match(edit.text) is not None and _PLAIN.match(edit.name) is not None
    if not plain or _KEY.fullmatch(text.text[start:value]) is None or not text.text.startswith(key, start):
        return None
    return Splice(start, span[1] + (node[2] is not None), f'{edit.name}: "{edit.text}"')


def _added(text: YamlText, document: Document, path: Path, written: str) -> Splice | None:
    """`name: written` behind the mapping's first field that stands on one line, in the mapping's own style."""
    parent, name = node_at(document.places.root, path[:-1]), path[-1]
    if parent is None or not isinstance(parent[2], dict) or not isinstance(name, str) or name in parent[2]:
        return None
    for key, (line, column, node) in parent[2].items():
        value = dig(document.data, *path[:-1], key)
        span = text.scalar(node, value) if isinstance(value, str) else None
        if span is None:
            continue
        end = span[1] if node[2] is None else span[1] + 1
        if text.text[text.offset(parent)] == "{":
            return Splice(end, end, f", {name}: {written}")
        indent = text.indent(line, column)
        rest = text.rest_of_line(end)
        if indent is not None and rest is not None:
            return Splice(rest, rest, f"{text.line_end}{indent}{name}: {written}")
    return None


def node_at(root: PlaceNode, path: Path) -> PlaceNode | None:
    """The place of the value at `path`, None where there is none."""
    here = root
    for step in path:
        children = here[2]
        if isinstance(children, dict) and isinstance(step, str) and step in children:
            here = children[step][2]
        elif isinstance(children, list) and isinstance(step, int) and 0 <= step < len(children):
            here = children[step]
        else:
            return None
    return here


def with_value(data: JsonValue, path: Path, value: JsonValue) -> JsonValue:
    """The same data with another value at `path`, whose parent is there."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, Mapping) and isinstance(step, str):
        return {**data, step: with_value(data.get(step), rest, value)}
    if isinstance(data, list) and isinstance(step, int):
        return [with_value(item, rest, value) if at == step else item for at, item in enumerate(data)]
    return data


def without(data: JsonValue, path: Path) -> JsonValue:
    """The same data without the field that `path` ends in."""
    parent = dig(data, *path[:-1])
    if not isinstance(parent, Mapping):
        return data
    return with_value(data, path[:-1], {name: value for name, value in parent.items() if name != path[-1]})
