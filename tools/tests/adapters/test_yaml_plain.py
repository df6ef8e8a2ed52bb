"""What the fast reader takes, line by line, and what is the first that it leaves to the strict one."""

from __future__ import annotations

import pytest

from tarmac.adapters import yaml_lines
from tarmac.adapters.yaml_plain import read_plain, start_of
from tarmac.model.json_value import JsonValue
from tests.fuzz.test_plain import alike

TAKEN: list[tuple[str, dict[str, JsonValue]]] = [
    # Keys.
    ("a: b", {"a": "b"}),
    ("A_b.c/d-1: x", {"A_b.c/d-1": "x"}),
    ("$ref: x", {"$ref": "x"}),
    ("_a: x", {"_a": "x"}),
    (f"{'k' * 101}: x", {"k" * 101: "x"}),
    ("a:", {"a": None}),
    ("a:\nb:", {"a": None, "b": None}),
    ("a:   b  ", {"a": "b"}),
    # Values without quotes.
    ("a: b c", {"a": "b c"}),
    ("a: b:c", {"a": "b:c"}),
    ("a: http://b:1/#c", {"a": "http://b:1/#c"}),
    ("a: b#c", {"a": "b#c"}),
    ("a: b # c", {"a": "b"}),
    ("a: # c", {"a": None}),
    ("a: (b), [c] {d} \"e\" 'f' | > & * ! ? -", {"a": "(b), [c] {d} \"e\" 'f' | > & * ! ? -"}),
    ("a: $b", {"a": "$b"}),
    ("a: b]", {"a": "b]"}),
    ("a: XXb", {"a": "XXb"}),
    ("a: /b", {"a": "/b"}),
    ("a: .b", {"a": ".b"}),
    ("a: _b", {"a": "_b"}),
    ("a: b\u00e9\U0001f600", {"a": "b\u00e9\U0001f600"}),
    ("a: 12", {"a": 12}),
    ("a: -12", {"a": -12}),
    ("a: 1.5", {"a": 1.5}),
    ("a: .5", {"a": 0.5}),
    ("a: 0x1f", {"a": 31}),
    ("a: 1.2.3", {"a": "1.2.3"}),
    ("a: 2026-01-01", {"a": "2026-01-01"}),
    ("a: null", {"a": None}),
    ("a: Null", {"a": None}),
    ("a: NULL", {"a": None}),
    ("a: true", {"a": True}),
    ("a: True", {"a": True}),
    ("a: false", {"a": False}),
    ("a: False", {"a": False}),
    ("a: nothing", {"a": "nothing"}),
    ("a: True story", {"a": "True story"}),
    ("a: Fine", {"a": "Fine"}),
    ("a: no # yes", {"a": "no"}),
    # Values in quotes.
    ("a: ''", {"a": ""}),
    ('a: ""', {"a": ""}),
    ("a: 'b: c # d \"'", {"a": 'b: c # d "'}),
    ("a: \"b: c # d '\"", {"a": "b: c # d '"}),
    ('a: "1"', {"a": "1"}),
    ("a: 'b' # c", {"a": "b"}),
    ("a: 'b\\n'", {"a": "b\\n"}),
    ('a: "b\\\\n\\""', {"a": 'b\\n"'}),
    ("a: '\\\\'", {"a": "\\\\"}),
    # Lists.
    ("a:\n- b\n- c", {"a": ["b", "c"]}),
    ("a:\n  - b\n  - 'c'\n  - \"d\"\n  - 1\n  - e # f", {"a": ["b", "c", "d", 1, "e"]}),
    ("a:\n- b\nc: d", {"a": ["b"], "c": "d"}),
    ("a:\n  - b\nc:\n  - d", {"a": ["b"], "c": ["d"]}),
    ("a:\n- b: c\n  d: e\n- f: g", {"a": [{"b": "c", "d": "e"}, {"f": "g"}]}),
    ("a:\n-   b: c\n    d: e", {"a": [{"b": "c", "d": "e"}]}),
    ("a:\n- b:\n  - c\n  - d", {"a": [{"b": ["c", "d"]}]}),
    ("a:\n- b:\n    c: d\n  e: f\ng: h", {"a": [{"b": {"c": "d"}, "e": "f"}], "g": "h"}),
    ("a:\n- b:\n- c", {"a": [{"b": None}, "c"]}),
    ("a:\n- a-b\n- c: -1", {"a": ["a-b", {"c": -1}]}),
    ("a:\n- b - c", {"a": ["b - c"]}),
    ("a:\n- XXb", {"a": ["XXb"]}),
    ("a: b - c", {"a": "b - c"}),
    ("a:\n- [b]\n- {c: d}\n- []", {"a": [["b"], {"c": "d"}, []]}),
    ("a:\n- b: [c]\n- d: {}", {"a": [{"b": ["c"]}, {"d": {}}]}),
    # Mappings.
    ("a:\n  b:\n    c: d\n  e: f\ng: h", {"a": {"b": {"c": "d"}, "e": "f"}, "g": "h"}),
    ("a:\n b: c", {"a": {"b": "c"}}),
    ("a:\n b:\n  c: d\n e:\n     f: g\nh: i", {"a": {"b": {"c": "d"}, "e": {"f": "g"}}, "h": "i"}),
    # What says nothing.
    ("# a\n\na: b\n  # c\n\n\nd: e\n#f", {"a": "b", "d": "e"}),
    ("a:\n\n  # c\n  b: c", {"a": {"b": "c"}}),
    ("a: b\n   \nc: d", {"a": "b", "c": "d"}),
    # In brackets.
    ("a: []", {"a": []}),
    ("a: {}", {"a": {}}),
    ("a: [b]", {"a": ["b"]}),
    ("a: [bX]", {"a": ["bX"]}),
    ("a: [b, c d, 1, true, -2, .5, null] # e", {"a": ["b", "c d", 1, True, -2, 0.5, None]}),
    ('a: ["b, c]", d, ""]', {"a": ["b, c]", "d", ""]}),
    ('a: ["b # c"]', {"a": ["b # c"]}),
    ("a: [ b ,  c ]", {"a": ["b", "c"]}),
    ("a: [ [b], [], {}, {c: d} ]", {"a": [["b"], [], {}, {"c": "d"}]}),
    ("a: {b: c, d:  e, f: [g, h], i: {j: k}}", {"a": {"b": "c", "d": "e", "f": ["g", "h"], "i": {"j": "k"}}}),
    ('a: {b: "c", d: 1 }', {"a": {"b": "c", "d": 1}}),
    ("a: [b:c, d:/e:f]", {"a": ["b:c", "d:/e:f"]}),
    ("a: {b: c:d, e: $f, g: (h)}", {"a": {"b": "c:d", "e": "$f", "g": "(h)"}}),
    ("a: [[[[[[[[]]]]]]]]", {"a": [[[[[[[[]]]]]]]]}),
    ("a: [[[[[[[b]]]]]]]", {"a": [[[[[[["b"]]]]]]]}),
    ("a: [{b: [{c: [{d: e}]}]}]", {"a": [{"b": [{"c": [{"d": "e"}]}]}]}),
    ("a: {b: {c: {d: {e: {f: {g: h}}}}}}", {"a": {"b": {"c": {"d": {"e": {"f": {"g": "h"}}}}}}}),
    # Blocks of text.
    ("a: |\n  b\n  c", {"a": "b\nc\n"}),
    ("a: |-\n  b\n  c\nd: e", {"a": "b\nc", "d": "e"}),
    ("a: >\n  b\n  c", {"a": "b c\n"}),
    ("a: >-\n  b\n  c\nd: e", {"a": "b c", "d": "e"}),
    ("a: >-\n  b\n\n  c\n  d\n\n\n  e\n\n", {"a": "b\nc d\n\ne"}),
    ("a: |\n  b\n\n  c\n\n\nd: e", {"a": "b\n\nc\n", "d": "e"}),
    ("a: |\n  b\n    c\n  # d\n  e: f\n  - g", {"a": "b\n  c\n# d\ne: f\n- g\n"}),
    ("a: |\n b", {"a": "b\n"}),
    ("a: |\n  b\n  ", {"a": "b\n"}),
    ("a: >-\n  b\n  \n  c", {"a": "b\nc"}),
    ("a: |\n  b\n  \n\nc: d", {"a": "b\n", "c": "d"}),
    ("a: |\n  Xb\n  cX", {"a": "Xb\ncX\n"}),
    ("a:\n  b: |\n    c\n  d: e", {"a": {"b": "c\n", "d": "e"}}),
    ("a:\n- |\n  b\n- >-\n  c\n  d\n- e", {"a": ["b\n", "c d", "e"]}),
    ("a:\n- |\n b", {"a": ["b\n"]}),
    ("a:\n- b: |\n    c\n- d: |\n   e", {"a": [{"b": "c\n"}, {"d": "e\n"}]}),
    ("a:\n- b: c\n  d: |\n    e\n  f: g", {"a": [{"b": "c", "d": "e\n", "f": "g"}]}),
    # Names.
    ("a: &b [c]\nd: *b", {"a": ["c"], "d": ["c"]}),
    ("a: &b  {c: d}\ne: *b # f", {"a": {"c": "d"}, "e": {"c": "d"}}),
    ("a: &b\n  c: d\ne:\n- f: *b\n  g: *b", {"a": {"c": "d"}, "e": [{"f": {"c": "d"}, "g": {"c": "d"}}]}),
    ("a: &b\n- c\nd: &e\n- f\ng: *b\nh: *e", {"a": ["c"], "d": ["f"], "g": ["c"], "h": ["f"]}),
    ("a:\n- b: &c [d]\n  e: *c\n- f: *c", {"a": [{"b": ["d"], "e": ["d"]}, {"f": ["d"]}]}),
    (f"a: &{'b' * 41} [c]\nd: *{'b' * 41}", {"a": ["c"], "d": ["c"]}),
    ("a: &b-1_C [c]\nd: *b-1_C", {"a": ["c"], "d": ["c"]}),
    ("a: &b [c]\nd: &e [f]\ng: *e", {"a": ["c"], "d": ["f"], "g": ["f"]}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "data"), TAKEN, ids=[repr(text) for text, _ in TAKEN])
