"""Documents and entities: the small frozen views that the check path works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, Step, dig, items, mapping, text, texts
from tarmac.model.places import Place, Places
from tarmac.model.refs import DEFAULT_NAMESPACE, Ref


class Document(Frozen, gc=False):
    """One YAML document: `index` counts from 0 within its file, `data` is plain JSON-like data; `dollar` is false where
    it is known that no key or value holds that sign, so that nobody has to look for placeholders."""

    path: str
    index: int
    data: Mapping[str, JsonValue]
    places: Places
    dollar: bool = True

    @property
    def kind_key(self) -> tuple[str, str] | None:
        """(apiVersion, kind) when both are strings."""
        version, kind = self.data.get("apiVersion"), self.data.get("kind")
        return (version, kind) if isinstance(version, str) and isinstance(kind, str) else None


class Entity(Frozen, gc=False):
    """A document that says what it is: proved by the schema gate, named by its reference."""

    ref: Ref
    kind: str
    document: Document

    @property
    def data(self) -> Mapping[str, JsonValue]:
        return self.document.data

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def name(self) -> str:
        """metadata.name as written."""
        return self.text("metadata", "name") or self.ref.name

    @property
    def namespace(self) -> str:
        """metadata.namespace as written, or the default."""
        return self.text("metadata", "namespace") or DEFAULT_NAMESPACE

    def get(self, *path: Step) -> JsonValue:
        """The value at `path`, or None."""
        return dig(self.document.data, *path)

    def text(self, *path: Step) -> str | None:
        """The string at `path`, or None."""
        return text(self.document.data, *path)

    def mapping(self, *path: Step) -> Mapping[str, JsonValue]:
        """The mapping at `path`, or an empty one."""
        return mapping(self.document.data, *path)

    def items(self, *path: Step) -> Sequence[JsonValue]:
        """The list at `path`, or an empty one."""
        return items(self.document.data, *path)

    def texts(self, *path: Step) -> tuple[str, ...]:
        """The strings of the list at `path`."""
        return texts(self.document.data, *path)

    def place(self, *path: Step) -> Place:
        """The place of the value at `path`, or of the key that should hold it where it is missing."""
        if path and dig(self.document.data, *path) is None:
            present: Path = path
            while present and dig(self.document.data, *present) is None:
                present = present[:-1]
            return self.document.places.missing(present)
        return self.document.places.value(path)

    def place_within(self, path: Path, offset: int) -> Place:
        """The place of a character (code points from 0) of the text at `path`."""
        return self.document.places.within(path, self.text(*path) or "", offset)

    def key_place(self, *path: Step) -> Place:
        """The place of the key at `path`."""
        return self.document.places.key(path)
