"""What a JSON Schema validator found, in words for a person: what is wrong, and what to write instead.

Nothing of the validator's own messages is shown: they repeat whole values and speak of schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from tarmac.adapters.schema_check import WHOLE, compiled
from tarmac.adapters.schema_choice import choose, wrong_choice
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue, Path, dig, mapping, text, texts
from tarmac.model.patterns import lazily
from tarmac.model.schemas import SchemaProblem
from tarmac.model.shown import a_kind_of, nearest, one_of, shown, visible, where

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

MOST_PROBLEMS = 101

# A key of our own in the schemas of kinds: {what, write, unquoted}, see tarmac.model.base.Shape.
SAYS = "x-tarmac-says"

_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}
# A text that means the same in a list without quotes.
_PLAIN = lazily(r"[A-Za-z][A-Za-z0-9_./@:-]{0,59}(?<!:)")
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_SIZES = {
    "minLength": ("character", "at least"),
    "maxLength": ("character", "at most"),
    "minItems": ("item", "at least"),
    "maxItems": ("item", "at most"),
    "minProperties": ("field", "at least"),
    "maxProperties": ("field", "at most"),
}


def explain(
    errors: Iterable[ValidationError],
    schema: Mapping[str, JsonValue],
    value: JsonValue,
    counts: Callable[[SchemaProblem], bool] = lambda problem: True,
    at: Path = (),
) -> tuple[SchemaProblem, ...]:
    """Each fault that counts once, sorted by path and message. `value` is what was validated against `schema`,
    and `at` where it stands in its document: paths and words begin there.

    A value may have a fault for each thing in it, and each takes time to put into words: at most MOST_PROBLEMS come
    back, the first that the validator found.
    """
    found = (problem for error in errors for problem in _problems(error, schema, value, at) if counts(problem))
    return tuple(sorted(_once(list(dict.fromkeys(islice(found, MOST_PROBLEMS)))), key=order))


def _once(problems: Sequence[SchemaProblem]) -> Iterator[SchemaProblem]:
    """One problem a mistake. A value that is none of the choices is of the wrong type too, and a required field that is
    misspelt is both missing and unknown."""
    chosen = {problem.path for problem in problems if problem.keyword in ("enum", "const")}
    unknown = {problem.path for problem in problems if problem.unknown}
    meant: dict[Path, SchemaProblem] = {}
    for problem in problems:
        if problem.misspelt is not None and (*problem.path, problem.misspelt) in unknown:
            meant.setdefault((*problem.path, problem.misspelt), problem)
    for problem in problems:
        if (problem.keyword == "type" and problem.path in chosen) or problem in meant.values():
            continue
        missing = meant.get(problem.path) if problem.unknown else None
        if missing is None:
            yield problem
        else:
            name = visible(missing.missing or "")
            words = f"{where(missing.path)} has no field {shown(missing.misspelt)}, and lacks {name}; did you mean it?"
            yield replace(problem, message=words, fix=f"write {name}")


def order(problem: SchemaProblem) -> tuple[object, ...]:
    """Sorts problems by path, then message."""
    return ([(isinstance(step, int), step) for step in problem.path], problem.message, problem.keyword)


def _problems(
    error: ValidationError, schema: Mapping[str, JsonValue], value: JsonValue, at: Path
) -> Iterator[SchemaProblem]:
    path, keyword = (*at, *error.instance_path), error.kind.name
    node = node_at(schema, error.schema_path, keyword)
    here = dig(value, *error.instance_path)
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        for name in error.kind.value:
            yield _unknown(path, keyword, name, node)
    elif keyword == "required":
        yield _missing(path, error.kind.value, node, here, schema)
    elif keyword == "propertyNames":
        yield _bad_key(path, _key_at_fault(error), node)
    elif keyword in ("anyOf", "oneOf") and SAYS not in node:
        chosen, problems = choose(error, schema, node, here, path, at)
        yield from problems
        for inner in chosen:
            yield from _problems(inner, schema, value, at)
    elif keyword == "not" and len(both := texts(node, "not", "required")) == 2:
        words = f"{where(path)} has both {both[0]} and {both[1]}, and only one of them may stand"
        yield SchemaProblem((*path, both[1]), keyword, words, "leave one of them out", at_key=True)
    else:
        yield _wrong(path, keyword, node, here)


def node_at(schema: Mapping[str, JsonValue], steps: Sequence[str | int], keyword: str) -> Mapping[str, JsonValue]:
    """The subschema that holds the keyword at the end of `steps`."""
    cut = len(steps) - 1
    if keyword == "propertyNames" and keyword in steps:
        cut = len(steps) - list(reversed(steps)).index(keyword)
    above = list(steps[:cut])
    node = mapping(schema, *above)
    while SAYS not in node and len(above) > 1 and above[-2] == "allOf":
        # What is said of the whole goes for each of its parts.
        whole = mapping(schema, *above[:-2])
        if SAYS not in whole:
            break
        above, node = above[:-2], whole
    return node


def _key_at_fault(error: ValidationError) -> JsonValue:
    inner = getattr(error.kind, "error", None)
    return "" if inner is None else inner.instance


def _unknown(path: Path, keyword: str, name: str, node: Mapping[str, JsonValue]) -> SchemaProblem:
    known = tuple(mapping(node, "properties"))
    near = nearest(name, known)
    fix = f"write {near}" if near else f"leave it out; known here: {one_of(known)}" if known else "leave it out"
    message = f"{where(path)} has no field {shown(name)}" + (f"; did you mean {near}?" if near else "")
    return SchemaProblem((*path, name), keyword, message, fix, unknown=True, at_key=True)


def _missing(
    path: Path, name: str, node: Mapping[str, JsonValue], here: JsonValue, schema: Mapping[str, JsonValue]
) -> SchemaProblem:
    known = mapping(node, "properties")
    near = nearest(name, [key for key in mapping(here) if key not in known])
    message = f"{where(path)} lacks {visible(name)}"
    if near:
        return SchemaProblem(
            path,
            "required",
            f"{message}; {shown(near)} looks like it",
            f"write {visible(name)} instead of {visible(near)}",
            missing=name,
            misspelt=near,
        )
    wanted = _resolved(mapping(known, name), schema)
    write = text(wanted, SAYS, "write") or (_expected(wanted) if "enum" in wanted or _types(wanted) else None)
    fix = f"add {visible(name)}: {write}" if write else f"add {visible(name)}"
    return SchemaProblem(path, "required", message, fix, missing=name)


def _bad_key(path: Path, key: JsonValue, node: Mapping[str, JsonValue]) -> SchemaProblem:
    what, write = text(node, SAYS, "what"), text(node, SAYS, "write")
    message = f"the key {shown(key)} in {where(path)} is not " + (what or "one that is allowed here")
    fix = f"write {write}" if write else _pattern_fix(node) or "write another key"
    return SchemaProblem((*path, str(key)), "propertyNames", message, fix, at_key=True)


def _wrong(path: Path, keyword: str, node: Mapping[str, JsonValue], here: JsonValue) -> SchemaProblem:
    place = where(path)
    says = mapping(node, SAYS)
    write = text(says, "write")
    if here is None and keyword in ("type", "enum", "const", "anyOf", "oneOf"):
        fix = f"write {write}" if write else f"write {_expected(node)}"
        return SchemaProblem(path, keyword, f"{place} has no value", f"{fix}, or leave it out")
    if keyword == WHOLE:
        whole = f"write {shown(int(here))}" if isinstance(here, float) and here.is_integer() else None
        return SchemaProblem(path, "type", f"{place} is {shown(here)}, and must be a whole number", whole)
    if keyword == "type":
        return _wrong_type(path, node, here)
    if keyword in ("enum", "const"):
        return _wrong_choice(path, keyword, node, here)
    if says and write:
        state = "is empty" if here == "" else f"is {shown(here)}"
        return SchemaProblem(path, keyword, f"{place} {state}, which is not {text(says, 'what')}", f"write {write}")
    if keyword in _BOUNDS:
        bound = f"{_BOUNDS[keyword]} {shown(node.get(keyword))}"
        return SchemaProblem(path, keyword, f"{place} is {shown(here)}, and must be {bound}", f"write {bound}")
    if keyword in _SIZES:
        return _wrong_size(path, keyword, node, here)
    return SchemaProblem(path, keyword, f"{place} {_other(keyword, node, here)}", _other_fix(keyword, node))


def _wrong_type(path: Path, node: Mapping[str, JsonValue], here: JsonValue) -> SchemaProblem:
    types = _types(node)
    exactly = isinstance(here, bool) or (isinstance(here, float) and "integer" in types)
    found = shown(here) if exactly else a_kind_of(here)
    message = f"{where(path)} is {found}, and must be {_expected(node)}"
    write = text(node, SAYS, "write")
    fix = f"write {write or _expected(node)}"
    unquoted = False
    if "string" in types and isinstance(here, (bool, int, float)):
        if write is None or _fits_as_text(here, node):
            # A float does not tell how it was written, so there is nothing to repeat.
            fix = "write it in quotes" + ("" if isinstance(here, float) else f': "{shown(here)}"')
        amount = mapping(node, SAYS, "unquoted")
        unquoted = bool(amount) and not isinstance(here, bool)
        if unquoted:
            message = f"{where(path)} is an unquoted number; {text(amount, 'why')}"
            fix = f"write its digits in quotes, such as {text(amount, 'example')}"
    elif {"number", "integer"} & set(types) and isinstance(here, str):
        fix = "write a number, without quotes"
    elif "boolean" in types and isinstance(here, str):
        fix = "write true or false, without quotes"
    elif types == ("array",) and not isinstance(here, Mapping):
        plain = isinstance(here, str) and _PLAIN.fullmatch(here) is not None
        fix = f"write a list: [{visible(here) if plain and isinstance(here, str) else shown(here)}]"
    return SchemaProblem(path, "type", message, fix, unquoted=unquoted)


def _fits_as_text(here: JsonValue, node: Mapping[str, JsonValue]) -> bool:
    """Whether the value, in quotes, would be right."""
    form = {key: node[key] for key in ("pattern", "minLength", "maxLength", "format") if key in node}
    return compiled(form).is_valid(shown(here))


def _wrong_choice(path: Path, keyword: str, node: Mapping[str, JsonValue], here: JsonValue) -> SchemaProblem:
    options = node.get("enum") if keyword == "enum" else [node.get("const")]
    choices = list(options) if isinstance(options, Sequence) and not isinstance(options, str) else []
    return wrong_choice(path, keyword, choices, here)


def _wrong_size(path: Path, keyword: str, node: Mapping[str, JsonValue], here: JsonValue) -> SchemaProblem:
    unit, bound = _SIZES[keyword]
    limit = node.get(keyword)
    size = len(here) if isinstance(here, (str, Sequence, Mapping)) else 0
    if size == 0:
        return SchemaProblem(path, keyword, f"{where(path)} is empty", f"write at least {_count(limit, unit)}")
    message = f"{where(path)} has {_count(size, unit)}, and must have {bound} {shown(limit)}"
    return SchemaProblem(path, keyword, message, f"write {bound} {_count(limit, unit)}")


def _other(keyword: str, node: Mapping[str, JsonValue], here: JsonValue) -> str:
    match keyword:
        case "pattern":
            return f"is {shown(here)}, which is not of the form that is asked for"
        case "format":
            return f"is {shown(here)}, which is no {shown(node.get('format')).strip(chr(34))}"
        case "multipleOf":
            return f"is {shown(here)}, and must be a multiple of {shown(node.get('multipleOf'))}"
        case "uniqueItems":
            return "holds the same item twice"
        case "falseSchema":
            return "cannot stand here"
        case "contains":
            return "lacks an item that must be in it"
        case _:
            return f"is {shown(here)}, which the schema does not allow ({keyword})"


def _other_fix(keyword: str, node: Mapping[str, JsonValue]) -> str:
    match keyword:
        case "format":
            return f"write a text of the format {shown(node.get('format')).strip(chr(34))}"
        case "multipleOf":
            return f"write a multiple of {shown(node.get('multipleOf'))}"
        case "uniqueItems":
            return "leave the second one out"
        case "falseSchema":
            return "leave it out"
        case "contains":
            return "add one that the schema asks for"
        case _:
            return _pattern_fix(node) or "write what the schema allows"


def _pattern_fix(node: Mapping[str, JsonValue]) -> str | None:
    pattern = text(node, "pattern")
    return f"write a text that matches {visible(pattern)}" if pattern else None


def _types(node: Mapping[str, JsonValue]) -> tuple[str, ...]:
    single = text(node, "type")
    return (single,) if single else texts(node, "type")


def _expected(node: Mapping[str, JsonValue]) -> str:
    options = node.get("enum")
    if isinstance(options, list) and options:
        return one_of(options)
    words = [_TYPES.get(name, name) for name in _types(node)]
    return " or ".join(words) or "a value"


def _count(number: JsonValue, unit: str) -> str:
    return f"{shown(number)} {unit}{'' if number == 1 else 's'}"


def _resolved(node: Mapping[str, JsonValue], schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    target = text(node, "$ref")
    return mapping(schema, *target.removeprefix("#/").split("/")) if target and target.startswith("#/") else node