def test_what_is_plain_is_read_and_is_what_the_strict_reader_says(text: str, data: dict[str, JsonValue]) -> None:
    assert repr(read_plain(f"{text}\n")) == repr([data])
    assert alike(f"{text}\n")


LEFT = (
    # Keys.
    f"{'k' * 102}: x", "1a: b", "-a: b", "a b: c", "'a': b", "\u00e9: b", "a : b", "null: b", "true: b", "a: b\na: c",
    "a:\n- null: b", "a:\n- null:", "null:", "a:\n- b: c\n  b: d", "a: [b]\na: [c]", "a:\na: b",
    # Values.
    "a: \u00e9", "a: -b", "a: b: c", "a: b:", "a: [b", "a: b]: c", "a: 'b'c", "a: 'b''c'",
    "a: 'b", 'a: "b', 'a: "b\\n"',
    'a: "b"c"', "a: `b", "a: @b", "a: %b", "a: !b c", "a: ? b", "a: - b", "a: ~", "a: 'b' 'c'", "a: 'b'#c", "a: 1e999",
    "a: 9223372036854775808", "a:\n- 1e999", "a: [1e999]", "a: ,b", "a: =b", "a: +1", "a: b\tc", "a: b\rc",
    "a: b\u2028c", "a: b\u0085c", "a: .inf", "a: .nan", "b", "'b'", "[b]", "|", "&b", "*b", "a: b\n'c'",
    # Lines that do not fit.
    "a: b\n  c: d", "a: b\n  - c", "a:\n    b: c\n  d: e", "a:\n  b: c\n    d: e", " a: b\nc: d", "a:\n- b\n  - c",
    "a:\n- b\n  c: d", "a:\n- b: c\n    d: e", "a:\n- b: c\n d: e", "a:\n  - b\n c: d", "a:\n  b: c\n  - d", "- b",
    "a:\n- b\n-", "a:\n-\n  b: c", "a:\n- - b", "a: 'b'\n  c: d", "a: [b]\n  c: d", "a:\n  b: |\n    c\n    d\n   e: f",
    "a:\nb - c", "a:\nX - c",
    # In brackets.
    "a: [b", "a: [b}", "a: {b: c]", "a: [b, ]", "a: [b,]", "a: [, b]", "a: [b,c]", "a: [b c: d]", "a: [b] c",
    "a: [b][c]", "a: []]", "a: [[]", "a: {b}", "a: {b: }", "a: {b: c, b: d}", "a: {b: c, d}", "a: {null: b}",
    "a: {[b]: c}", "a: {b:c}", "a: ['b']", "a: [~]", "a: [-b]", "a: [&b c]", "a: [*b]", "a: [b #c]", 'a: ["b\\n"]',
    'a: ["b" c]', 'a: ["b", "c]', "a: [b\n  c]", "a: [[[[[[[[[]]]]]]]]]", "a: [[[[[[[[b]]]]]]]]", "a: {b: c, }",
    "a: [b, c: d]", "a: {b, c: d}", "a: {b: c: d}", "a: {b: c} {d: e}", "a: {b: [}]", "a: [b {c: d}]", "a: [b: c]",
    "a: {{b: c}: d}", 'a: {"b": c}', "a: {b: c d: e}", "a: [b]c", "a: [\"b\"c]", "a: {b: 1e999}", "a: {b: c {",
    "a: [b [c]", 'a: ["b" "c" "d"]', "a: [, b}]", "a: [, }]", "a: {b: {c: {d: {e: {f: {g: {h: {i: j}}}}}}}}",
    # Blocks of text.
    "a: |", "a: |\nb: c", "a: |\n\n  b", "a: |\n   b\n  c", "a: |\n  b \n  c", "a: |\n  b ", "a: |\n  b\n   \n  c",
    "a: |+\n  b", "a: |2\n  b", "a: | # b\n  c", "a: |  \n  c", "a: >\n  b\n    c", "a: >\n    b\n  c\nd: e",
    "a:\n  b: |\n  c", "a:\n- b: |\n  c", "a:\n- b: |\n c", "a:\n- |\nb: c", "a: |\n  b\n c\nd: e", "a: >-",
    "a: |\n   ",
    "a: |\n  b\n   ", "a: >-\n  b\n   \n  c", "a: b |\n  c: d", "a:\n  b: |\n   c\n  d\n",
    "a:\n- b: |\n    c\n  d: e", "a:\n- b: |\n    c\n # d",
    # Names.
    "a: *b", "a: &b c\nd: *b", "a: &b\nc: *b", "a: &b\n  c: *b", "a: &b [c]\nd: &b [e]", "a: &b\nc: &b", "a: &b [*b]",
    "a: &b [c]\nd: &e\n  f: *b\ng: h", "a: &b [c]\nd: &e\n- f: *b", "a: &b [c]\nd:\n- *b", "a:\n- &b [c]",
    "a:\n- &b\n  c: d",
    "a:\n- &b c: d", f"a: &{'b' * 42} [c]\nd: *{'b' * 42}", "a: &1 [c]", "a: &b [c]\nd: *b e", "a: &b [c]\nd: [*b]",
    "a: &b[c]", "a: &b 'c'", "a: &b |\n  c", "a: &b *c", "a: &b [c", "a: &b 1", "a: *b\nc: &b [d]", "a: &b.c [d]",
    "a: &b [c]\na: *b", "a: *b [c]", "a: &b [null: c]",
)  # fmt: skip


