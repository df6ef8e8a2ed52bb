"""Edits of a file: what they change, what they leave, and what they do not touch at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.yaml_edit import edited
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.edits import AddEmptyList, Edit, PutFirst, Quote, Reword
from tarmac.model.json_value import JsonValue, Path


def after(text: str, *edits: Edit) -> str:
    """The text with all of the edits done."""
    content, done = edited("a.yaml", text.encode(), edits)
    assert done == edits
    return content.decode()


def test_an_amount_gets_quotes_and_nothing_else_changes() -> None:
    text = "a:\r\n  - {limit:   12000.00 , x: 1}   # much\r\n  - limit: 0.10\r\n"
    one, other = Quote(0, ("a", 0, "limit")), Quote(0, ("a", 1, "limit"))
    assert after(text, one, other) == ('a:\r\n  - {limit:   "12000.00" , x: 1}   # much\r\n  - limit: "0.10"\r\n')


@pytest.mark.parametrize(
    "written", ["1e3", ".5", "5.", "-5", "+5", "0x10", "012.5", "5.1234567890123", '"5"', "true", "five"]
)
def test_what_would_be_no_amount_in_quotes_either_is_left(written: str) -> None:
    content = f"limit: {written}\n".encode()
    assert edited("a.yaml", content, (Quote(0, ("limit",)),)) == (content, ())


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_text_is_replaced_in_the_quotes_that_it_has(quote: str) -> None:
    text = f"\ufeffspec: # s\n  system:   {quote}shp{quote} # no\n"
    assert after(text, Reword(0, ("spec", "system"), "shp", "shop")) == text.replace("shp", "shop")


@pytest.mark.parametrize(
    "text",
    [
        "a: |\n  shp\n",
        "a: >-\n  shp\n",
        'a: "sh\\x70"\n',
        'a: "sh\\\n  p"\n',
        "a: other\n",
        "b: shp\n",
        "a: [shp]\n",
        "a: {shp: 1}\n",
        "a: &x shp\nb: *x\n",
        "b: &x shp\na: *x\n",
        "a: !!str shp\n",
        "a: shp\na: shp\n",
        "a: [\n",
        "",
    ],
)
def test_a_text_that_is_not_written_plainly_at_its_own_place_is_left(text: str) -> None:
    content = text.encode()
    assert edited("a.yaml", content, (Reword(0, ("a",), "shp", "shop"),)) == (content, ())


@pytest.mark.parametrize("name", ["a: b", "a #b", "x\ny", '"', "yes, no", "]", "", "1", "null", "-", "a\u2028b"])
def test_a_name_that_would_be_read_as_something_else_is_not_written(name: str) -> None:
    content = b"a: shp\n"
    assert edited("a.yaml", content, (Reword(0, ("a",), "shp", name),)) == (content, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "spec:\n  type: team   # t\n  # p\n  parent: x\n",
            "spec:\n  type: team   # t\n  children: []\n  # p\n  parent: x\n",
        ),
        ("spec:\n    type: 'team'", "spec:\n    type: 'team'\n    children: []"),
        (
            "spec:\r\n  profile:\r\n    email: x\r\n  type: t\r\n",
            "spec:\r\n  profile:\r\n    email: x\r\n  type: t\r\n  children: []\r\n",
        ),
        ("spec: {type: team}\n", "spec: {type: team, children: []}\n"),
        ('spec: {"type": "team" , parent: x}\n', 'spec: {"type": "team", children: [] , parent: x}\n'),
        ("spec: {\n  type: team, # t\n}\n", "spec: {\n  type: team, children: [], # t\n}\n"),
        ("- a\n---\n{spec: {type: t}}\n", "- a\n---\n{spec: {type: t, children: []}}\n"),
    ],
)
def test_an_empty_list_is_added_in_the_style_of_its_mapping(text: str, expected: str) -> None:
    assert after(text, AddEmptyList(0, ("spec", "children"))) == expected


@pytest.mark.parametrize(
    "text", ["spec: {}\n", "spec: x\n", "spec:\n  children: x\n", "spec:\n  type: |\n    team\n", "a: b\n"]
)
def test_an_empty_list_is_not_added_where_there_is_no_safe_place(text: str) -> None:
    assert edited("a.yaml", text.encode(), (AddEmptyList(0, ("spec", "children")),)) == (text.encode(), ())


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("# head\nb: 1 # b\n# about a\na: 2", (), "# head\n# about a\na: 2\nb: 1 # b"),
        (
            "b: 1\r\n\r\n# about a\r\na:\r\n  - x\r\n# tail\r\n",
            (),
            "# about a\r\na:\r\n  - x\r\nb: 1\r\n\r\n# tail\r\n",
        ),
        ("m:\n  # b\n  b: 1\n  # a\n  a: 2\n\nz: 1\n", ("m",), "m:\n  # a\n  a: 2\n  # b\n  b: 1\n\nz: 1\n"),
        (
            "x: 1\n---\n# h\nb: |\n  text\n   # no comment\n\na: 2\n---\ny: 1\n",
            (1,),
            "x: 1\n---\n# h\na: 2\nb: |\n  text\n   # no comment\n\n---\ny: 1\n",
        ),
        ("b: |+\n  kept\n\n\na: 2\n", (), "a: 2\nb: |+\n  kept\n\n\n"),
    ],
)
def test_fields_move_with_the_comments_above_them(text: str, path: Path, expected: str) -> None:
    document = 1 if path == (1,) else 0
    assert after(text, PutFirst(document, () if document else path, ("a",))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{b: 1, a: 2}\n",
        "b: 1\n",
        "--- {b: 1, a: 2}\n",
        "b: &x 1\na: *x\n",
        "? b\n: 1\n? a\n: 2\n",
        "a: 1\nb: 1\na: 2\n",
    ],
)
def test_fields_stay_where_they_do_not_stand_on_lines_of_their_own(text: str) -> None:
    assert edited("a.yaml", text.encode(), (PutFirst(0, (), ("a",)),))[0] == text.encode()


def test_fields_of_a_later_document_stay_in_it() -> None:
    text = "b: 1\na: 2\n---\nb: 1\n# its a\na: 2\n...\n"
    assert after(text, PutFirst(1, (), ("a",))) == "b: 1\na: 2\n---\n# its a\na: 2\nb: 1\n...\n"


def test_a_block_of_text_without_an_end_stays_last() -> None:
    content = b"b: 1\na: |\n  text"
    assert edited("a.yaml", content, (PutFirst(0, (), ("a",)),)) == (content, ())


def test_one_edit_that_cannot_be_done_does_not_keep_the_others_from_it() -> None:
    content = b"a: &x shp\nb: *x\nlimit: 5\n"
    edits = (Reword(0, ("a",), "shp", "shop"), Quote(0, ("limit",)), Quote(3, ("limit",)))
    assert edited("a.yaml", content, edits) == (b'a: &x shp\nb: *x\nlimit: "5"\n', (edits[1],))


@pytest.mark.parametrize("fault", ["b: [\n", "f: *none\n", "\tg: 1\n", "h: &x 1\ni: &x 2\n"])
def test_a_file_that_cannot_be_read_to_its_end_is_left(fault: str) -> None:
    content = f"limit: 5\n{fault}".encode()
    assert edited("a.yaml", content, (Quote(0, ("limit",)),)) == (content, ())


@pytest.mark.parametrize("fault", ["c: 1\nc: 1\n", "d: !x 1\n", "e: {<<: {}}\n"])
def test_a_fault_elsewhere_in_the_file_stays_as_it_is(fault: str) -> None:
    assert after(f"limit: 5\n{fault}", Quote(0, ("limit",))) == f'limit: "5"\n{fault}'


# --- any document -------------------------------------------------------------------------------------------------


@dataclass
class Written:
    """A document as somebody wrote it, with the edits that it asks for."""

    lines: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    comments: int = 0

    def comment(self) -> str:
        self.comments += 1
        return f"# comment {self.comments}."


WORDS = st.sampled_from(["orders", "stock-api", "x1", "a.b", "team/one", "component:default/shop"])
AMOUNTS = st.sampled_from(["0", "5", "12000.00", "0.10", "999999999999999.123456789012"])


@st.composite
def written(draw: st.DrawFn) -> tuple[bytes, tuple[Edit, ...]]:
    """A file with documents in block and flow style, comments everywhere, and all that can be mended in it."""
    made = Written()
    for document in range(draw(st.integers(1, 3))):
        if document:
            made.lines.append("---" + draw(st.sampled_from(["", " # a document"])))
        if draw(st.booleans()):
            made.lines += [made.comment(), ""]
        _mapping(draw, made, document, (), 0)
    # The last line of a block of text needs its end: without it the text is another one.
    ends = [] if any(line.endswith(": |") for line in made.lines) else [""]
    text = "\n".join(made.lines) + draw(st.sampled_from([*ends, "\n", "\n\n# the end\n"]))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return (draw(st.sampled_from(["", "\ufeff"])) + text).encode(), tuple(made.edits)


def _mapping(draw: st.DrawFn, made: Written, document: int, path: Path, depth: int) -> None:
    indent = "  " * depth
    keys = draw(st.permutations(["apiVersion", "kind", "metadata", "spec"]))[: draw(st.integers(1, 4))]
    first = tuple(key for key in ("apiVersion", "kind", "metadata", "spec") if key in keys)
    if tuple(keys) != first and draw(st.booleans()):
        made.edits.append(PutFirst(document, path, first))
    plain = False
    for key in keys:
        here = (*path, key)
        for _ in range(draw(st.integers(0, 2))):
            made.lines.append(draw(st.sampled_from(["", indent + made.comment()])))
        shape = draw(st.sampled_from(["word", "amount", "list", "flow", "block", "mapping" if depth < 2 else "word"]))
        tail = "  " + made.comment() if draw(st.booleans()) else draw(st.sampled_from(["", " "]))
        if shape == "word":
            made.lines.append(f"{indent}{key}: {_word(draw, made, document, here)}{tail}")
            plain = True
        elif shape == "amount":
            made.lines.append(f"{indent}{key}: {draw(AMOUNTS)}{tail}")
            made.edits.append(Quote(document, here))
        elif shape == "list":
            made.lines.append(f"{indent}{key}:{tail}")
            for at in range(draw(st.integers(1, 3))):
                made.lines.append(f"{indent}  - {_word(draw, made, document, (*here, at))}")
        elif shape == "flow":
            word = _word(draw, made, document, (*here, "name"))
            made.lines.append(f"{indent}{key}: {{name: {word}, price: {draw(AMOUNTS)} }}{tail}")
            made.edits += [Quote(document, (*here, "price")), AddEmptyList(document, (*here, "children"))]
        elif shape == "block":
            made.lines += [f"{indent}{key}: |", f"{indent}  # no comment, a text", "", f"{indent}  12.50"]
        else:
            made.lines.append(f"{indent}{key}:{tail}")
            _mapping(draw, made, document, here, depth + 1)
    if plain:
        made.edits.append(AddEmptyList(document, (*path, "children")))


def _word(draw: st.DrawFn, made: Written, document: int, path: Path) -> str:
    word, quote = draw(WORDS), draw(st.sampled_from(["", "'", '"']))
    if draw(st.booleans()):
        made.edits.append(Reword(document, path, word, f"{word}-mended"))
    return f"{quote}{word}{quote}"


def meant(data: JsonValue, edits: Sequence[Edit], document: int, path: Path = ()) -> JsonValue:
    """The data with the edits done to it, by walking through it; amounts as Python writes their number."""
    for edit in edits:
        if edit.document == document and edit.path == path:
            if isinstance(edit, Reword):
                return edit.text
            if isinstance(edit, Quote):
                return "an amount"
    if isinstance(data, dict):
        found = {key: meant(value, edits, document, (*path, key)) for key, value in data.items()}
        for edit in edits:
            if edit.document == document and edit.path[:-1] == path and isinstance(edit, AddEmptyList):
                found[str(edit.path[-1])] = []
        return found
    if isinstance(data, list):
        return [meant(value, edits, document, (*path, at)) for at, value in enumerate(data)]
    return data


def seen(content: bytes) -> list[JsonValue]:
    documents, findings = read_documents("a.yaml", content)
    assert findings == ()
    return [document.data for document in documents]


def amounts_aside(data: JsonValue, edits: Sequence[Edit], document: int) -> JsonValue:
    """The data with every quoted amount replaced, which must be a text by now."""
    quoted = [edit for edit in edits if isinstance(edit, Quote) and edit.document == document]
    for edit in quoted:
        here: JsonValue = data
        for step in edit.path:
            here = here[step]  # type: ignore[index]
        assert isinstance(here, str)
    return meant(data, quoted, document)


@given(written())
def test_only_the_edited_paths_change_and_every_comment_survives(given_file: tuple[bytes, tuple[Edit, ...]]) -> None:
    content, edits = given_file
    result, done = edited("a.yaml", content, edits)
    assert done == edits
    before, now = seen(content), seen(result)
    for document, (one, other) in enumerate(zip(before, now, strict=True)):
        assert amounts_aside(other, edits, document) == meant(one, edits, document)
    assert Counter(re.findall(rb"# comment \d+\.", result)) == Counter(re.findall(rb"# comment \d+\.", content))
    assert result.startswith(b"\xef\xbb\xbf") == content.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in result) == (b"\r\n" in content)
    assert result.count(b"\n") - result.count(b"\r\n") in (0, result.count(b"\n"))
    untouched = Counter(content.splitlines()) - Counter(result.splitlines())
    reworded = sum(not isinstance(edit, PutFirst) for edit in edits)
    assert sum(untouched.values()) <= reworded + (not content.endswith(b"\n"))


@given(written())
def test_done_again_nothing_changes(given_file: tuple[bytes, tuple[Edit, ...]]) -> None:
    content, edits = given_file
    result, _ = edited("a.yaml", content, edits)
    assert edited("a.yaml", result, edits)[0] == result


STEPS = st.one_of(st.sampled_from(["a", "b", "spec"]), st.integers(0, 2))
PATHS = st.lists(STEPS, max_size=3).map(tuple)
ANY_EDIT = st.one_of(
    st.builds(Reword, st.integers(0, 2), PATHS, st.sampled_from(["x", "a", ""]), st.sampled_from(["y", "a: b", ""])),
    st.builds(Quote, st.integers(0, 2), PATHS),
    st.builds(AddEmptyList, st.integers(0, 2), PATHS.filter(bool)),
    st.builds(
        PutFirst, st.integers(0, 2), PATHS, st.lists(st.sampled_from(["a", "b", "spec"]), unique=True).map(tuple)
    ),
)
PIECES = st.sampled_from(
    [
        "a: ",
        "b: ",
        "spec: ",
        "- ",
        "x",
        "5",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "\n",
        "\r\n",
        "  ",
        "# c",
        "---\n",
        "&n ",
        "*n",
        "|",
        '"',
        "'",
        "é",
        "\ufeff",
        "\t",
    ]
)


@given(st.lists(PIECES, max_size=25).map("".join), st.lists(ANY_EDIT, max_size=4))
def test_whatever_a_file_holds_it_is_not_spoilt(text: str, edits: list[Edit]) -> None:
    content = text.encode()
    result, done = edited("a.yaml", content, edits)
    if not done:
        assert result == content
        return
    before, _ = read_documents("a.yaml", content)
    now, _ = read_documents("a.yaml", result)
    for one, other in zip(before, now, strict=True):
        assert amounts_aside(other.data, done, one.index) == meant(one.data, done, one.index)
