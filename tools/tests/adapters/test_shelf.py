"""Documents that are put away hold what they held."""

from __future__ import annotations

import errno
import os
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters import shelf as shelf_module
from tarmac.adapters.shelf import FileShelf
from tarmac.adapters.yaml_reader import read_documents
from tarmac.errors import OutsideError
from tarmac.model.documents import Document, orderly
from tarmac.model.json_value import JsonValue, dig
from tarmac.model.json_value import Path as Keys

ONE = b"apiVersion: v1\nkind: Component\nmetadata:\n  name: one\nspec:\n  parts: [a, 2, 3.5, true, null]\n"
STRICT = b'apiVersion: v1\nkind: Component\nmetadata: {name: "\\u00e9"}\n'


def read(shelf: FileShelf, *files: bytes) -> list[Document]:
    found: list[Document] = []
    for index, content in enumerate(files):
        documents, findings = read_documents(f"catalog/{index}.yaml", content)
        assert not findings
        shelf.add([documents], len(content))
        found += documents
    return found


def crowded() -> FileShelf:
    """One that puts everything away at once, and takes back what was given before the last."""
    return FileShelf(room=0, asked_for=0)


def paths(value: JsonValue, above: Keys = ()) -> Iterator[Keys]:
    yield above
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from paths(below, (*above, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from paths(below, (*above, index))


def is_away(document: Document) -> bool:
    return document.number >= 0


def same(document: Document, fresh: Document) -> bool:
    """Whether two say the same, at the same places, with values of the same types in the same order."""
    assert (document.path, document.index, document.dollar) == (fresh.path, fresh.index, fresh.dollar)
    assert repr(document.data) == repr(fresh.data)
    assert document.kind_key == fresh.kind_key
    for path in paths(fresh.data):
        assert document.places.value(path) == fresh.places.value(path)
        assert document.places.key(path) == fresh.places.key(path)
    return document.places.first() == fresh.places.first()


@pytest.mark.parametrize(
    "content",
    [
        ONE,
        STRICT,
        ONE + b"---\n" + STRICT + b"---\n" + ONE,
        b"# said first\n---\n" + ONE,
        b"\xef\xbb\xbf" + ONE,
        ONE.replace(b"\n", b"\r\n"),
        "kind: Größe\n日本: [本, {語: \U0001f600}]\n".encode(),
        b"text: |\n  several\n\n  lines\nfolded: >-\n  one\n  line\nempty: {}\nnone: []\n",
        b"numbers: [0, -0.0, 1e300, 0x7f, 9007199254740991, -12]\n",
    ],
)
def test_what_was_put_away_is_what_was_read(content: bytes) -> None:
    found = read(crowded(), content, ONE, content)
    for document in (*found, *reversed(found), *found):
        fresh = read_documents(document.path, ONE if document.path == "catalog/1.yaml" else content)[0]
        assert is_away(document)
        assert same(document, fresh[document.index])


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(TEXTS, below, max_size=3),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=4), min_size=1, max_size=6), st.integers(0, 60), st.data())
def test_any_data_come_back_in_any_order(
    every: list[dict[str, JsonValue]], asked_for: int, data: st.DataObject
) -> None:
    shelf = FileShelf(room=0, asked_for=asked_for)
    blank = read_documents("a.yaml", ONE)[0][0]
    found = [Document("a.yaml", index, value, blank.places) for index, value in enumerate(every)]
    for document in found:
        shelf.add([(document,)], 1)
    for index in data.draw(st.lists(st.integers(0, len(found) - 1), max_size=12)):
        assert repr(found[index].data) == repr(every[index])
        assert found[index].orderly == orderly(every[index])


def test_nothing_is_put_away_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.mkstemp", None)
    found = read(FileShelf(room=3 * len(ONE)), ONE, ONE, ONE)
    assert not any(map(is_away, found))


def test_all_that_was_read_goes_once_there_is_no_room() -> None:
    found = read(FileShelf(room=2 * len(ONE)), ONE, ONE)
    assert not any(map(is_away, found))
    shelf = FileShelf(room=2 * len(ONE))
    assert all(map(is_away, read(shelf, ONE, ONE, ONE)))
    assert all(map(is_away, read(shelf, b"a: 1\n")))


def test_whoever_is_told_hears_of_documents_while_they_hold_all() -> None:
    shelf = crowded()
    heard: list[tuple[str, bool]] = []

    def told(documents: Sequence[Document]) -> Container[int]:
        heard.extend((one.path, is_away(one)) for one in documents)
        return ()

    with shelf.telling(told):
        read(shelf, ONE, STRICT)
    read(shelf, ONE)
    assert heard == [("catalog/0.yaml", False), ("catalog/1.yaml", False)]


FORMS = (
    ONE,
    STRICT,
    ONE + b"---\n" + ONE,
    ONE + b"other: last",
    b"# said first\n---\n" + ONE,
    b"\xef\xbb\xbf" + ONE.replace(b"a, 2", "\u00e4, \u672c".encode()),
    b"text: |\n  several\n\n  lines\nnumbers: [0, -0.0, 1e300, 0x7f]\n",
)


@pytest.mark.parametrize("asked_for", [0, 10_000])
def test_what_nobody_will_ask_for_is_what_was_read_all_the_same(asked_for: int) -> None:
    shelf = FileShelf(room=0, asked_for=asked_for)
    with shelf.telling(lambda documents: {id(documents[-1])}):
        found = [document for content in FORMS * 2 for document in read(shelf, content)]
    fresh = [document for content in FORMS * 2 for document in read_documents("catalog/0.yaml", content)[0]]
    for document, expected in (*zip(found, fresh, strict=True), *reversed(list(zip(found, fresh, strict=True)))):
        assert is_away(document)
        assert same(document, expected)