@pytest.mark.parametrize("text", LEFT, ids=repr)
def test_what_means_something_else_or_nothing_is_left_to_the_strict_reader(text: str) -> None:
    assert read_plain(f"{text}\n") is None


DOCUMENTS: list[tuple[str, list[dict[str, JsonValue]], list[int]]] = [
    ("a: b\n", [{"a": "b"}], [0]),
    ("---\na: b\n", [{"a": "b"}], [4]),
    ("\n# c\n  # d\n---\n# e\n\na: b\n", [{"a": "b"}], [20]),
    ("a: b\n---\na: c\n", [{"a": "b"}, {"a": "c"}], [0, 9]),
    ("---\na: b\n---\n\n# c\n  \na: d\n---\na:\n- e\n", [{"a": "b"}, {"a": "d"}, {"a": ["e"]}], [4, 21, 30]),
    ("a: |\n  b\n---\nc: d\n", [{"a": "b\n"}, {"c": "d"}], [0, 13]),
    ("a: |\n  ---\n  b\n", [{"a": "---\nb\n"}], [0]),
    ("a: &b [c]\n---\na: &b [d]\ne: *b\n", [{"a": ["c"]}, {"a": ["d"], "e": ["d"]}], [0, 14]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "documents", "starts"), DOCUMENTS)
