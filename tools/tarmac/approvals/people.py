"""Who could meet a requirement, as the base knows the teams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tarmac.approvals.owners import platform_owner
from tarmac.approvals.rule import Requirement
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import login, members, roles
from tarmac.model.facts import Decision, ReviewFacts, State
from tarmac.model.refs import Ref


@dataclass(frozen=True, slots=True, order=True)
class Ask:
    """`count` people of any of the groups (users stand for themselves), of the role there if one is named."""

    groups: tuple[Ref, ...]
    role: str
    count: int

    @property
    def name(self) -> str:
        who = " or ".join(str(group) for group in self.groups) or "nobody that can be named"
        what = f"role {self.role} of {who}" if self.role else who
        return what if self.count == 1 else f"{self.count} of {what}"


def ask(requirement: Requirement, groups: Iterable[Ref]) -> Ask:
    """The requirement with its groups in place."""
    return Ask(tuple(sorted(set(groups))), requirement.role or "", requirement.count)


def decide(asked: Ask, about: tuple[str, ...], base: Catalog, review: ReviewFacts) -> Decision:
    """The leaf for one ask: pending with those who could approve, or an error where too few people can ever do so."""
    unknown = [group for group in asked.groups if base.get(group) is None]
    holders = sorted({holder for group in asked.groups for holder in _holders(base, group, asked.role)})
    names = {holder: _name(base, holder) for holder in holders}
    able = tuple(names[holder] for holder in holders if names[holder] not in review.authors)
    if len(able) >= asked.count:
        return Decision(asked.name, State.PENDING, "nobody has approved yet", about, candidates=able)
    if not asked.groups:
        why = "nobody owns what is touched"
    elif unknown:
        why = f"{', '.join(map(str, unknown))} is not known to the base"
    elif not holders:
        why = "nobody there has that role" if asked.role else "nobody is a member"
    elif len(able) < len(holders):
        why = f"of the {len(holders)} who could approve, {len(holders) - len(able)} made this change"
    else:
        why = f"only {len(holders)} could approve, and {asked.count} are asked for"
    fallback = platform_owner(base)
    instead = f"; in their place: {fallback}" if fallback is not None else ""
    return Decision(asked.name, State.ERROR, why + instead, about, candidates=able)


def _holders(base: Catalog, who: Ref, role: str) -> tuple[Ref, ...]:
    """The people behind a reference: a user itself, a group's members, or those of its members with the role."""
    entity = base.get(who)
    if entity is None:
        return ()
    if entity.kind == "User":
        return (who,)
    people = members(base, who)
    if not role:
        return people
    # A holder who is no member is a fault of the team's document, and does not count.
    return tuple(holder for holder in roles(entity).get(role, ()) if holder in people)


def _name(base: Catalog, user: Ref) -> str:
    entity = base.get(user)
    return (None if entity is None else login(entity)) or str(user)
