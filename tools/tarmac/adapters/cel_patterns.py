"""Patterns that are told by Python's own engine: that is several times as quick to ask as the linear one, and loaded
already.

Only what takes it no longer is read here: letters, signs and classes of ASCII, one behind the other. One of them may
stand there in more than one number, where the pattern means the whole text: then there is one place to try at each sign
of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tarmac.model.patterns import lazily

_CLASS = r"\[(?:[a-z]-[a-z]|[A-Z]-[A-Z]|[0-9]-[0-9]|[A-Za-z0-9_./])+-?\]"
_TIMES = r"\{[0-9]{1,3}\}"
_NUMBERS = r"(?:[*+?]|\{[0-9]{1,3},(?:[0-9]{1,3})?\})"
_ONE = rf"(?:[A-Za-z0-9_:/-]|\\\.|{_CLASS})"
_MANY = rf"(?:{_ONE}(?:{_TIMES})?)*"
_PLAIN = lazily(rf"(\^)?(\(\?:)?({_MANY}({_ONE}{_NUMBERS})?{_MANY})(?(2)\))(\$)?")
# So long a pattern, and so often a part of it, is no strain for the linear engine either, which would refuse it.
_LONGEST, _MOST = 100, 100


def plain_pattern(pattern: str) -> Callable[[str], bool] | None:
    """Whether an ASCII text holds what the pattern says; None where the linear engine has to tell."""
    plain = _PLAIN.fullmatch(pattern) if len(pattern) <= _LONGEST else None
    if plain is None:
        return None
    begins, _, parts, many, ends = plain.groups()
    if many and not (begins and ends):
        return None
    if any(int(number) > _MOST for number in re.findall(r"(?<=[{,])[0-9]+", parts)):
        return None
    try:
        compiled = re.compile(parts + (r"\Z" if ends else ""))
    except re.error:
        # Ends that are the wrong way round: said by the other engine.
        return None
    search = compiled.match if begins else compiled.search
    return lambda text: search(text) is not None