def test_each_document_is_read_and_begins_at_its_first_key(
    text: str, documents: list[dict[str, JsonValue]], starts: list[int]
) -> None:
    assert read_plain(text) == documents
    assert [start_of(text, index) for index in range(len(documents))] == starts
    assert alike(text)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# a\n", "---\n", "---\n---\na: b\n", "a: b\n---\n", "a: b\n---\n# c\n---\nd: e\n", "a: b\n...\n",
     "--- # a\nb: c\n", "--- \na: b\n", "a: b\n--- c\n", "%YAML 1.2\n---\na: b\n", "a: b\n---\nc: d: e\n"],
)  # fmt: skip
def test_a_document_that_holds_nothing_or_something_else_is_left_to_the_strict_reader(text: str) -> None:
    assert read_plain(text) is None


def test_a_text_so_long_is_read_and_a_longer_one_is_left() -> None:
    text = "a: b\n"
    assert alike(text + "#" * (12_288 - len(text) - 1) + "\n")
    assert not alike(text + "#" * (12_288 - len(text)) + "\n")


@pytest.mark.parametrize("dash", ["", "- "])
def test_mappings_and_lists_so_deep_are_read_and_deeper_ones_are_left(dash: str) -> None:
    def text(levels: int) -> str:
        lines = [f"{' ' * level}a:\n" for level in range(levels)]
        return "".join(lines) + f"{' ' * levels}{dash}b: c\n"

    most = 31 - bool(dash)
    assert alike(text(most))
    assert read_plain(text(most + 1)) is None


