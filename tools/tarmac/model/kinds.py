"""What the check path knows of a kind without its model: read from the generated schema bundle."""

from __future__ import annotations

from msgspec.structs import force_setattr

from tarmac.model.frozen import Frozen

BACKSTAGE_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1", "scaffolder.backstage.io/v1beta3")
TARMAC_VERSION = "tarmac/v1"
OPENSLO_VERSION = "openslo/v1"


class RefField(Frozen, rename={"default_kind": "kind"}):
    """A field that holds a reference.

    `path` runs from the document's root, `"*"` standing for every item of a list or every value of a mapping;
    `default_kind` is the kind (lower case) of a reference that names none, or None where the kind must be written;
    `allowed` the kinds (lower case) that make sense there, empty for any; `versioned` says that the text carries
    `@version` after the reference; `words` are texts that are no reference there (`owner`, `lead`). In the
    bundle `default_kind` is `kind`.
    """

    path: tuple[str, ...]
    default_kind: str | None
    allowed: tuple[str, ...] = ()
    versioned: bool = False
    words: tuple[str, ...] = ()
    # The field's own name: `dependsOn` for spec.dependsOn[]. Kept, because each is asked for it thousands of times.
    name: str = ""
    # The key right below `spec` that it stands under; None where it does not stand there.
    in_spec: str | None = None

    def __post_init__(self) -> None:
        force_setattr(self, "name", next(step for step in reversed(self.path) if step != "*"))
        force_setattr(self, "in_spec", self.path[1] if self.path[0] == "spec" and self.path[1:2] != ("*",) else None)


class KindInfo(Frozen):
    """One kind: the pair that names it and the fields of it that refer to other entities."""

    api_versions: tuple[str, ...]
    kind: str
    references: tuple[RefField, ...]

    @property
    def backstage(self) -> bool:
        """Whether Backstage reads this kind."""
        return self.api_versions[0] in BACKSTAGE_VERSIONS


class KindLine(Frozen):
    """One kind as a list of kinds shows it."""

    kind: str
    api_versions: tuple[str, ...]
    summary: str
