"""Who is in a team, in which role, and how to reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity, Profile
from tarmac.model.json_value import JsonValue, texts
from tarmac.model.refs import BadReference, Ref


def members(catalog: CatalogView, group: Ref) -> tuple[Ref, ...]:
    """The users of a group, sorted: the union of its `members` and of every user's `memberOf`.

    Members of a group's children are not members of the group, as in Backstage.
    """
    found: set[Ref] = set()
    for reference in catalog.references_of(group):
        if reference.field.path == ("spec", "members", "*") and reference.target is not None:
            found.add(reference.target)
    found.update(catalog.sources_to(group, "user", "memberOf"))
    return tuple(sorted(found))


def roles(group: Entity) -> Mapping[str, tuple[Ref, ...]]:
    """Who holds which role of a group, as `spec.tarmac.roles` says; what is no reference is left out."""
    stated = _roles(group)
    return {role: _users(group, texts(stated, role)) for role in sorted(stated)}


def role_names(groups: Iterable[Entity]) -> tuple[str, ...]:
    """Every role that one of the groups has, whoever holds it, sorted."""
    return tuple(sorted({role for group in groups for role in _roles(group)}))


def login(user: Entity) -> str | None:
    """The user's login at the forge, in lower case (logins are compared so)."""
    stated = user.text("metadata", "annotations", "github.com/user-login")
    return stated.lower() if stated else None


def profile(group: Entity) -> Profile:
    """What others ask of a group or user, looked up."""
    return Profile(email(group), slack_channel(group), cost_center(group), _roles(group))


def email(entity: Entity) -> str | None:
    """The e-mail address of a group or user."""
    told = _told(entity)
    return entity.text("spec", "profile", "email") if told is None else told.email


def address(stated: str) -> str:
    """An e-mail address as addresses are compared: without blanks around it, without case."""
    return stated.strip().casefold()


def slack_channel(group: Entity) -> str | None:
    """The group's Slack channel as written, `#` and all."""
    told = _told(group)
    return group.text("metadata", "annotations", "tarmac/slack-channel") if told is None else told.slack


def cost_center(owner: Entity) -> str | None:
    """What the costs of a group or user are put down to."""
    told = _told(owner)
    return owner.text("metadata", "labels", "cost-center") if told is None else told.cost_center


def _roles(group: Entity) -> Mapping[str, JsonValue]:
    told = _told(group)
    return group.mapping("spec", "tarmac", "roles") if told is None else told.roles


def _told(entity: Entity) -> Profile | None:
    """What was told of a group before it was put away."""
    told = entity.document.told
    return None if told is None else told.profile


def _users(group: Entity, names: Iterable[str]) -> tuple[Ref, ...]:
    found = []
    for name in names:
        with suppress(BadReference):
            found.append(Ref.parse(name, default_kind="user", default_namespace=group.ref.namespace))
    return tuple(dict.fromkeys(found))