def test_aliases_stand_for_so_much_and_no_more() -> None:
    # The list and its values are 200.
    name = f"a: &x [{', '.join(['0'] * 199)}]\n"
    assert read_plain(name + "".join(f"b{number}: *x\n" for number in range(10))) is not None
    assert read_plain(name + "".join(f"b{number}: *x\n" for number in range(11))) is None
    # A mapping's keys count too.
    name = f"a: &x {{{', '.join(f'k{number}: 0' for number in range(100))}}}\n"
    assert read_plain(name + "".join(f"b{number}: *x\n" for number in range(9))) is not None
    assert read_plain(name + "".join(f"b{number}: *x\n" for number in range(10))) is None
    # A hundred in all, the value itself among them, however small.
    assert alike("a: &x [0]\n" + "".join(f"b{number}: *x\n" for number in range(99)))
    assert not alike("a: &x [0]\n" + "".join(f"b{number}: *x\n" for number in range(100)))
    # In each document anew.
    document = name + "".join(f"b{number}: *x\n" for number in range(9))
    assert read_plain(f"{document}---\n{document}") is not None


def test_what_aliases_stand_for_is_counted_to_the_last_value() -> None:
    # The mapping, its keys, the lists under them, and a value in each.
    name = "a: &x\n" + "".join(f"  k{number}: [0]\n" for number in range(133))
    assert 5 * (1 + 3 * 133) == 2000
    fits = name + "".join(f"b{number}: *x\n" for number in range(5)) + "c: &y []\n"
    assert alike(fits)
    assert read_plain(fits + "d: *y\n") is None


def test_aliases_stand_so_deep_and_no_deeper() -> None:
    def text(levels: int) -> str:
        return "a: &x [1]\n" + "".join(f"{' ' * level}b:\n" for level in range(levels)) + f"{' ' * levels}c: *x\n"

    assert alike(text(7))
    assert not alike(text(8))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_lines, "MOST_KNOWN", 50)
    for number in range(200):
        key, value = f"k{number}", "v" * (number % 160)
        assert read_plain(f"{key}: x{value}\nl{value[:90]}{number}:\n  - {value}x\n") == [
            {key: f"x{value}", f"l{value[:90]}{number}": [f"{value}x"]}
        ]
        assert len(yaml_lines.LINES) <= 50
        assert len(yaml_lines.HEADS) <= 50
    assert max(map(len, yaml_lines.LINES)) <= yaml_lines.LONGEST_KNOWN
    assert max(map(len, yaml_lines.HEADS)) <= yaml_lines.LONGEST_KNOWN
