"""exemption add: a dated exception to a rule, written where people will see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from tarmac.app.ages import History, ages_for
from tarmac.app.catalog import find
from tarmac.app.check import judge
from tarmac.app.deps import Reading
from tarmac.app.load import is_candidate, load
from tarmac.catalog.index import Catalog
from tarmac.errors import UsageError
from tarmac.model.documents import Document, Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Places
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import nearest, visible
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, Source
from tarmac.model.values import BadValue, end_of_day, parse_day
from tarmac.rules import RULES
from tarmac.rules.exemption import ID, LONGEST

FOLDER = "policies/exemptions"

_LIMIT = 1024 * 1024
_LONGEST_NAME = 63


class Wish(Frozen):
    """What a person asks for. `until` is its last day; `owner`, `name` and `path` are found where they are None."""

    rule: str
    target: str
    reason: str
    until: str
    approvers: tuple[str, ...]
    owner: str | None = None
    name: str | None = None
    path: str | None = None


class Draft(Frozen):
    """What would be written: `before` is None where the file is new. `taken` counts the findings that it takes off
    today, 0 where nothing needs it yet."""

    path: str
    name: str
    document: Mapping[str, JsonValue]
    before: bytes | None
    after: bytes
    taken: int


class Renderer(Protocol):
    """A document as YAML text. Raises UsageError for what YAML cannot hold."""

    def __call__(self, document: Mapping[str, JsonValue], comments: Mapping[str, str]) -> str: ...


def draft(
    source: Source,
    reading: Reading,
    wish: Wish,
    render: Renderer,
    append: Callable[[str, bytes, str], bytes],
    now: datetime,
    history: History | None = None,
) -> Draft:
    """The exemption as it would be written; nothing is. `history` tells when files were changed, if a policy asks.

    Raises:
        UsageError: something that it names does not exist, the day is no day, past, or too far away, the same rule
            and target have an exemption already, or the file cannot take it.
        ConfigurationError: the tree holds nothing.
    """
    loaded = load(source, reading)
    catalog = loaded.catalog
    rule = _rule(catalog, wish.rule)
    target = find(catalog, wish.target)
    _refuse_second(catalog, rule, target.ref)
    name = _name(catalog, wish.name, rule, target)
    document: dict[str, JsonValue] = {
        "apiVersion": "tarmac/v1",
        "kind": "Exemption",
        "metadata": {"name": name},
        "spec": {
            "rule": rule,
            "target": str(target.ref),
            "owner": _owner(catalog, wish.owner, target),
            "approvers": [_party(catalog, text) for text in dict.fromkeys(wish.approvers)],
            "reason": wish.reason,
            "expires": _day(wish.until, now),
        },
    }
    path = wish.path or f"{FOLDER}/{name}.yaml"
    _refuse_malformed(document, path, reading)
    text = render(document, {})
    before = _content(source, path)
    after = text.encode("utf-8") if before is None else append(path, before, text)
    found = judge(loaded, catalog, reading, now, ages_for(catalog, history)).findings
    taken = sum(finding.rule == rule and finding.entity == str(target.ref) for finding in found)
    return Draft(path, name, document, before, after, taken)


def _rule(catalog: Catalog, text: str) -> str:
    known = {*RULES, *(policy.name for policy in catalog.of_kind("policy"))} - {ID}
    if text in known:
        return text
    if text == ID:
        raise UsageError("there is no exemption from the rules about exemptions")
    near = nearest(text, known)
    hint = f"did you mean {visible(near)}?" if near else "name it as findings do, in brackets at the end of the line"
    raise UsageError(f"there is no rule {visible(text)}: {hint}")


def _refuse_second(catalog: Catalog, rule: str, target: Ref) -> None:
    for other in catalog.of_kind("exemption"):
        stated = other.text("spec", "target")
        if other.text("spec", "rule") == rule and stated is not None and _same(stated, target, other.ref.namespace):
            raise UsageError(f"{target} has an exemption from {visible(rule)} already: change {other.place()}")


def _same(stated: str, target: Ref, namespace: str) -> bool:
    try:
        return Ref.parse(stated, default_namespace=namespace) == target
    except BadReference:
        return False


def _name(catalog: Catalog, wanted: str | None, rule: str, target: Entity) -> str:
    taken = {ref.name for ref in catalog.names("exemption")}
    if wanted is not None:
        if wanted.lower() in taken:
            raise UsageError(f"there is an exemption {visible(wanted)} already: choose another --name")
        return wanted
    stem = re.sub(r"[^a-z0-9]+", "-", f"{rule}-{target.ref.name}".lower()).strip("-")[: _LONGEST_NAME - 4].strip("-")
    numbered = (f"{stem}-{number}" for number in range(2, 1000))
    return stem if stem not in taken else next(name for name in numbered if name not in taken)


def _owner(catalog: Catalog, stated: str | None, target: Entity) -> str:
    if stated is not None:
        return _party(catalog, stated, "group")
    if target.ref.kind == "group":
        return str(target.ref)
    owner = catalog.owner_of(target)
    if owner is None or owner.ref.kind != "group":
        raise UsageError(f"{target.ref} belongs to no team: say with --owner who will see to it that this ends")
    return str(owner.ref)


def _party(catalog: Catalog, text: str, only: str | None = None) -> str:
    """The full reference of a group, or of a user where one may stand."""
    kinds = (only,) if only else ("group", "user")
    try:
        ref = Ref.parse(text, default_kind="group")
    except BadReference as fault:
        raise UsageError(str(fault)) from None
    if ref.kind not in kinds:
        raise UsageError(f"{visible(text)} is a {visible(ref.kind)}, and here stands {' or '.join(kinds)}")
    if not catalog.exists(ref):
        near = nearest(str(ref), [str(one) for kind in kinds for one in catalog.names(kind)])
        raise UsageError(f"there is no {visible(str(ref))}" + (f": did you mean {visible(near)}?" if near else ""))
    return str(ref)


def _day(text: str, now: datetime) -> str:
    try:
        until = end_of_day(parse_day(text))
    except BadValue as fault:
        raise UsageError(f"--until: {fault}") from None
    if until <= now:
        raise UsageError(f"--until: {text} is past")
    if until > now + LONGEST:
        # The last day counts to its end, so the day on which the bound falls is one too many.
        first = (now + LONGEST).date().isoformat()
        raise UsageError(f"--until: {text} is more than {LONGEST.days} days away: write a day before {first}")
    return text


def _refuse_malformed(document: Mapping[str, JsonValue], path: str, reading: Reading) -> None:
    problems = reading.gate.problems(Document(path, 0, document, Places(path, lambda: (1, 1, None))))
    if problems:
        raise UsageError(problems[0].message)
    if not path.startswith("policies/") or ".." in path.split("/") or not is_candidate(path):
        raise UsageError(f"{visible(path)} is no place for it: name a .yaml file below policies/")


def _content(source: Source, path: str) -> bytes | None:
    """What the file holds now; None where there is none."""
    entry = next((entry for entry in source.entries() if entry.path == path), None)
    if entry is None:
        return None
    if entry.mode in (SYMLINK, SUBMODULE, SPECIAL):
        raise UsageError(f"{visible(path)} is no file of its own: choose another one")
    (_, content), *_ = source.read((entry,), _LIMIT)
    if isinstance(content, str) or len(content) > _LIMIT:
        raise UsageError(f"{visible(path)} cannot be read")
    return content
