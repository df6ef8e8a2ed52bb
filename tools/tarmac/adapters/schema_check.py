"""The gate: whether a document is of a known kind and of its form. Fast where all is well, exact where it is not.

The schemas come from the bundle that `tarmac schema --write` generates from the models; the models themselves are
never imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from msgspec import Raw, Struct, json

from tarmac.model.lean import standing_in

# To read the date that it was built on, which nobody asks for, it would load all that there is for mail.
with standing_in("email.utils", parsedate_to_datetime=str):
    import jsonschema_rs

from tarmac.adapters.schema_forms import PLACEHOLDERS, Forms
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Fix, Severity, in_order
from tarmac.model.flood import ID, MOST
from tarmac.model.json_value import JsonValue, Path, dig
from tarmac.model.kinds import KindInfo, RefField
from tarmac.model.schemas import SchemaProblem

if TYPE_CHECKING:
    from tarmac.model.edits import Edit

KindTable = Mapping[tuple[str, str], KindInfo]

# A mapping that says nothing of its kind is a mistake here, and somebody else's file elsewhere.
DATA_FOLDERS = ("catalog", "policies", "requests", "teams")

_BUNDLE = FilePath(__file__).with_name("data") / "kinds.json"
# Validators of resource types and templates that are kept: more than a company has.
_MOST_KEPT = 1_000
# Of the bundle's schemas, see tarmac.adapters.schema_export.
WHOLE = "x-tarmac-whole"
# Required lists of which a missing one can only mean that there is nothing to list.
_EMPTY_UNLESS_SAID: frozenset[tuple[str, Path]] = frozenset({("Group", ("spec", "children"))})


class _Kind(Struct, rename="camel"):
    """One kind of the bundle; its schema stays as written until a document of the kind comes."""

    api_versions: tuple[str, ...]
    kind: str
    references: tuple[RefField, ...]
    schema: Raw


class _Bundle(Struct):
    kinds: tuple[_Kind, ...]


@lru_cache(maxsize=1)
def _bundle() -> tuple[KindTable, Mapping[str, Raw]]:
    table: dict[tuple[str, str], KindInfo] = {}
    schemas: dict[str, Raw] = {}
    for entry in json.decode(_BUNDLE.read_bytes(), type=_Bundle).kinds:
        info = KindInfo(entry.api_versions, entry.kind, entry.references)
        table |= {(version, info.kind): info for version in info.api_versions}
        schemas[info.kind] = entry.schema
    return table, schemas


@cache
def _schema(kind: str) -> Mapping[str, Any]:
    """The schema of a kind that the bundle has."""
    found: Mapping[str, Any] = json.decode(_bundle()[1][kind])
    return found


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    """What tells every fault of the kind's documents."""
    return compiled(_schema(kind))


def load_kinds() -> KindTable:
    """Every kind by (apiVersion, kind), read once from the generated bundle."""
    return _bundle()[0]


class Gate:
    """Judges the form of documents. Validators are compiled when the first document of their kind comes."""

    def __init__(self) -> None:
        self._kinds, _ = _bundle()
        self._forms = Forms(compiled)

    @property
    def kinds(self) -> KindTable:
        """Every kind by (apiVersion, kind)."""
        return self._kinds

    def problems(self, document: Document) -> tuple[Finding, ...]:
        """What is wrong with the document's form, in order; `entity` is left for who knows the entity.

        The data is as the reader gives it: 64-bit integers, finite numbers.
        Rules: `document-kind`, `unknown-field`, `missing-field`, `wrong-value`.
        """
        key = document.kind_key
        info = None if key is None else self._kinds.get(key)
        if info is None:
            from tarmac.adapters.schema_kind import kind_problem

            return (kind_problem(document, self._kinds),)
        if self._forms.has(document, info.kind, _schema(info.kind), backstage=info.backstage):
            return ()
        found = list(islice(self._explained(document.data, info), MOST + 1))
        said = [_finding(problem, document) for problem in found[:MOST]]
        if len(found) > MOST:
            message = f"more than {MOST} faults in the form of this document; the others are not listed"
            said.append(Finding(ID, Severity.ERROR, message, document.places.first(), None, Fix("mend these first")))
        return in_order(said)

    def _explained(self, data: Mapping[str, JsonValue], info: KindInfo) -> Iterator[SchemaProblem]:
        from tarmac.adapters.schema_problems import explain

        standing_in: dict[Path, str] = {}
        if info.backstage:
            yield from _placeholder_problems(data)
            data = _resolved(data, (), standing_in)

        def counts(problem: SchemaProblem) -> bool:
            key = standing_in.get(problem.path)
            # What a $text says is not known, only that it is a text; of $json and $yaml nothing is known.
            return key is None or (key == "$text" and problem.keyword in ("type", "anyOf", "oneOf"))

        yield from explain(_validator(info.kind).iter_errors(data), _schema(info.kind), data, counts)


