"""Values from a repository as they may stand in a message: short, on one line, nothing invisible, nothing executed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from tarmac.model.json_value import JsonValue, Path

LIMIT = 60

# difflib is quadratic: what is longer is no misspelling that it could help with.
_LONGEST_WORD = 64
_MOST_WORDS = 500


def visible(text: str, limit: int = LIMIT) -> str:
    """The text with what cannot be seen as escapes, cut to `limit` characters with an ellipsis."""
    # Printable is everything but the invisible and blanks other than the space, and nearly everything is.
    if len(text) <= limit and text.isprintable():
        return text
    found: list[str] = []
    length = 0
    for char in text[: limit + 1]:
        piece = char
        if not char.isprintable():
            piece = f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"
        length += len(piece)
        if length > limit:
            return "".join(found).rstrip() + "..."
        found.append(piece)
    return "".join(found)


def shown(value: JsonValue, limit: int = LIMIT) -> str:
    """The value as a person would write it in YAML; lists and mappings by what they are."""
    if isinstance(value, str):
        return f'"{visible(value, limit)}"'
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int):
        # Python refuses to write integers of thousands of digits.
        return str(value) if value.bit_length() <= 128 else "a number of more than 38 digits"
    if isinstance(value, float):
        return repr(value)
    return a_kind_of(value)


def a_kind_of(value: JsonValue) -> str:
    """What the value is, in one word with its article."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a mapping" if isinstance(value, Mapping) else "a list"


def where(path: Path, limit: int = LIMIT) -> str:
    """`spec.thresholds[2].at`, or `the document` for its root; the end is kept where it is too long."""
    found = ""
    for step in path:
        if isinstance(step, int):
            found += f"[{step}]"
            continue
        plain = step.replace("-", "").replace("_", "").isalnum()
        name = visible(step, limit) if plain else f'"{visible(step, limit)}"'
        found += f".{name}" if found else name
    if len(found) > limit:
        found = "..." + found[-limit:]
    return found or "the document"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that `word` is most likely a misspelling of, case aside; None where there is none."""
    known = {candidate.casefold(): candidate for candidate in sorted(words)[:_MOST_WORDS]}
    from difflib import get_close_matches

    close = get_close_matches(word[:_LONGEST_WORD].casefold(), known, n=1, cutoff=0.7)
    return known[close[0]] if close else None


def one_of(choices: Sequence[JsonValue], most: int = 12) -> str:
    """`a, b or c`, with the number of those left out where there are many; `nothing` where there is none."""
    if not choices:
        return "nothing"
    texts = [visible(choice) if isinstance(choice, str) and choice else shown(choice) for choice in choices]
    if len(texts) > most:
        return f"{', '.join(texts[:most])} or {len(texts) - most} more"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
