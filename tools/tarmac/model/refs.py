"""References to entities, as Backstage writes and compares them."""

from __future__ import annotations

from functools import lru_cache
from sys import intern
from typing import NamedTuple

DEFAULT_NAMESPACE = "default"


class BadReference(ValueError):
    """A text that is no reference. The message says what is missing."""


class Ref(NamedTuple):
    """`kind:namespace/name` in lower case, which is how two references are compared.

    A tuple, because references are hashed and compared millions of times.

    Source of the comparison and of the default namespace: Backstage, "String references".
    """

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"

    @classmethod
    def of(cls, kind: str, name: str, namespace: str = DEFAULT_NAMESPACE) -> Ref:
        """A reference from parts that are known to be right."""
        return cls(intern(kind.lower()), intern(namespace.lower()), name.lower())

    @classmethod
    def parse(cls, text: str, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE) -> Ref:
        """Read `[kind:][namespace/]name`.

        The first colon ends the kind unless a slash stands before it; the first slash after it ends the
        namespace. Parts are not checked for format (a target that does not exist is found by looking it up),
        but none may be empty.

        Raises:
            BadReference: an empty part, or no kind where the field has no default.
        """
        return parsed(text, default_kind, default_namespace)


# Documents near each other name the same things again and again; what is refused is looked at anew.
@lru_cache(maxsize=1 << 14)
def parsed(text: str, default_kind: str | None, default_namespace: str) -> Ref:
    """The same as `Ref.parse`, for those who ask often.

    Raises:
        BadReference: as there.
    """
    slash = text.find("/")
    colon = text.find(":")
    if colon >= 0 and 0 <= slash < colon:
        colon = -1
    kind = text[:colon] if colon >= 0 else default_kind
    namespace = text[colon + 1 : slash] if slash >= 0 else default_namespace
    name = text[max(colon, slash) + 1 :] if slash >= 0 else text[colon + 1 :]
    if kind is None:
        raise BadReference(f"reference {text!r} names no kind, and this field has no default: write kind:name")
    if not kind or not namespace or not name:
        raise BadReference(f"reference {text!r} has an empty part: write [kind:][namespace/]name")
    return Ref(intern(kind.lower()), intern(namespace.lower()), name.lower())
