"""Long lines for a terminal: broken between words, what follows indented. Without a terminal nothing is broken, so that
whatever reads the lines finds each of them whole."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

# On a narrower one a word would stand on each line: the terminal may break these itself.
_NARROWEST = 40


def folded(line: str, columns: int | None, hang: int = 2) -> str:
    """One line as several of at most `columns` characters, each but the first indented by `hang`. A word that does not
    fit stays whole, so that a path can be copied."""
    if columns is None or columns < _NARROWEST or len(line) <= columns:
        return line
    broken = wrap(
        line,
        columns,
        subsequent_indent=" " * hang,
        break_long_words=False,
        break_on_hyphens=False,
        expand_tabs=False,
        replace_whitespace=False,
    )
    return "\n".join(broken)


def all_folded(lines: Iterable[str], columns: int | None, more: int = 2) -> str:
    """The lines, each folded behind its own indentation and `more`, and each ended by a line feed."""
    return "".join(f"{folded(line, columns, len(line) - len(line.lstrip(' ')) + more)}\n" for line in lines)
