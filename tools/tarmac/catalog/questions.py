"""What policies and scorecards can ask of a catalog beyond the references themselves."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.catalog.requests import resolve
from tarmac.catalog.strength import Strength, strengths
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.expressions import Fact
from tarmac.model.patterns import lazily
from tarmac.model.refs import Ref

GOLDEN_PATH = "tarmac/golden-path"
VERSION = "tarmac/version"
OLDEST = "tarmac/oldest-supported"

_SEMVER = lazily(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")


def needs(catalog: CatalogView, ref: Ref) -> tuple[Ref, ...]:
    """What the entity cannot work without, one step away, in the order of its fields: what it depends on hard
    (`dependsOn`, or another's `dependencyOf`), and the components that provide the APIs that it consumes. What
    `spec.tarmac.dependencies` calls soft, or one of several, is not among them. Things that do not exist are."""
    entity = catalog.get(ref)
    stated = {} if entity is None else strengths(entity)
    found: dict[Ref, None] = {}
    for reference in catalog.references_of(ref):
        target, field = reference.target, reference.field.name
        if target is None or (stated and stated.get(target, Strength.HARD) is not Strength.HARD):
            continue
        if field == "dependsOn":
            found[target] = None
        elif field == "consumesApis":
            for provider in providers(catalog, target):
                found[provider] = None
    for reference in catalog.references_to(ref, field="dependencyOf"):
        if stated.get(reference.source.ref, Strength.HARD) is Strength.HARD:
            found[reference.source.ref] = None
    return tuple(found)


def version(catalog: CatalogView, entity: Entity) -> Mapping[str, Fact]:
    """The version of what a request or a component is made from: {} where it names none, or one of nothing known.

    `of` (the resource type or template), `name`, `status` (active, deprecated, retired; of a request's type as its
    version says; of a golden path deprecated where it is older than the template's annotation
    `tarmac/oldest-supported`, unknown where it cannot be compared with it), `sunset` and `latest` where they are known.
    """
    if entity.ref.kind == "resourcerequest":
        request = resolve(catalog, entity)
        if request.type is None or request.version is None:
            return {}
        found: dict[str, Fact] = {"of": str(request.type.ref), "name": request.version.name}
        found["status"] = request.version.status
        if request.version.sunset is not None:
            found["sunset"] = request.version.sunset
        return found
    return _golden_path(catalog, entity)


def _golden_path(catalog: CatalogView, entity: Entity) -> Mapping[str, Fact]:
    stated = entity.text("metadata", "annotations", GOLDEN_PATH)
    name, _, used = (stated or "").partition("@")
    template = catalog.get(name, default_kind="template") if name else None
    if template is None or not used:
        return {}
    found: dict[str, Fact] = {"of": str(template.ref), "name": used, "status": "active"}
    latest = template.text("metadata", "annotations", VERSION)
    oldest = _numbers(template.text("metadata", "annotations", OLDEST))
    mine = _numbers(used)
    if latest is not None:
        found["latest"] = latest
    if oldest is not None and (mine is None or mine < oldest):
        found["status"] = "unknown" if mine is None else "deprecated"
    return found


def _numbers(text: str | None) -> tuple[int, ...] | None:
    match = _SEMVER.fullmatch(text or "")
    return None if match is None else tuple(int(part) for part in match.groups())


def providers(catalog: CatalogView, api: Ref) -> tuple[Ref, ...]:
    """The components that provide the API: one, or several in the order in which they stand."""
    found = catalog.sources_to(api, "component", "providesApis")
    if len(found) > 1:
        # Several are told in the order in which they stand, for which they have to be looked at.
        found = tuple(one.source.ref for one in catalog.references_to(api, "component", "providesApis"))
    return found
