"""Documents and entities: the small frozen views that the check path works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, Step, dig, items, mapping, text, texts
from tarmac.model.places import Locate, Place, Places, nowhere
from tarmac.model.refs import DEFAULT_NAMESPACE, Ref


class Shelf(Protocol):
    """Where what documents hold is put away while there is no room for it."""

    def give_back(self, document: Document) -> Mapping[str, JsonValue]:
        """Let the document have its data again, which are returned, and take those of others that had theirs for
        long."""
        ...

    def places(self, document: Document) -> Places:
        """The places of a document that was put away."""
        ...


class Left(Protocol):
    """What is still to be asked of policies."""

    def well(self, plain: dict[str, Any]) -> bool:
        """Whether each of them passes or skips, for sure."""
        ...


class Profile(Frozen, eq=False):
    """What others ask of a group, as written: how it is reached and what its costs are put down to, None where it does
    not say, and who has which role."""

    email: str | None
    slack: str | None
    cost_center: str | None
    roles: Mapping[str, JsonValue]


class Told(Frozen, eq=False, kw_only=True):
    """What was told of a document before it was put away, so that it need not be given back for that. Many have the
    same.

    `left` are the policies that the document alone does not settle, and `object` the part of it that they read. `given`
    is what `entity(...)` gives of it, None where that is not told. Something else stands there for long texts
    (model/expressions.py). `named` says that its name is written as in its reference, `hard` that it says nothing of
    how much it needs others; `quota` is what a budget says of requests, `profile` a group's own.
    """

    left: Left
    object: Mapping[str, Any]
    given: Mapping[str, Any] | None
    named: bool
    hard: bool
    quota: JsonValue = None
    profile: Profile | None = None


class Document(Frozen, gc=False):
    """One YAML document: `index` counts from 0 within its file, `data` is plain JSON-like data; `dollar` is false where
    it is known that no key or value holds that sign, so that nobody has to look for placeholders.

    `shelf`, `number`, `locate` and `orderly` are what `put_away` leaves: `orderly` says that the keys stand in order.
    """

    path: str
    index: int
    data: Mapping[str, JsonValue]
    places: Places
    dollar: bool = True
    shelf: Shelf | None = None
    number: int = -1
    locate: Locate = nowhere
    orderly: bool = False
    told: Told | None = None

    @property
    def kind_key(self) -> tuple[str, str] | None:
        """(apiVersion, kind) when both are strings."""
        version, kind = self.data.get("apiVersion"), self.data.get("kind")
        return (version, kind) if isinstance(version, str) and isinstance(kind, str) else None

    def at(self, path: str) -> Document:
        """The same, standing in another file; its places are those in this one."""
        return Document(path, self.index, self.data, self.places, self.dollar)


# The keys that a document begins with.
FIRST = ("apiVersion", "kind", "metadata", "spec")


def orderly(data: Mapping[str, JsonValue]) -> bool:
    """Whether the keys stand as in nearly every document; told without looking for each key."""
    metadata = data.get("metadata")
    return type(metadata) is dict and (*data,)[:4] == FIRST and next(iter(metadata), "") == "name"


class _PutAway(Document, gc=False, eq=False):
    """A document whose data lie on a shelf until somebody asks for them.

    A class of its own, and another (_Lent) while it has them again: where a class says what to do about any field that
    is not there, every field takes longer to get.
    """

    def __repr__(self) -> str:
        return f"document {self.index} of {self.path}, put away"


class _Lent(_PutAway, gc=False, eq=False):
    """A document that has its data for some time."""


# A frozen value lets nobody set its fields. Whoever puts a document away changes nothing of what it says.
_FIELDS: Mapping[str, Any] = {name: Document.__dict__[name] for name in Document.__struct_fields__}
_set_class = object.__dict__["__class__"].__set__
_set_shelf, _set_number = _FIELDS["shelf"].__set__, _FIELDS["number"].__set__
_set_locate, _set_orderly = _FIELDS["locate"].__set__, _FIELDS["orderly"].__set__
foretell: Callable[[Document, Told], None] = _FIELDS["told"].__set__
_take_places = _FIELDS["places"].__delete__
_take_data, _give_data = _FIELDS["data"].__delete__, _FIELDS["data"].__set__


def _from_shelf(document: Any) -> Mapping[str, JsonValue]:
    found: Mapping[str, JsonValue] = document.shelf.give_back(document)
    return found


def _places_from_shelf(document: Any) -> Places:
    found: Places = document.shelf.places(document)
    return found


# Set from outside: what a class of this kind names in its body is taken for a field.
type.__setattr__(_PutAway, "data", property(_from_shelf))
type.__setattr__(_PutAway, "places", property(_places_from_shelf))
type.__setattr__(_Lent, "data", _FIELDS["data"])


def put_away(document: Document, shelf: Shelf, number: int, locate: Locate) -> None:
    """Take data and places from a document. They lie on the shelf under that number; `locate` finds the places in the
    text of the file."""
    _set_orderly(document, orderly(document.data))
    _set_class(document, _PutAway)
    _set_shelf(document, shelf)
    _set_number(document, number)
    _set_locate(document, locate)
    _take_places(document)
    _take_data(document)


def lend(document: Document, data: Mapping[str, JsonValue]) -> None:
    """Let a document that was put away have its data."""
    _give_data(document, data)
    _set_class(document, _Lent)


def take_again(document: Document) -> None:
    """Take the data of a document that was lent them."""
    _set_class(document, _PutAway)
    _take_data(document)


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
        told = self.document.told
        if told is not None and told.named:
            return self.ref.name
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
