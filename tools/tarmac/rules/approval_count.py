"""An approval rule that asks for more people, or for more of its choices, than there are.

Each approval is given by another person. Where a rule asks for more of them than the groups and users in `from` have
members (with `role`: members in that role), it can never be met, and every change that it is for is an error; so it is
where `atLeast` asks for more than stands in `of`. What `owner`, `parent` and `code-owners` mean is another group for
each change: of those more people than the largest group has are a warning.

Points at: the number.

Wrong:

    # finops has two members
    require: [{from: [group:default/finops], count: 3}]

Right:

    require: [{from: [group:default/finops], count: 2}]
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tarmac.catalog.people import members, roles
from tarmac.catalog.view import CatalogView, ref_of
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import JsonValue, Path, dig, items, text, texts
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.rules.approval_role import requirements
from tarmac.rules.rule import Rule, error, said
from tarmac.rules.settings import Settings

ID = "approval-count"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("approvalrule"):
        for path in requirements(entity):
            yield from _people(entity, path, catalog)
        for index, item in enumerate(entity.items("spec", "require")):
            yield from _choices(entity, item, index)


def _people(entity: Entity, path: Path, catalog: CatalogView) -> Iterator[Finding]:
    stated = entity.get(*path)
    sources, role, count = texts(stated, "from"), text(stated, "role"), _number(stated, "count")
    named = [found for source in sources if ":" in source and (found := catalog.get(ref_of(source)))]
    words = [source for source in sources if ":" not in source]
    pool = list(catalog.of_kind("group")) if words and count is not None else []
    # What is not in the catalog has a finding of its own, and so has a role that is in none of the groups.
    known = len(named) + len(words) == len(sources) and (
        role is None or any(role in roles(one) for one in named + pool)
    )
    if not sources or not known or (words and not pool):
        return
    most = len({person for one in named for person in _able(catalog, one, role)})
    most += max((len(_able(catalog, one, role)) for one in pool), default=0)
    if (count or 1) <= most:
        return
    few = f"only {most}" if most else "nobody"
    message = f"{count or 1} must approve, and from names {few}" + (f" with the role {visible(role)}" if role else "")
    message += ", even where the largest group is meant" if words else ": this can never be met"
    fix = f"write at most {most}, or name more people in from" if most else "name somebody in from"
    place = entity.place(*path, "from" if count is None else "count")
    yield said(Severity.WARNING if words else Severity.ERROR, ID, entity, place, message, fix)


def _able(catalog: CatalogView, who: Entity, role: str | None) -> Collection[Ref]:
    """The people behind a group (those of its members in the role, if one is named), or a user itself."""
    if who.ref.kind == "user":
        return (who.ref,)
    inside = members(catalog, who.ref)
    return inside if role is None else frozenset(roles(who).get(role, ())).intersection(inside)


def _choices(entity: Entity, item: JsonValue, index: int) -> Iterator[Finding]:
    needed, choices = _number(item, "atLeast"), len(items(item, "of"))
    if needed is not None and needed > choices > 0:
        message = f"{needed} of these must be met and there are {choices}: this can never be met"
        place = entity.place("spec", "require", index, "atLeast")
        yield error(ID, entity, place, message, f"write at most {choices}, or add to of")


def _number(stated: JsonValue, key: str) -> int | None:
    number = dig(stated, key)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


RULE = Rule(ID, Severity.ERROR, __doc__, check)