def every(documents: Sequence[Document]) -> Container[int]:
    return set(map(id, documents))


def none(documents: Sequence[Document]) -> Container[int]:
    return ()


def test_of_what_nobody_will_ask_for_the_text_alone_is_written() -> None:
    written = []
    for wanted in (every, none):
        shelf = crowded()
        with shelf.telling(wanted):
            found = read(shelf, ONE)
        assert found[0].data["kind"] == "Component"
        written.append(shelf._written)
    assert written[1] == len(ONE) < written[0]


def has_data(document: Document) -> bool:
    try:
        return bool(document.data)
    except TypeError:
        return False


def test_data_are_taken_again_from_those_that_had_them_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = FileShelf(room=0, asked_for=250)
    found = read(shelf, *([ONE] * 8))
    for document in found:
        assert document.data["kind"] == "Component"
    monkeypatch.setattr(shelf, "give_back", None)
    held = [has_data(document) for document in found]
    assert held[-1]
    assert not held[0]
    assert held == sorted(held)


def numbered(count: int) -> list[bytes]:
    return [
        ONE.replace(b"one", b"number-%d" % number) + b"more: x" + b"x" * (number % 7) * 40 for number in range(count)
    ]


def names(documents: Sequence[Document]) -> list[JsonValue]:
    return [dig(document.data, "metadata", "name") for document in documents]


def test_what_is_asked_for_in_order_is_read_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(crowded(), *numbered(400))
    asked: list[int] = []
    pread = os.pread

    def counted(handle: int, size: int, begin: int) -> bytes:
        asked.append(size)
        return pread(handle, size, begin)

    monkeypatch.setattr("tarmac.adapters.shelf.os.pread", counted)
    assert names(found) == [f"number-{number}" for number in range(400)]
    assert len(asked) < 20
    asked.clear()
    # From the last to the first: none of them follows another.
    assert names(found[::-1]) == [f"number-{number}" for number in range(400)][::-1]
    assert len(asked) > 300
    assert sum(asked) < 400 * 300


@given(
    st.lists(st.tuples(st.integers(0, 59), st.booleans()), max_size=80), st.integers(1, 4_000), st.integers(0, 2_000)
)
def test_in_whatever_order_documents_are_asked_for_each_is_itself(
    asked: list[tuple[int, bool]], ahead: int, room: int
) -> None:
    contents = numbered(90)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shelf_module, "_AHEAD", ahead)
        patch.setattr(shelf_module, "_AT_ONCE", 500)
        shelf = FileShelf(room=0, asked_for=room)
        found = read(shelf, *contents[:60])
        for at, (number, more) in enumerate(asked):
            assert dig(found[number].data, "metadata", "name") == f"number-{number}"
            if more and at < 30:
                read(shelf, contents[60 + at])
            assert found[number].places.value(("metadata", "name")).line == 4


@pytest.mark.parametrize(
    "content",
    [
        b"a: &x [1, 2]\nb: *x\n",
        b"text: " + b"x" * 70_000 + b"\n",
    ],
    ids=["an anchor", "a large text"],
)
def test_what_would_not_come_back_the_same_or_soon_stays(content: bytes) -> None:
    found = read(crowded(), ONE, content, ONE)
    assert [is_away(document) for document in found] == [True, False, True]
    assert same(found[1], read_documents("catalog/1.yaml", content)[0][0])
    assert same(found[2], read_documents("catalog/2.yaml", ONE)[0][0])


def test_an_integer_that_cannot_be_written_stays() -> None:
    shelf = crowded()
    (one,) = read(shelf, ONE)
    big = Document("big.yaml", 0, {"big": 2**64}, read_documents("big.yaml", ONE)[0][0].places)
    shelf.add([(big,)], 1)
    (other,) = read(shelf, STRICT)
    assert [is_away(document) for document in (one, big, other)] == [True, False, True]
    assert big.data == {"big": 2**64}
    assert same(other, read_documents("catalog/0.yaml", STRICT)[0][0])


def test_a_sign_in_a_text_is_no_anchor() -> None:
    assert is_away(read(crowded(), b"url: https://example.com/?a=1&b=2\n")[0])


def test_a_document_stands_in_another_file() -> None:
    (document,) = read(crowded(), ONE)
    moved = document.at("teams/x.yaml")
    assert (moved.path, moved.data, is_away(moved)) == ("teams/x.yaml", document.data, False)


def test_it_has_no_fields_that_documents_have_not() -> None:
    (document,) = read(crowded(), ONE)
    with pytest.raises(AttributeError, match="nothing"):
        _ = document.nothing  # type: ignore[attr-defined]
    assert "put away" in repr(document)


def test_fields_that_a_document_keeps_take_no_call_to_get() -> None:
    shelf = FileShelf(room=0, asked_for=1_000)
    (document,) = read(shelf, ONE)
    assert type(document).__getattribute__ is object.__getattribute__
    assert not hasattr(type(document), "__getattr__")
    data = document.data
    # Nor do its data, while it has them.
    assert type(type(document).__dict__["data"]) is type(Document.__dict__["data"])
    assert document.data is data


def test_a_full_disk_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, content: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    (document,) = read(crowded(), ONE)
    with pytest.raises(OutsideError, match=r"No space left on device.*TMPDIR"):
        _ = document.data


def test_a_folder_that_is_not_there_is_said_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    (document,) = read(crowded(), ONE)
    with pytest.raises(OutsideError, match="put away"):
        _ = document.data
