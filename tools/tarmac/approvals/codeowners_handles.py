"""Owners as GitHub names them."""

from __future__ import annotations

import re

from tarmac.approvals.codeowners_text import is_owner
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import login
from tarmac.model.refs import Ref
from tarmac.model.shown import visible

_SLUG = re.compile(r"[^a-z0-9]+")


class Handles:
    """Names owners. Who has no handle is replaced by the platform's owner, `default`, and told in `problems`."""

    def __init__(self, catalog: Catalog, default: Ref) -> None:
        self._catalog, self._default = catalog, default
        self._organization = _organization(catalog)
        self._known: dict[tuple[Ref, ...], tuple[str, ...]] = {}
        self.problems: dict[str, None] = {}

    def of(self, owners: tuple[Ref, ...]) -> tuple[str, ...]:
        """The handles of owners, in their order. Never empty, unless the platform's owner cannot be named either."""
        if owners not in self._known:
            found = [self._handle(owner) for owner in owners]
            known = [handle for handle in found if handle is not None]
            fallback = None if known else self._handle(self._default)
            self._known[owners] = tuple(known) if fallback is None else (fallback,)
        return self._known[owners]

    def _handle(self, owner: Ref) -> str | None:
        entity = self._catalog.get(owner)
        if entity is None:
            self.problems[f"{visible(str(owner))} owns files and is not in the catalog"] = None
            return None
        if entity.kind == "User":
            handle, where = login(entity), "github.com/user-login"
        else:
            handle, where = entity.text("metadata", "annotations", "github.com/team-slug"), "github.com/team-slug"
            if handle and "/" not in handle:
                handle = f"{self._organization}/{handle}"
        if handle is None or not is_owner(f"@{handle}"):
            self.problems[f"{owner} has no usable annotation {where}"] = None
            return None
        return f"@{handle}"


def _organization(catalog: Catalog) -> str:
    """The organization's name at GitHub: the Platform's annotation, or its organization in lower case with hyphens."""
    platform = catalog.platform()
    if platform is None:
        return ""
    stated = platform.text("metadata", "annotations", "github.com/organization")
    return stated or _SLUG.sub("-", (platform.text("spec", "organization") or "").lower()).strip("-")
