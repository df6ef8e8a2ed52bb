"""What libyaml says of broken syntax, in words that tell a person what to do."""

from __future__ import annotations

# YAML 1.2.2, section 7.4.2: the key of a `key: value` on one line.
LONGEST_KEY = 1024

# What libyaml says -> what a person needs to hear. First match wins; `{char}` is the character at the place.
_SYNTAX: tuple[tuple[str, str, str | None], ...] = (
    ("found a tab character", "a tab in the indentation", "indent with spaces"),
    (
        "found undefined alias",
        "an alias (*) of an anchor that stands nowhere before it",
        "quote the text if it begins with *",
    ),
    ("second occurrence", "an anchor (&) that is defined twice in one document", "give each anchor its own name"),
    (
        "mapping values are not allowed",
        "a `: ` where no value can start",
        "quote the text that holds it, or indent the line rightly",
    ),
    (
        "did not find expected <document start>",
        "text where a new document would have to start with ---",
        "check the indentation of this line",
    ),
    (
        "did not find expected key",
        "no key where one has to stand",
        "check the indentation of this line and the one before",
    ),
    (
        "did not find expected '-' indicator",
        "a line that is no item of the list it stands in",
        "check the indentation of this line",
    ),
    ("did not find expected ',' or ']'", "a list in brackets that is not closed", "write , or ]"),
    ("did not find expected ',' or '}'", "a mapping in braces that is not closed", "write , or }"),
    ("did not find expected node content", "no value where one has to stand", "write a value, or quote the text"),
    ("could not find expected ':'", "a key without its `:`", "write `key: value`"),
    (
        "block sequence entries are not allowed",
        "a list item where none can stand",
        "start the list on a line of its own",
    ),
    ("block mapping", "a mapping that begins where none can stand", "start it on a line of its own"),
    ("found unexpected end of stream", "the file ends inside a value", "close the quote or bracket"),
    ("found unexpected document indicator", "a document separator inside a quoted text", "close the quote before it"),
    (
        "found unknown escape character",
        "an escape that YAML does not know",
        "write \\\\ for a backslash, or use single quotes",
    ),
    (
        "invalid Unicode character escape",
        "an escape that stands for no character",
        "write the character itself; characters beyond U+FFFF are \\U0001F600, never a pair",
    ),
    ("hexdecimal number", "an escape that is not finished", "write as many hexadecimal digits as it asks for"),
    ("expected '>'", "a tag that is not closed", "remove the tag"),
    (
        "did not find expected alphabetic or numeric character",
        "an anchor (&) or alias (*) without a name",
        "quote the text if it begins with & or *",
    ),
    (
        "indentation indicator",
        "an indentation of 0 for a block of text",
        "write a number from 1 to 9 behind | or >, or none",
    ),
    (
        "found unexpected ':'",
        "a `:` in a text inside brackets, with nothing behind it that could go on",
        "write a blank behind it, or quote the text",
    ),
    ("expected comment or line break", "text behind a | or >", "start the text on the next line"),
    ("did not find URI escape", "a tag that cannot be read", "remove the tag"),
)


def explain(problem: str, context: str, char: str) -> tuple[str, str | None]:
    """(what is wrong, what to do about it) for libyaml's problem and context; `char` stands at the place."""
    if "found character that cannot start any token" in problem:
        if char == "\t":
            return "a tab in the indentation", "indent with spaces"
        return f"a value cannot start with {char}" if char else "a value cannot start here", "write it in quotes"
    for needle, message, fix in _SYNTAX:
        if needle in problem or (needle in context and needle != "block mapping"):
            return message, fix
    return f"cannot be read as YAML: {first_line(problem)}", "look for a wrong quote, bracket or indentation near here"


def first_line(text: str) -> str:
    """The first line of a foreign message, bounded."""
    return text.splitlines()[0][:120] if text else "unknown fault"
