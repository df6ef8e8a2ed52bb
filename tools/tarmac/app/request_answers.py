"""What a person answers about a new request, each answer checked at once: what it means, or why it cannot be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import ttl_bounds
from tarmac.errors import UsageError
from tarmac.model.documents import Entity
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import one_of, visible
from tarmac.model.suggested import suggestion
from tarmac.model.values import BadValue, parse_duration, show_duration

# What a request may be for.
_PURPOSES = ("component", "resource", "system", "api")
_STEP = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z")
_LETTERS = "letters, digits, - _ . with a letter or a digit at both ends, at most 63"
# Control characters, lone surrogates, line and paragraph separators: a YAML file of ours holds none.
_UNWRITABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def name_answer(catalog: Catalog, text: str) -> str:
    """A name that can be a file's, and that no request has.

    Raises:
        UsageError: it cannot be.
    """
    if not text:
        raise UsageError("a name is needed: what the team will call it, such as orders-db")
    name = path_step("name", text)
    taken = catalog.get(Ref.of("resourcerequest", name))
    if taken is not None:
        raise UsageError(f"{taken.path} exists already: choose another name")
    return name


def path_step(what: str, name: str) -> str:
    """The name, which can be one step of a file's path. Raises UsageError where it cannot."""
    if not is_name(name):
        raise UsageError(f"{what} {visible(name[:80])!r} cannot be part of a file's path: write {_LETTERS}")
    return name


def is_name(text: str) -> bool:
    """Whether the text is what Backstage takes for a name, and for the value of a label: 1 to 63 characters."""
    return _STEP.match(text) is not None


def label_value(key: str, value: str) -> str:
    """The value of a label, which may be empty. Raises UsageError where it cannot be one."""
    if value and not is_name(value):
        raise UsageError(f"label {visible(key)}: {visible(value[:80])!r} cannot be its value: write {_LETTERS}")
    return value


def service_answer(catalog: Catalog, text: str, owner: str | None = None) -> str | None:
    """The full reference of what a request is for, None for an empty text; a bare name is a component's. `owner` is who
    asks, if that is known: their components are offered first.

    Raises:
        UsageError: there is no such thing.
    """
    if not text:
        return None
    ref = _reference("for", text, "component")
    if ref.kind not in _PURPOSES:
        raise UsageError(f"for: {visible(str(ref))} is no {one_of(_PURPOSES)}")
    if catalog.get(ref) is None:
        known = list(catalog.of_kind(ref.kind))
        team = None if not owner else str(_reference("owner", owner, "group"))
        own = [entity for entity in known if team is not None and owner_of(catalog, str(entity.ref)) == team]
        raise UsageError(f"for: there is no {visible(str(ref))}{_instead(ref.name, _names(own or known))}")
    return str(ref)


def owner_of(catalog: Catalog, service: str) -> str | None:
    """The group that owns what a request is for: who will most likely own the request."""
    entity = catalog.get(service, default_kind="component")
    owner = None if entity is None else catalog.owner_of(entity)
    return None if owner is None or owner.ref.kind != "group" else str(owner.ref)


def owner_answer(catalog: Catalog, text: str) -> str:
    """The full reference of a group.

    Raises:
        UsageError: there is no such group.
    """
    groups = _names(catalog.of_kind("group"))
    if not text:
        raise UsageError(
            f"an owner is needed, which pays and answers for it: {one_of(groups) if groups else 'a group'}"
        )
    ref = _reference("owner", text, "group")
    if ref.kind != "group":
        raise UsageError(f"owner: {visible(str(ref))} is no group")
    if catalog.get(ref) is None:
        raise UsageError(f"owner: there is no {visible(str(ref))}{_instead(ref.name, groups)}")
    return str(ref)


def environments(catalog: Catalog, kind: Entity) -> tuple[str, ...]:
    """Where the type can be asked for, in the order that the platform names its environments."""
    offered = kind.mapping("spec", "environments")
    platform = catalog.platform()
    known = () if platform is None else platform.texts("spec", "environments")
    return tuple(name for name in known if name in offered) or tuple(offered)


def environment_answer(catalog: Catalog, kind: Entity, text: str) -> str:
    """One of the environments that the type is offered in.

    Raises:
        UsageError: it is none of them.
    """
    offered = environments(catalog, kind)
    if text in offered:
        return text
    if not text:
        raise UsageError(f"an environment is needed: {one_of(offered) if offered else 'this type is offered in none'}")
    raise UsageError(f"{visible(kind.name)} is not offered in {visible(text)!r}{_instead(text, offered)}")


def usual_ttl(catalog: Catalog, kind: Entity, environment: str) -> tuple[str | None, str | None]:
    """(default, max) TTL there; None where there is none, both where requests are permanent."""
    default, longest = ttl_bounds(kind, environment)
    usual = None if default is None else show_duration(default)
    platform = catalog.platform()
    if usual is None and platform is not None and "ttl" in kind.mapping("spec", "environments", environment):
        usual = platform.text("spec", "defaultTtl")
    return usual, None if longest is None else show_duration(longest)


def ttl_answer(kind: Entity, environment: str, text: str) -> str:
    """How long it may live.

    Raises:
        UsageError: it is no duration, is longer than the type allows there, or instances are permanent there.
    """
    where = f"{visible(kind.name)} in {visible(environment)}"
    if "ttl" not in kind.mapping("spec", "environments", environment):
        raise UsageError(f"{where} is permanent: leave the TTL out")
    try:
        span = parse_duration(text)
    except BadValue as wrong:
        raise UsageError(str(wrong)) from None
    _, longest = ttl_bounds(kind, environment)
    if longest is not None and span > longest:
        raise UsageError(f"{visible(text)} is over the maximum of {where}: {show_duration(longest)}")
    return text


def text_answer(what: str, text: str) -> str:
    """A text that a YAML file can hold.

    Raises:
        UsageError: it holds characters that a YAML file cannot.
    """
    if any(unicodedata.category(char) in _UNWRITABLE for char in text):
        raise UsageError(f"{what}: it holds characters that cannot stand in a YAML file: write plain text on one line")
    return text


def _reference(field: str, text: str, kind: str) -> Ref:
    try:
        return Ref.parse(text, default_kind=kind)
    except BadReference as fault:
        raise UsageError(f"{field}: {visible(str(fault), 200)}") from None


def _names(entities: Iterable[Entity]) -> tuple[str, ...]:
    return tuple(sorted(entity.name for entity in entities))


def _instead(word: str, names: tuple[str, ...]) -> str:
    near = suggestion(word, names)
    if near is not None:
        return f"; did you mean {visible(near)}?"
    return f": choose one of {one_of(names)}" if names else ""
