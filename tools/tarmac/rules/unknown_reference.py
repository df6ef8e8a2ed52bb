"""A reference to something that does not exist, or that is of a kind which makes no sense there.

Every owner, system, domain, API, dependency, parent, member and resource type that is named must be an entity of this
repository. Names are compared in lower case; the namespace is that of the referring entity unless one is written.

Points at: the reference. Where a name is near, the message asks whether that was meant.

Mended by `tarmac check --fix`: a name with one slip of the hand (a letter left out, added, replaced, or two swapped),
if just one entity can be meant, in fields on which no right hangs: never in `owner`, `members`, `memberOf`, `parent`,
`children`, roles, approvers, budgets, service levels or exemptions. Names that differ in a digit are left alone.

Wrong:

    owner: group:default/paymets

Right:

    owner: group:default/payments
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tarmac.catalog.keys import NAMES
from tarmac.catalog.references import Reference
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.rules.near import Near, is_slip
from tarmac.rules.rule import Rule, error, first_of, listed, said
from tarmac.rules.settings import Settings

if TYPE_CHECKING:
    from tarmac.model.edits import Edit

ID = "unknown-reference"
_READABLE = 12

# The fields in which `check --fix` mends a slip: none that says whose a thing is, who is in a team, who approves, who
# is told, what is exempt or paid for. A new field is not among them.
MENDED = frozenset(
    {
        "alertPolicyRef", "conditionRef", "consumesApis", "dependencyOf", "dependsOn", "domain", "for", "indicatorRef",
        "metricSourceRef", "providesApis", "subcomponentOf", "subdomainOf", "system", "type",
    }
)  # fmt: skip


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    if catalog.amiss is not None and not catalog.amiss:
        return
    names = _Names(catalog)
    for entity in catalog.judged():
        # Of most entities nothing is said: that is told without more ado.
        for reference in catalog.references_of(entity.ref):
            target, allowed = reference.target, reference.field.allowed
            if target is not None and not (catalog.exists(target) and (not allowed or target.kind in allowed)):
                yield from first_of(ID, entity, _unknown(catalog, entity, names))
                break


def _unknown(catalog: CatalogView, entity: Entity, names: _Names) -> Iterator[Finding]:
    for reference in catalog.references_of(entity.ref):
        target = reference.target
        if target is None:
            continue
        name, allowed = reference.field.name, reference.field.allowed
        if not catalog.exists(target):
            near = names.near(reference, target)
            message = f"{name} names {visible(str(target))}, which does not exist"
            if near is not None:
                message += f": did you mean {visible(near)}?"
            edits = names.edits(reference, target)
            yield error(ID, entity, reference.place, message, _fix(reference, near, names), edits)
        elif allowed and target.kind not in allowed:
            # Backstage takes such a reference and draws a relation that means nothing: there it is no error.
            backstage = catalog.kinds[entity.document.kind_key or ("", "")].backstage
            severity = Severity.WARNING if backstage else Severity.ERROR
            message = f"{name} names {visible(str(target))}, and needs {_kinds(allowed)}"
            yield said(severity, ID, entity, reference.place, message, f"name {_kinds(allowed)}")


def _fix(reference: Reference, near: str | None, names: _Names) -> str:
    if near is not None:
        return f"write {visible(near)}{_version(reference)}"
    kinds = reference.field.allowed or ((reference.target.kind,) if reference.target else ())
    known = names.some(kinds)
    return f"name one that exists: {known}" if known else f"add {_kinds(kinds)} of that name, or remove the reference"


def _version(reference: Reference) -> str:
    """The version behind a reference to a resource type, which stays as it is."""
    _, at, version = reference.text.partition("@")
    return visible(f"{at}{version}") if reference.field.versioned else ""


def _kinds(kinds: tuple[str, ...]) -> str:
    """`a group or a user`."""
    return " or ".join(f"{'an' if kind[:1] in 'aeio' else 'a'} {visible(kind)}" for kind in kinds)


class _Names:
    """The names of each kind, and the near ones among them; made when first asked for."""

    def __init__(self, catalog: CatalogView) -> None:
        self._catalog = catalog
        self._near: dict[tuple[str, str], Near] = {}
        self._namespaces: dict[str, tuple[str, ...]] = {}
        self._few: dict[str, tuple[str, ...]] = {}

    def near(self, reference: Reference, target: Ref) -> str | None:
        """The reference that was probably meant: another kind or namespace of that name, or a name that is near."""
        for ref in self._same_name(target, reference.field.allowed):
            return str(ref)
        key = (target.kind, target.namespace)
        self._catalog.note(NAMES, target.kind)
        if key not in self._near:
            found = self._catalog.names(target.kind)
            self._near[key] = Near(ref.name for ref in found if ref.namespace == target.namespace)
        name = self._near[key].of(target.name)
        return None if name is None else str(Ref(target.kind, target.namespace, name))

    def edits(self, reference: Reference, target: Ref) -> tuple[Edit, ...]:
        """The one name that can be meant instead, as an edit; none where there is a choice, or a right hangs on it."""
        self.near(reference, target)
        near = self._near.get((target.kind, target.namespace))
        if reference.field.name not in MENDED or near is None or any(self._same_name(target, reference.field.allowed)):
            return ()
        found = near.all(target.name)
        meant = self._catalog.get(Ref(target.kind, target.namespace, *found)) if len(found) == 1 else None
        if meant is None or not is_slip(target.name, meant.ref.name):
            return ()
        version = _version(reference)
        stated = reference.text.removesuffix(version)
        if not stated.lower().endswith(target.name):
            return ()
        from tarmac.model.edits import Reword

        text = stated[: len(stated) - len(target.name)] + meant.name + version
        return (Reword(reference.source.document.index, reference.path, reference.text, text),)

    def _same_name(self, target: Ref, allowed: tuple[str, ...]) -> Iterator[Ref]:
        for kind in (target.kind, *(kind for kind in allowed if kind != target.kind)):
            self._catalog.note(NAMES, kind)
            if kind not in self._namespaces:
                self._namespaces[kind] = tuple(sorted({ref.namespace for ref in self._catalog.names(kind)}))
            for namespace in self._namespaces[kind][:20]:
                ref = Ref(kind, namespace, target.name)
                if self._catalog.exists(ref):
                    yield ref

    def some(self, kinds: tuple[str, ...]) -> str | None:
        """The names of a kind, where they are few enough to be read."""
        for kind in kinds:
            self._catalog.note(NAMES, kind)
            if kind not in self._few:
                self._few[kind] = tuple(ref.name for ref in self._catalog.names(kind)[: _READABLE + 1])
        found = sorted(name for kind in kinds for name in self._few[kind])
        return listed(found) if 0 < len(found) <= _READABLE else None


RULE = Rule(ID, Severity.ERROR, __doc__, check)
