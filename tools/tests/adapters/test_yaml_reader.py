"""The reader: YAML 1.2 core values, a place for everything, and a finding for whatever is not plain YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.yaml_composer import MAX_NODES
from tarmac.adapters.yaml_gate import MAX_BYTES, MAX_DOCUMENTS
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.json_value import JsonValue


def value_of(text: str) -> JsonValue:
    documents, findings = read_documents("a.yaml", f"v: {text}\n".encode())
    assert findings == ()
    return documents[0].data["v"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("2026-01-01", "2026-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("12:30:45", "12:30:45"),
        ("0o17", 15),
        ("0123", 123),
        ("0x1F", 31),
        ("-7", -7),
        ("+7", 7),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-x", "-x"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("~", None),
        ("", None),
        ("Null", None),
        ("nUll", "nUll"),
        ("True", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("'true'", "true"),
        ('"10.10"', "10.10"),
        ("9223372036854775807", 2**63 - 1),
        ("[group:default/x, a]", ["group:default/x", "a"]),
        ("{a: 1, b: [x]}", {"a": 1, "b": ["x"]}),
        ("|\n  two\n  lines", "two\nlines\n"),
        (">-\n  one\n  line", "one line"),
    ],
)
def test_plain_values_follow_the_core_schema(text: str, value: JsonValue) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


BAD = [
    pytest.param(b"a: 1\n\x00b: 2\n", "yaml-bytes", 2, 1, id="NUL"),
    pytest.param(b"a: \xff\n", "yaml-bytes", 1, 4, id="not UTF-8"),
    pytest.param("a: 1".encode("utf-16"), "yaml-bytes", 1, 1, id="UTF-16"),
    pytest.param("a: ü\ufeff\n".encode(), "yaml-bytes", 1, 5, id="second byte order mark"),
    pytest.param(b"a: 1\rb: 2\n", "yaml-bytes", 1, 5, id="lone carriage return"),
    pytest.param(b"a: x\x7fy\n", "yaml-bytes", 1, 5, id="DEL"),
    pytest.param("a: x\u2028y\n".encode(), "yaml-bytes", 1, 5, id="line separator outside quotes"),
    pytest.param("a: 1 # x\u0085y\n".encode(), "yaml-bytes", 1, 9, id="NEL in a comment"),
    pytest.param(b"a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3, 1, id="duplicate key"),
    pytest.param(b"1: a\n'1': b\n", "yaml-duplicate-key", 2, 1, id="duplicate key, once quoted"),
    pytest.param(b"a: &x {b: 1}\nc:\n  <<: *x\n", "yaml-feature", 3, 3, id="merge key"),
    pytest.param(b"a: !!str 1\n", "yaml-feature", 1, 4, id="tag"),
    pytest.param(b"a: ! 1\n", "yaml-feature", 1, 4, id="non-specific tag"),
    pytest.param(b"a: &k !foo [1]\n", "yaml-feature", 1, 7, id="tag behind an anchor"),
    pytest.param(b"%YAML 1.1\n---\na: 1\n", "yaml-feature", 1, 1, id="version directive"),
    pytest.param(b"a: 1\n...\n%TAG ! x\n---\nb: 1\n", "yaml-feature", 3, 1, id="tag directive, later"),
    pytest.param(b"? [a]\n: b\n", "yaml-feature", 1, 3, id="list as key"),
    pytest.param(b"a: 1\n~: b\n", "yaml-feature", 2, 1, id="null as key"),
    pytest.param(b"0x10: b\n", "yaml-feature", 1, 1, id="key that readers number differently"),
    pytest.param(b"a:\n\tb: 1\n", "yaml-syntax", 2, 1, id="tab as indentation"),
    pytest.param(b"a: {\n  \tb: 1}\n", "yaml-syntax", 2, 3, id="tab as indentation inside braces"),
    pytest.param(b'a: 1\nb: "abc\nc: 1\n', "yaml-syntax", 2, 4, id="open quote: where it opens"),
    pytest.param(b"a: [1, 2\nb: 1\n", "yaml-syntax", 2, 2, id="open bracket"),
    pytest.param(b"a: b: c\n", "yaml-syntax", 1, 5, id="two colons"),
    pytest.param(b"a:\n  b: 1\n c: 2\n", "yaml-syntax", 3, 2, id="indentation between two levels"),
    pytest.param(b"a: *x\n", "yaml-syntax", 1, 4, id="unknown alias"),
    pytest.param(b"a: @x\n", "yaml-syntax", 1, 4, id="reserved character"),
    pytest.param(b"[" * 50_000, "yaml-limit", 1, 64, id="50,000 levels"),
    pytest.param(b"a: &a [*a]\n", "yaml-limit", 1, 7, id="alias inside itself"),
    pytest.param(b"a: &x 1\nb: [" + b"*x, " * 100 + b"]\n", "yaml-limit", 2, 4, id="one value a hundred times more"),
    pytest.param(
        b"a: &x 1\nb: &y [*x]\nc: [" + b"*y, " * 50 + b"]\n", "yaml-limit", 3, 4, id="one of these in another"
    ),
    pytest.param(
        b"a: &x 1\nb: &y [[*x], *x]\nc: &z {y: *y}\nd: [" + b"*z, " * 16 + b"]\n",
        "yaml-limit",
        4,
        4,
        id="two of these in one in another",
    ),
    pytest.param(b"a: [" + b"1," * MAX_NODES + b"]\n", "yaml-limit", 1, 4, id="too many values"),
    pytest.param(b"---\n" * (MAX_DOCUMENTS + 2), "yaml-limit", MAX_DOCUMENTS + 1, 1, id="too many documents"),
    pytest.param(b"a: " + b"x" * MAX_BYTES, "yaml-limit", 1, 1, id="too large"),
    pytest.param(b"a: " + b"9" * 400_000 + b"\n", "yaml-number", 1, 4, id="400,000 digits"),
    pytest.param(b"a: 9223372036854775808\n", "yaml-number", 1, 4, id="beyond 64 bits"),
    pytest.param(b"a: 1e999\n", "yaml-number", 1, 4, id="beyond a finite float"),
    pytest.param(b"a: .inf\n", "yaml-number", 1, 4, id="infinity"),
    pytest.param(b"!\n", "yaml-feature", 1, 1, id="a tag of nothing"),
    pytest.param(b"a:\n  b: [c,\n  d]\n", "yaml-syntax", 3, 3, id="brackets that go on too far to the left"),
    pytest.param(b'a:\n  b: "c\n  d"\n', "yaml-syntax", 3, 3, id="quotes that go on too far to the left"),
    pytest.param(b'a:\n  b: "c\n\td"\n', "yaml-syntax", 3, 1, id="quotes that go on behind a tab"),
    pytest.param(b"a:\n- b: {c: [\n  d]}\n", "yaml-syntax", 3, 3, id="brackets below a key in a list"),
    pytest.param(b"a:\n- {b: 1,\nc: 2}\n", "yaml-syntax", 3, 1, id="braces below a dash"),
    pytest.param(b"a: [?x]\n", "yaml-syntax", 1, 5, id="a ? that other readers take for text"),
    pytest.param(b"a: [-]\n", "yaml-syntax", 1, 5, id="a dash alone in brackets"),
    pytest.param(b"a: [b]#c\n", "yaml-syntax", 1, 7, id="a comment right behind a bracket"),
    pytest.param(b"a: 'b'#c\n", "yaml-syntax", 1, 7, id="a comment right behind a quote"),
    pytest.param(b"a: |#c\n  b\n", "yaml-syntax", 1, 5, id="a comment right behind a |"),
    pytest.param(b"a: [b,#c\n  d]\n", "yaml-syntax", 1, 7, id="a comment right behind a comma"),
    pytest.param(b"a: &b:c d\n", "yaml-syntax", 1, 4, id="an anchor's name that goes on"),
    pytest.param(b"a: &b 1\nc: [*b:d]\n", "yaml-syntax", 2, 5, id="an alias's name that goes on"),
    pytest.param(b"a: &b\n|\n  c\n", "yaml-syntax", 2, 1, id="a value that is not behind its key"),
    pytest.param(b"a: |+\n  b\n  ", "yaml-syntax", 1, 4, id="a block of text that ends in blanks"),
    pytest.param(b"k" * 1025 + b": 1\n", "yaml-syntax", 1, 1026, id="a key that is too long"),
    pytest.param(b"- a\n", "document-shape", 1, 1, id="a list"),
    pytest.param(b"hello\n", "document-shape", 1, 1, id="a text"),
]


@pytest.mark.parametrize(
    "text",
    [
        f"a: &x 1\nb: [{'*x, ' * 99}]\n",
        f"a: &x 1\nb: &y [*x]\nc: [{'*y, ' * 49}]\n",
        # Nothing counts twice what stands beside it.
        f"a: &x 1\nb: &y [2]\nc: [{'*x, ' * 99}]\nd: [{'*y, ' * 99}]\n",
        # What stands in it counts as often as it stood there by then.
        f"a: &x 1\nb: &y [*x]\nc: *y\nd: [{'*x, ' * 98}]\n",
        f"a: &x 1\nb: &y [[*x], *x]\nc: &z {{y: *y}}\nd: [{'*z, ' * 15}]\n",
        f"a: &x 1\nb: [{'*x, ' * 99}]\n---\na: &x 1\nb: [{'*x, ' * 99}]\n",
    ],
)
def test_one_value_stands_so_often_and_no_oftener(text: str) -> None:
    assert read_documents("x.yaml", text.encode())[1] == ()


@pytest.mark.parametrize(("content", "rule", "line", "column"), BAD)
def test_what_is_not_plain_yaml_is_a_finding_at_its_place(content: bytes, rule: str, line: int, column: int) -> None:
    _, findings = read_documents("a.yaml", content)
    assert [(f.rule, f.place.line, f.place.column) for f in findings] == [(rule, line, column)]
    assert findings[0].message
    assert "\n" not in findings[0].message
    assert len(findings[0].message) < 200


@pytest.mark.parametrize(
    ("content", "data"),
    [
        pytest.param("\ufeffa: 1\n".encode(), [{"a": 1}], id="leading byte order mark"),
        pytest.param(b"a: 1\r\nb: 2\r\n", [{"a": 1, "b": 2}], id="CRLF"),
        pytest.param(b"", [], id="empty file"),
        pytest.param(b"# only a comment\n", [], id="comment"),
        pytest.param(b"---\n---\na: 1\n---\n...\n", [{"a": 1}], id="empty documents are skipped"),
        pytest.param('a: "x\u2028y"\n'.encode(), [{"a": "x\u2028y"}], id="line separator inside quotes is data"),
        pytest.param(b'a: "\\0"\n', [{"a": "\x00"}], id="an escape is data"),
        pytest.param(b'a: "x\n  %y"\n', [{"a": "x %y"}], id="a percent sign inside quotes"),
        pytest.param(b"a: |\n  x\n  \ty\n", [{"a": "x\n\ty\n"}], id="a tab inside a block"),
        pytest.param(b"a: &x {b: 1}\nc: *x\n", [{"a": {"b": 1}, "c": {"b": 1}}], id="anchor and alias"),
        pytest.param(b"a: |\n  x", [{"a": "x\n"}], id="a block of text at the end of a file without a line feed"),
        pytest.param(b"a: [\n  b,\n]\n", [{"a": ["b"]}], id="a closing bracket below its key"),
        pytest.param(b"a: [b, # c\n# d\n  'e']\n", [{"a": ["b", "e"]}], id="comments inside brackets"),
        pytest.param(
            b"a: 'x]#y' # '#z'#\n", [{"a": "x]#y"}], id="what looks like a comment, in quotes and in a comment"
        ),
        pytest.param(b'a: {"b":1, c: -1, d: x?y}\n', [{"a": {"b": 1, "c": -1, "d": "x?y"}}], id="flow"),
        pytest.param(
            b"a: {b :c, 'd' :e}\n", [{"a": {"b :c": None, "d": "e"}}], id="a colon behind a text and behind a quote"
        ),
        pytest.param(b"? a\n: &b\n  c\n? d\n: *b\n", [{"a": "c", "d": "c"}], id="question marks and anchors"),
        pytest.param(b"a:\n  - &b\n  - c\n", [{"a": [None, "c"]}], id="an anchor of nothing"),
        pytest.param(b"&a b: &c\n- d\n- *a\n- &e\n  f\n", [{"b": ["d", "b", "f"]}], id="anchors before keys and lists"),
        pytest.param(
            b"a: &x\n  n: 1\nb:\n  c: *x\n",
            [{"a": {"n": 1}, "b": {"c": {"n": 1}}}],
            id="an alias as deep as what it stands for",
        ),
        pytest.param(b"'<<': 1\n", [{"<<": 1}], id="a quoted << is a key like any other"),
        pytest.param(b"1: a\ntrue: b\n", [{"1": "a", "true": "b"}], id="keys that every reader writes the same"),
    ],
)
def test_what_is_plain_yaml_is_read(content: bytes, data: list[JsonValue]) -> None:
    documents, findings = read_documents("a.yaml", content)
    assert findings == ()
    assert [document.data for document in documents] == data


def test_an_alias_bomb_ends_at_a_bound() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    documents, findings = read_documents("a.yaml", "\n".join(lines).encode())
    assert documents == ()
    assert [finding.rule for finding in findings] == ["yaml-limit"]


def test_one_broken_document_hides_no_other() -> None:
    content = b"a: 1\n---\nb: [\n---\nc: 2\nc: 3\n---\nd: 4\n"
    documents, findings = read_documents("a.yaml", content)
    assert [document.data for document in documents] == [{"a": 1}, {"c": 2}, {"d": 4}]
    assert [(f.rule, f.place.line) for f in findings] == [("yaml-syntax", 4), ("yaml-duplicate-key", 6)]
    assert documents[2].places.key(("d",)).line == 8


def test_behind_a_hundred_faults_only_that_there_are_more() -> None:
    documents, findings = read_documents("a.yaml", b"x: !a 1\n" + b"".join(b"k%d: !a 1\n" % n for n in range(150)))
    assert len(documents) == 1
    assert [f.rule for f in findings] == ["yaml-feature"] * 100 + ["more-findings"]


def test_broken_documents_among_sound_ones_are_all_met() -> None:
    content = b"".join(b"---\na: [\n---\nb: %d\n%s" % (n, b"# more\n" * (n * 40)) for n in range(40))
    documents, findings = read_documents("a.yaml", content)
    assert [document.data for document in documents] == [{"b": n} for n in range(40)]
    lines = content.split(b"\n")
    assert [lines[f.place.line - 2] for f in findings] == [b"a: ["] * 40
    for document in documents:
        place = document.places.key(("b",))
        assert lines[place.line - 1].decode() == f"b: {document.data['b']}"


def test_every_fault_of_a_document_is_said() -> None:
    _, findings = read_documents("a.yaml", b"a: 1\na: 2\nb: !x 3\nc: .nan\n")
    assert [f.rule for f in findings] == ["yaml-duplicate-key", "yaml-feature", "yaml-number"]


PLACED = b"""\
apiVersion: v1
spec:
  - "quoted"
  - name: \xc3\xbc
    tags: [a, {b: c}]
  - &anchor plain
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("apiVersion",), (1, 13), (1, 1)),
        (("spec",), (3, 3), (2, 1)),
        (("spec", 0), (3, 5), (3, 5)),
        (("spec", 1, "name"), (4, 11), (4, 5)),
        (("spec", 1, "tags", 1), (5, 15), (5, 15)),
        (("spec", 1, "tags", 1, "b"), (5, 19), (5, 16)),
        (("spec", 2), (6, 13), (6, 13)),
        (("spec", 1, "nowhere"), (4, 5), (4, 5)),
        (("nowhere", "at", "all"), (1, 1), (1, 1)),
    ],
)
def test_places_count_lines_and_code_points_from_one(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    (document,), _ = read_documents("a.yaml", PLACED)
    at, name = document.places.value(path), document.places.key(path)
    assert (at.line, at.column) == value
    assert (name.line, name.column) == key


SCALARS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_documents_or_findings(content: bytes) -> None:
    documents, findings = read_documents("a.yaml", content)
    lines = content.count(b"\n") + content.count(b"\r") + content.count("\u2028".encode()) + 2
    assert all(1 <= finding.place.line <= lines and finding.place.column >= 1 for finding in findings)
    assert all(isinstance(document.data, dict) for document in documents)


@given(st.lists(st.sampled_from(["a: 1", "b: [x", "- c", "d:", "  e: &x f", "g: *x", "---", '"h": "', "\tq: r", "%Y"])))
def test_any_mix_of_yaml_lines_gives_documents_or_findings(lines: list[str]) -> None:
    documents, _ = read_documents("a.yaml", "\n".join(lines).encode())
    assert [document.index for document in documents] == list(range(len(documents)))