def _resolved(data: Any, path: Path, standing_in: dict[Path, str]) -> Any:
    """The data with a text in place of each placeholder, whose path is noted."""
    if isinstance(data, dict):
        if len(data) == 1 and (key := next(iter(data))) in PLACEHOLDERS:
            standing_in[path] = key
            return "text"
        return {key: _resolved(value, (*path, key), standing_in) for key, value in data.items()}
    if isinstance(data, list):
        return [_resolved(value, (*path, index), standing_in) for index, value in enumerate(data)]
    return data


def _placeholder_problems(data: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    from tarmac.model.shown import a_kind_of

    found: dict[Path, str] = {}
    _resolved(data, (), found)
    for path, key in found.items():
        if path in (("metadata", "name"), ("metadata", "namespace")):
            words = f"metadata.{path[1]} is read from elsewhere, and must be known here"
            yield SchemaProblem(path, "type", words, f"write the {path[1]} itself")
        target = dig(data, *path, key)
        if not isinstance(target, str):
            words = f"{key} names no file: it is {a_kind_of(target)}"
            yield SchemaProblem((*path, key), "type", words, f"write a path, such as {key}: ./openapi.yaml")


def _finding(problem: SchemaProblem, document: Document) -> Finding:
    places = document.places
    if problem.missing is not None:
        rule, place = "missing-field", places.missing(problem.path)
    else:
        rule = "unknown-field" if problem.unknown else "wrong-value"
        place = places.key(problem.path) if problem.at_key else places.value(problem.path)
    edits = _edits(problem, document)
    sentence = f"add {problem.missing}: []" if problem.missing is not None and edits else problem.fix
    fix = None if sentence is None else Fix(sentence, edits)
    return Finding(rule, Severity.ERROR, problem.message, place, None, fix)


def _edits(problem: SchemaProblem, document: Document) -> tuple[Edit, ...]:
    from tarmac.model.edits import AddEmptyList, Quote

    if problem.unquoted:
        return (Quote(document.index, problem.path),)
    if problem.missing is not None and not problem.misspelt:
        path = (*problem.path, problem.missing)
        if (document.data.get("kind"), path) in _EMPTY_UNLESS_SAID:
            return (AddEmptyList(document.index, path),)
    return ()


class _Whole:
    """The keyword `x-tarmac-whole`: a number that was written without a point."""

    def __init__(self, parent: Mapping[str, Any], value: object, path: Sequence[str | int]) -> None:
        pass

    def validate(self, instance: object) -> None:
        if isinstance(instance, float) and instance.is_integer():
            raise ValueError


def compiled(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """A validator that fetches nothing and whose patterns run in linear time.

    Raises:
        jsonschema_rs.ValidationError: the schema is at fault.
    """
    return jsonschema_rs.Draft202012Validator(
        dict(schema),
        validate_formats=True,
        offline=True,
        keywords={WHOLE: _Whole},
        pattern_options=jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20),
    )


class JsonSchemas:
    """JSON Schema 2020-12 for values and schemas of others (tarmac.model.schemas.Schemas)."""

    def __init__(self) -> None:
        # By identity: schemas are parts of documents, which do not change. The schema is kept so that its id stays its.
        self._validators: dict[int, tuple[Mapping[str, JsonValue], jsonschema_rs.Draft202012Validator | None]] = {}
        self._gate: Gate | None = None

    def problems(self, schema: Mapping[str, JsonValue], value: JsonValue, at: Path = ()) -> tuple[SchemaProblem, ...]:
        """Every fault of `value`, sorted by path and message; none where the schema itself has faults."""
        validator = self._validator(schema)
        if validator is None or validator.is_valid(value):
            return ()
        from tarmac.adapters.schema_problems import explain

        return explain(validator.iter_errors(value), schema, value, at=at)

    def faults(self, schema: Mapping[str, JsonValue]) -> tuple[SchemaProblem, ...]:
        """Every fault of the schema itself, sorted by path and message."""
        from tarmac.adapters.schema_faults import faults

        return faults(schema)

    def of_kind(self, kind: str) -> Mapping[str, JsonValue] | None:
        """The schema of a kind from the bundle, or None."""
        return next((_schema(name) for name in _bundle()[1] if name.lower() == kind.lower()), None)

    def formed(self, document: Document) -> bool:
        """Whether the gate finds no error in the document."""
        self._gate = self._gate or Gate()
        return not any(finding.severity is Severity.ERROR for finding in self._gate.problems(document))

    def _validator(self, schema: Mapping[str, JsonValue]) -> jsonschema_rs.Draft202012Validator | None:
        known = self._validators.get(id(schema))
        if known is None:
            if len(self._validators) >= _MOST_KEPT:
                self._validators.clear()
            usable = not self.faults(schema)
            known = self._validators[id(schema)] = (schema, compiled(schema) if usable else None)
        return known[1]
