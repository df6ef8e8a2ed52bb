"""The files of an instance: filled from the template, written as JSON (which YAML readers read too), and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files as package_files

from tarmac.errors import ExpressionError
from tarmac.model.filling import fill, holes
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig, mapping, texts
from tarmac.model.plan import Desired, Tags
from tarmac.model.shown import one_of, visible
from tarmac.providers.tagging import Untagged, tags_of, texts_of

_MOST = 50
_LONGEST = 512 * 1024
_STEP = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
_PATH = re.compile(rf"{_STEP}(?:/{_STEP}){{0,9}}\.(?:json|yaml|yml)\Z")


class Rendered(Frozen):
    """One file: its data, its bytes, and the schema that it has to keep."""

    schema: str
    data: JsonValue
    content: bytes


class Record(Frozen):
    """What is written of an instance beside its files."""

    tags: Tags
    config: Mapping[str, JsonValue]
    files: tuple[str, ...]


def facts(desired: Desired, tags: Tags) -> Mapping[str, JsonValue]:
    """What a template can read: `config`, `uid`, `name` (made from the uid: fit for a Kubernetes name), `request` and
    `team` (names alone), `owner`, `service` and `reference` (full), `environment`, `costCenter`, `type`, and `tags`, a
    mapping of them all under `tarmac/...`, fit for annotations."""
    return {
        "config": desired.config,
        "uid": tags.uid,
        "name": f"tarmac-{tags.uid}",
        "request": _name(desired.request),
        "reference": desired.request,
        "team": _name(desired.owner),
        "owner": desired.owner,
        "service": desired.service or "",
        "environment": desired.environment,
        "costCenter": desired.cost_centre,
        "type": desired.type_text,
        "tags": {f"tarmac/{name}": value for name, value in texts_of(tags).items()},
    }


def rendered(desired: Desired, tags: Tags) -> Mapping[str, Rendered]:
    """The files of an instance, by path.

    Raises:
        ExpressionError: the template cannot be filled, or does not make files of its own.
    """
    if not desired.manifests:
        raise ExpressionError(f"{desired.type_text} says no manifests: its version names the files to write")
    if len(desired.manifests) > _MOST:
        raise ExpressionError(f"more than {_MOST} manifests")
    known = facts(desired, tags)
    made: dict[str, Rendered] = {}
    for number, one in enumerate(desired.manifests):
        try:
            if ("uid",) not in set(holes(one.path)) and ("name",) not in set(holes(one.path)):
                raise ExpressionError("its path holds neither {uid} nor {name}: two instances would share the file")
            path = fill(one.path, known)
            if not isinstance(path, str) or not _PATH.match(path) or ".." in path:
                raise ExpressionError(f"{visible(str(path), 100)} is no path of a .json or .yaml file")
            if path in made:
                raise ExpressionError(f"{visible(path, 100)} is written twice")
            data = fill(one.content, known)
            content = (json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()
        except (ExpressionError, ValueError) as fault:
            raise ExpressionError(f"manifest {number + 1} of {desired.type_text}: {fault}") from None
        if len(content) > _LONGEST:
            raise ExpressionError(f"manifest {number + 1} of {desired.type_text} is larger than {_LONGEST} bytes")
        made[path] = Rendered(one.schema, data, content)
    return made


def faults(desired: Desired, made: Mapping[str, Rendered]) -> tuple[str, ...]:
    """What in the files does not keep the schemas that they name, in sentences."""
    return tuple(fault for path, one in made.items() for fault in _faults(path, one))


@cache
def schemas() -> tuple[str, ...]:
    """The names of all schemas, each with the version of what it describes."""
    folder = package_files("tarmac.providers") / "manifest_schemas"
    found = (
        f"{group.name}/{one.name.removesuffix('.json')}"
        for group in folder.iterdir()
        if group.is_dir()
        for one in group.iterdir()
        if one.name.endswith(".json")
    )
    return tuple(sorted(found))


@cache
def schema(name: str) -> str:
    """The JSON Schema of that name, one of `schemas()`, as text."""
    group, _, kind = name.partition("/")
    return (package_files("tarmac.providers") / "manifest_schemas" / group / f"{kind}.json").read_text("utf-8")


def _faults(path: str, one: Rendered) -> Iterator[str]:
    if one.schema not in schemas():
        yield f"{path}: there is no schema {visible(one.schema)}: write one of {one_of(schemas(), 40)}"
        return
    from jsonschema_rs import RegexOptions, validator_for

    # The linear-time engine: what is checked are others' words.
    validator = validator_for(schema(one.schema), pattern_options=RegexOptions())
    for number, error in enumerate(validator.iter_errors(one.data)):
        if number == _MOST:
            return
        place = "/".join(map(str, error.instance_path)) or "the whole"
        yield f"{path}, {visible(place, 100)}: {visible(error.message, 200)} ({one.schema})"


def record_file(record: Record) -> bytes:
    """The record's bytes."""
    data: Mapping[str, JsonValue] = {
        "version": 1,
        "tags": dict(texts_of(record.tags)),
        "config": record.config,
        "files": list(record.files),
    }
    return (json.dumps(data, indent=2, sort_keys=True, ensure_ascii=True) + "\n").encode()


def read_record(uid: str, content: bytes) -> Record | str:
    """The record that the bytes hold, or why they hold none."""
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        return "its record is no JSON"
    if not isinstance(dig(data, "config"), Mapping):
        return "no config"
    paths = texts(data, "files")
    if not _all_paths(paths):
        return "its record names what is no file of an instance"
    try:
        return Record(tags_of(uid, mapping(data, "tags")), mapping(data, "config"), paths)
    except Untagged as fault:
        return str(fault)


def _all_paths(paths: Sequence[str]) -> bool:
    return bool(paths) and all(_PATH.match(path) and ".." not in path for path in paths)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2].replace("#", "-")
