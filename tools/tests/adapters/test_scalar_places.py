"""A character of a text leads to the character of the file that it was written as, however the text is written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.documents import Document
from tarmac.model.scalars import offset_of

STYLES = {
    "plain": "a:\n  b: one && two\n",
    "plain over lines": "a:\n  b: one &&\n    two\n",
    "single quotes": "a:\n  b: 'one && two'\n",
    "single quotes over lines": "a: {b: 'one\n    && two'}\n",
    "a doubled quote": "a:\n  b: 'one && ''x'' two'\n",
    "double quotes": 'a: {b: "one && two"}\n',
    "escapes": 'a:\n  b: "one \\x26\\u0026 \\"two"\n',
    "a continued line": 'a:\n  b: "one && \\\n      two"\n',
    "literal": "a:\n  b: |\n    one &&\n      two\n",
    "literal with indicator": "a:\n  b: |2-\n       one &&\n    two\n",
    "literal after a blank line": "a:\n  b: |\n\n    one &&\n\n    two\n",
    "folded": "a:\n  b: >-\n    one\n    && two\n",
    "folded with a comment": "a:\n  b: > # why\n    one &&\n\n    two\n",
    "folded with carriage returns": "a:\r\n  b: >-\r\n    one &&\r\n    two\r\n",
    "an anchor": "a:\n  b: &name 'one && two'\n",
}


def read(content: str) -> Document:
    documents, findings = read_documents("f.yaml", content.encode())
    assert findings == ()
    return documents[0]


def char_at(content: str, line: int, column: int) -> str:
    return content.split("\n")[line - 1][column - 1 :][:1]


@pytest.mark.parametrize("style", STYLES)
def test_a_word_is_found_in_every_style(style: str) -> None:
    content = STYLES[style]
    document = read(content)
    text = str(document.data["a"]["b"])  # type: ignore[index, call-overload]
    for word in ("one", "two"):
        place = document.places.within(("a", "b"), text, text.index(word))
        assert content.split("\n")[place.line - 1][place.column - 1 :].startswith(word), word


def test_the_place_of_a_mapping_is_its_own() -> None:
    document = read("a:\n  b: x\n")
    assert str(document.places.within(("a",), "", 5)) == "f.yaml:2:3"
    assert str(document.places.within(("a", "c"), "", 5)) == "f.yaml:2:3"


@pytest.mark.parametrize(("line", "column", "offset"), [(1, 1, 0), (1, 3, 2), (2, 1, 3), (2, 9, 5), (9, 1, 3)])
def test_an_offset_is_bounded_by_the_text(line: int, column: int, offset: int) -> None:
    assert offset_of("ab\ncd", line, column) == offset


texts = st.text(st.sampled_from("ab'\"\\ \n:#é&{}>|-"), min_size=1, max_size=40)


@given(texts, st.sampled_from([None, "'", '"', "|", ">"]), st.integers(10, 60))
def test_every_visible_character_is_found(text: str, style: str | None, width: int) -> None:
    content = yaml.safe_dump({"a": {"b": text}}, default_style=style, width=width, allow_unicode=True)
    document = read(content)
    value = document.data["a"]["b"]  # type: ignore[index, call-overload]
    assert value == text
    for offset, char in enumerate(text):
        if not char.isspace():
            place = document.places.within(("a", "b"), text, offset)
            found = char_at(content, place.line, place.column)
            assert found in (char, "\\"), (offset, char, content)
