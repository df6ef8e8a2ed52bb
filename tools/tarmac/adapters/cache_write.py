"""The cache as it is written: whole, beside its place, which it then takes."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from posixpath import dirname

from tarmac.adapters.cache_codec import finding_row, packed, stamp, written, written_ref
from tarmac.adapters.cache_needs import needs_row
from tarmac.adapters.cache_schema import APPLICATION, INDEXES, TABLES, cache_file, tool
from tarmac.catalog.people import address, email, login
from tarmac.errors import OutsideError
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding
from tarmac.model.refs import Ref
from tarmac.rules.kept import Totals
from tarmac.rules.to_keep import Judged


def write_cache(folder: Path, judged: Judged) -> None:
    """Keep a judged tree in a folder, in the place of what was kept there by this version of the tool.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", suffix=".sqlite", dir=folder)
        os.close(handle)
        try:
            _fill(name, judged)
            os.replace(name, cache_file(folder))
        finally:
            with suppress(OSError):
                os.unlink(name)
    except (OSError, sqlite3.Error) as fault:
        raise OutsideError(f"the cache in {folder} cannot be written: {fault}") from None


def _fill(name: str, judged: Judged) -> None:
    database = sqlite3.connect(name, isolation_level=None)
    try:
        # Nobody sees the file before it is whole, so nothing need be put back when this ends early.
        for pragma in (f"application_id = {APPLICATION}", "journal_mode = OFF", "synchronous = OFF"):
            database.execute(f"PRAGMA {pragma}")
        database.executescript(TABLES)
        database.execute("BEGIN")
        database.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", _files(judged))
        ages = sorted((written(path), stamp(when)) for path, when in judged.ages.items())
        database.executemany("INSERT INTO ages VALUES (?, ?)", ages)
        pairs = sorted((written(target), written(path)) for target, path in judged.names)
        database.executemany("INSERT INTO names VALUES (?, ?)", pairs)
        numbers = _documents(database, judged)
        _verdicts(database, judged, numbers)
        database.execute("INSERT INTO header VALUES (?)", (_header(judged, numbers),))
        for statement in filter(None, map(str.strip, INDEXES.split(";"))):
            database.execute(statement)
        database.execute("COMMIT")
    finally:
        database.close()


def _header(judged: Judged, numbers: Mapping[Ref, int]) -> str:
    return packed(
        {
            "tool": tool(),
            "tree": judged.tree,
            "ignore": list(judged.ignore),
            "totals": {name: getattr(judged.totals, name) for name in Totals.__struct_fields__},
            "facets": list(judged.facets),
            "aged": None if judged.aged is None else [judged.aged.commit, *judged.aged.bots],
            "stale": [finding_row(finding) for finding in judged.stale],
            "kinds": dict(sorted(Counter(ref.kind for ref in numbers).items())),
        }
    )


def _files(judged: Judged) -> Iterator[tuple[object, ...]]:
    for file in judged.files:
        path, findings = file.entry.path, [finding_row(finding) for finding in file.findings]
        said = packed(findings) if findings else None
        yield (
            written(path),
            written(dirname(path)),
            file.entry.mode,
            file.entry.blob,
            file.counted,
            file.documents,
            said,
        )


def _documents(database: sqlite3.Connection, judged: Judged) -> dict[Ref, int]:
    """Write the documents and their references; the number of each entity."""
    numbers: dict[Ref, int] = {}

    def rows() -> Iterator[tuple[object, ...]]:
        for number, (entity, is_first) in enumerate(judged.entities):
            if is_first:
                numbers[entity.ref] = number
            ref, document = entity.ref, entity.document
            about = (number, written_ref(ref), ref.kind, written(entity.name), written(document.path), document.index)
            yield (*about, is_first, _login(entity), _email(entity), entity.kind, packed(document.data))

    database.executemany("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows())
    counts: Counter[tuple[bytes, str, str, bytes]] = Counter()
    for ref, references in judged.outgoing.items():
        for reference in references:
            if reference.target is not None:
                counts[written_ref(reference.target), ref.kind, reference.field.name, written_ref(ref)] += 1
    database.executemany("INSERT INTO refs VALUES (?, ?, ?, ?, ?)", ((*key, n) for key, n in sorted(counts.items())))
    database.execute("INSERT INTO needs VALUES (?, ?)", needs_row(judged.needs))
    return numbers


def _verdicts(database: sqlite3.Connection, judged: Judged, numbers: Mapping[Ref, int]) -> None:
    pairs = [(key, numbers[ref]) for ref, rest in judged.rests.items() for key in rest.keys]
    for number, (topic, rest) in enumerate(sorted(judged.asides.items()), start=1):
        database.execute("INSERT INTO asides VALUES (?, ?)", (number, packed(list(topic))))
        pairs += [(key, -number) for key in rest.keys]
    database.executemany("INSERT INTO reads VALUES (?, ?)", sorted(pairs))
    times = (
        (numbers[ref], stamp(rest.since), stamp(rest.until))
        for ref, rest in judged.rests.items()
        if rest.since is not None or rest.until is not None
    )
    database.executemany("INSERT INTO times VALUES (?, ?, ?)", times)
    said = (
        (numbers[ref], written(finding.rule), _packed(finding))
        for ref, findings in judged.ruled.items()
        for finding in findings
    )
    database.executemany("INSERT INTO findings VALUES (?, ?, ?)", said)
    knots = (
        (knot.by, packed([[ref.kind, ref.namespace, ref.name] for ref in sorted(knot.members)]), _packed(knot.finding))
        for knot in judged.knots
    )
    database.executemany("INSERT INTO knots VALUES (?, ?, ?)", knots)


def _packed(finding: Finding) -> str:
    return packed(finding_row(finding))


def _login(entity: Entity) -> bytes | None:
    stated = login(entity) if entity.ref.kind == "user" else None
    return None if stated is None else written(stated)


def _email(entity: Entity) -> bytes | None:
    stated = address(email(entity) or "") if entity.ref.kind == "user" else ""
    return written(stated) if stated else None
