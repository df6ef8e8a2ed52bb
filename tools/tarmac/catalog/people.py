"""Who is in a team, in which role, and how to reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.json_value import texts
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
    return {role: _users(group, role) for role in sorted(group.mapping("spec", "tarmac", "roles"))}


def role_names(groups: Iterable[Entity]) -> tuple[str, ...]:
    """Every role that one of the groups has, whoever holds it, sorted."""
    return tuple(sorted({role for group in groups for role in _stated_roles(group)}))


def _stated_roles(group: Entity) -> Iterable[str]:
    told = group.document.told
    return group.mapping("spec", "tarmac", "roles") if told is None else told.roles


def login(user: Entity) -> str | None:
    """The user's login at the forge, in lower case (logins are compared so)."""
    stated = user.text("metadata", "annotations", "github.com/user-login")
    return stated.lower() if stated else None


def email(entity: Entity) -> str | None:
    """The e-mail address of a group or user."""
    return entity.text("spec", "profile", "email")


def address(stated: str) -> str:
    """An e-mail address as addresses are compared: without blanks around it, without case."""
    return stated.strip().casefold()


def slack_channel(group: Entity) -> str | None:
    """The group's Slack channel as written, `#` and all."""
    return group.text("metadata", "annotations", "tarmac/slack-channel")


def _users(group: Entity, role: str) -> tuple[Ref, ...]:
    found = []
    for name in texts(group.data, "spec", "tarmac", "roles", role):
        with suppress(BadReference):
            found.append(Ref.parse(name, default_kind="user", default_namespace=group.ref.namespace))
    return tuple(dict.fromkeys(found))
