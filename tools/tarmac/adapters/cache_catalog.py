"""The catalog and the files in a cache, asked for one by one, or for many at once where it is known what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from tarmac.adapters.cache_codec import finding_of, instant, read, read_ref, unpacked, written, written_ref
from tarmac.adapters.cache_rows import Row, Rows
from tarmac.catalog.references import Reference
from tarmac.errors import CacheFault
from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import items, mapping
from tarmac.model.places import PlaceNode, Places
from tarmac.model.refs import Ref
from tarmac.model.trees import TreeEntry
from tarmac.rules.kept import KeptFile, Locate

if TYPE_CHECKING:
    from tarmac.catalog.needs import KeptNeeds

_DOCUMENTS = "SELECT ref, spelled, path, at, data FROM documents WHERE "
_LOGINS = "SELECT ref, login FROM documents WHERE login IS NOT NULL AND is_first AND ref "
_REFERRERS = "SELECT target, source, number FROM refs WHERE "
_AROUND = "SELECT target, source, number, kind, field FROM refs WHERE target IN"
_FILES = "SELECT path, mode, blob, counted, documents, findings FROM files WHERE path "
_AT = "SELECT path, ref FROM documents WHERE path "
_NAMES = "SELECT path, target FROM names WHERE path "
_AGES = "SELECT path, changed FROM ages WHERE path "
# From how many on it is quicker to ask for all at once.
_SEVERAL = 2
# After how many names of a kind the next ones are taken from all that there are.
_MANY_NAMES = 16
_Key = TypeVar("_Key")


class CachedCatalog:
    """What a cache holds of a tree. What has been asked is remembered: the file never changes.

    Every verb raises CacheFault when something is not as it was written.
    """

    def __init__(self, rows: Rows, locate: Locate) -> None:
        self._rows = rows
        self._locate = locate
        self._entities: dict[Ref, tuple[Entity, ...]] = {}
        # What has been looked up of references and not been asked for: of many it is asked only whether they are there.
        self._unread: dict[Ref, list[Row]] = {}
        self._referrers: dict[tuple[Ref, str | None, str | None], Mapping[Ref, int]] = {}
        # All that refers to an entity, where that was read at once: by kind and field.
        self._around: dict[Ref, list[tuple[str, str, Row]]] = {}
        self._named: dict[str, dict[str, tuple[Ref, ...]]] = {}
        self._all_named: dict[str, dict[str, list[Ref]]] = {}
        self._kinds_read: dict[str, tuple[Entity, ...]] = {}
        self._needs: KeptNeeds | None = None
        self._logins: dict[Ref, str | None] = {}
        self._files: dict[str, KeptFile | None] = {}
        self._at: dict[str, tuple[Ref, ...]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._ages: dict[str, datetime | None] = {}
        self.outgoing: dict[int, tuple[Entity, tuple[Reference, ...]]] = {}
        self.layers: dict[int, Any] = {}

    @property
    def repeats(self) -> bool:
        """Whether there may be a document with a reference that is taken."""
        return True

    def standing_for(self, ref: Ref) -> tuple[Entity, ...]:
        found = self._entities.get(ref)
        if found is None:
            rows = self._unread.pop(ref, None)
            if rows is None:
                rows = self._rows.all(_DOCUMENTS + "ref = ? ORDER BY path, at", written_ref(ref))
            found = self._entities[ref] = tuple(self._entity(ref, row) for row in rows)
        return found

    def exists(self, ref: Ref) -> bool:
        return bool(self._unread[ref] if ref in self._unread else self.standing_for(ref))

    def ahead(self, refs: Iterable[Ref]) -> None:
        wanted = {written_ref(ref): ref for ref in refs if ref not in self._entities and ref not in self._unread}
        if len(wanted) < _SEVERAL:
            return
        self._unread.update((ref, []) for ref in wanted.values())
        for row in self._rows.among(_DOCUMENTS + "ref IN", list(wanted), " ORDER BY ref, path, at"):
            self._unread[_asked(wanted, row[0])].append(row)

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        if kind not in self._kinds_read:
            rows = self._rows.all(_DOCUMENTS + "kind = ? AND is_first ORDER BY path, at", kind)
            self._kinds_read[kind] = tuple(self._entity(read_ref(row[0]), row) for row in rows)
        return self._kinds_read[kind]

    def names(self, kind: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE kind = ? AND is_first", kind)

    def named(self, kind: str, name: str) -> tuple[Ref, ...]:
        every = self._all_named.get(kind)
        if every is not None:
            return tuple(every.get(name, ()))
        asked = self._named.setdefault(kind, {})
        if name not in asked:
            if len(asked) == _MANY_NAMES:
                return tuple(self._names_of_kind(kind).get(name, ()))
            query = "SELECT ref FROM documents WHERE kind = ? AND name = ? AND is_first"
            asked[name] = self._refs(query, kind, written(name))
        return asked[name]

    def _names_of_kind(self, kind: str) -> Mapping[str, Sequence[Ref]]:
        found = self._all_named[kind] = {}
        for name, ref in self._rows.all("SELECT name, ref FROM documents WHERE kind = ? AND is_first", kind):
            found.setdefault(read(name), []).append(read_ref(ref))
        return found

    def referrers(self, ref: Ref, kind: str | None, field: str | None) -> Mapping[Ref, int]:
        key = (ref, kind, field)
        known = self._referrers.get(key)
        if known is None:
            rows: Iterable[Row]
            if ref in self._around:
                every = self._around[ref]
                rows = [row for its, stated, row in every if kind in (None, its) and field in (None, stated)]
            else:
                which, given = _which(kind, field)
                rows = self._rows.all(_REFERRERS + which + "target = ?", *given, written_ref(ref))
            known = self._referrers[key] = _counted(rows)
        return known

    def ahead_all_referrers(self, refs: Iterable[Ref]) -> None:
        wanted = {written_ref(ref): ref for ref in refs if ref not in self._around}
        self._around.update((ref, []) for ref in wanted.values())
        for target, source, number, kind, field in self._rows.among(_AROUND, list(wanted)):
            row = (target, source, number)
            self._around[_asked(wanted, target)].append((text_of(kind), text_of(field), row))

    def ahead_referrers(self, refs: Iterable[Ref], kind: str | None, field: str | None) -> None:
        wanted = {written_ref(ref): ref for ref in refs if (ref, kind, field) not in self._referrers}
        found: dict[Ref, list[Row]] = {ref: [] for ref in wanted.values()}
        which, given = _which(kind, field)
        for row in self._rows.among(_REFERRERS + which + "target IN", list(wanted), given=given):
            found[_asked(wanted, row[0])].append(row)
        self._referrers.update(((ref, kind, field), _counted(rows)) for ref, rows in found.items())

    def with_login(self, login: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE login = ? AND is_first", written(login))

    def login_of(self, user: Ref) -> str | None:
        if user not in self._logins:
            rows = self._rows.all(_LOGINS + "= ?", written_ref(user))
            self._logins[user] = read(rows[0][1]) if rows else None
        return self._logins[user]

    def saying(self, kind: str, key: str) -> tuple[Ref, ...]:
        # As JSON is written here, letters stand for themselves.
        query = "SELECT ref FROM documents WHERE kind = ? AND is_first AND instr(data, ?)"
        return self._refs(query, kind, f'"{key}"')

    def with_email(self, address: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE email = ? AND is_first", written(address))

    def below(self, folder: str) -> Iterator[Ref]:
        # Who asks looks at each of them, as long as he goes on.
        for row in self._rows.each(_DOCUMENTS + "path > ? AND path < ? AND is_first", *_below(folder)):
            ref = read_ref(row[0])
            if not self.repeats and ref not in self._entities and ref not in self._unread:
                self._entities[ref] = (self._entity(ref, row),)
            yield ref

    def needs(self) -> KeptNeeds:
        if self._needs is None:
            # Loaded here: only a review asks.
            from tarmac.adapters.cache_needs import needs_of

            self._needs = needs_of(*self._rows.one("SELECT things, numbers FROM needs"))
        return self._needs

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        wanted = {written_ref(ref): ref for ref in refs if ref not in self._logins}
        self._logins.update(dict.fromkeys(wanted.values()))
        for ref, login in self._rows.among(_LOGINS + "IN", list(wanted)):
            self._logins[_asked(wanted, ref)] = read(login)

    def ahead_at(self, paths: Iterable[str]) -> None:
        wanted = {written(path): path for path in paths if path not in self._at}
        at: dict[str, list[Ref]] = {path: [] for path in wanted.values()}
        for where, ref in self._rows.among(_AT + "IN", list(wanted), " ORDER BY path, at"):
            at[_asked(wanted, where)].append(read_ref(ref))
        self._at.update((path, tuple(refs)) for path, refs in at.items())

    def at(self, path: str) -> tuple[Ref, ...]:
        if path not in self._at:
            rows = self._rows.all(_AT + "= ? ORDER BY at", written(path))
            self._at[path] = tuple(read_ref(ref) for _, ref in rows)
        return self._at[path]

    def has_file(self, path: str) -> bool:
        if path in self._files:
            return self._files[path] is not None
        return bool(self._rows.all("SELECT 1 FROM files WHERE path = ?", written(path)))

    def files_in(self, folder: str) -> tuple[str, ...]:
        rows = self._rows.all("SELECT path FROM files WHERE folder = ? ORDER BY path", written(folder))
        return tuple(read(path) for (path,) in rows)

    def files_below(self, folder: str) -> Iterator[str]:
        for (path,) in self._rows.each("SELECT path FROM files WHERE path > ? AND path < ?", *_below(folder)):
            yield read(path)

    def file(self, path: str) -> KeptFile | None:
        if path not in self._files:
            rows = self._rows.all(_FILES + "= ?", written(path))
            self._files[path] = _file_of(path, rows[0]) if rows else None
        return self._files[path]

    def ahead_files(self, paths: Iterable[str]) -> None:
        wanted = {written(path): path for path in paths if path not in self._files}
        keys = list(wanted)
        self._files.update(dict.fromkeys(wanted.values()))
        self._ages.update(dict.fromkeys(wanted.values()))
        self.ahead_at(wanted.values())
        names: dict[str, list[str]] = {path: [] for path in wanted.values()}
        for row in self._rows.among(_FILES + "IN", keys):
            path = _asked(wanted, row[0])
            self._files[path] = _file_of(path, row)
        for where, name in self._rows.among(_NAMES + "IN", keys):
            names[_asked(wanted, where)].append(read(name))
        for where, changed in self._rows.among(_AGES + "IN", keys):
            self._ages[_asked(wanted, where)] = instant(changed)
        self._names.update((path, frozenset(found)) for path, found in names.items())

    def names_of(self, path: str) -> frozenset[str]:
        if path not in self._names:
            rows = self._rows.all(_NAMES + "= ?", written(path))
            self._names[path] = frozenset(read(target) for _, target in rows)
        return self._names[path]

    def age(self, path: str) -> datetime | None:
        if path not in self._ages:
            rows = self._rows.all(_AGES + "= ?", written(path))
            self._ages[path] = instant(rows[0][1]) if rows else None
        return self._ages[path]

    def _entity(self, ref: Ref, row: Row) -> Entity:
        _, spelled, path, at, data = row
        where, index = read(path), number_of(at)
        locate = partial(self._place, where, index)
        return Entity(ref, text_of(spelled), Document(where, index, mapping(unpacked(data)), Places(where, locate)))

    def _place(self, path: str, index: int) -> PlaceNode:
        kept = self.file(path)
        if kept is None:
            raise CacheFault(f"the cache has a document of {path} and no such file")
        return self._locate(path, kept.entry.blob, index)

    def _refs(self, query: str, *given: object) -> tuple[Ref, ...]:
        return tuple(read_ref(ref) for (ref,) in self._rows.all(query, *given))


def _which(kind: str | None, field: str | None) -> tuple[str, list[str]]:
    """What a query for references of that kind and field says of them, and the values that this names."""
    stated = [(name, value) for name, value in (("kind", kind), ("field", field)) if value is not None]
    return "".join(f"{name} = ? AND " for name, _ in stated), [value for _, value in stated]


def _counted(rows: Iterable[Row]) -> Mapping[Ref, int]:
    found: dict[Ref, int] = {}
    for _, source, number in rows:
        who = read_ref(source)
        found[who] = found.get(who, 0) + number_of(number)
    return found


def _file_of(path: str, row: Row) -> KeptFile:
    _, mode, blob, counted, documents, findings = row
    said = () if findings is None else tuple(map(finding_of, items(unpacked(findings))))
    return KeptFile(TreeEntry(path, text_of(mode), text_of(blob)), counted == 1, number_of(documents), said)


def _asked(wanted: Mapping[bytes, _Key], key: object) -> _Key:
    """What was asked for under the key of a row."""
    found = wanted.get(key) if isinstance(key, bytes) else None
    if found is None:
        raise CacheFault("the cache gives what nobody asked for")
    return found


def _below(folder: str) -> tuple[bytes, bytes]:
    """The ends between which the paths below a folder stand: "0" is the character behind "/"."""
    return written(f"{folder}/"), written(f"{folder}0")


def number_of(value: object) -> int:
    if not isinstance(value, int):
        raise CacheFault("a number of the cache is none")
    return value


def text_of(value: object) -> str:
    if not isinstance(value, str):
        raise CacheFault("a text of the cache is none")
    return value
