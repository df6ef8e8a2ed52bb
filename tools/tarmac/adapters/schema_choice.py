"""Which of several alternatives a value was meant to be, so that a person hears of that one's faults and no other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from tarmac.model.json_value import JsonValue, Path, mapping, text, texts
from tarmac.model.json_value import items as list_items
from tarmac.model.schemas import SchemaProblem
from tarmac.model.shown import a_kind_of, nearest, one_of, shown, where

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_NAMES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}


def choose(
    error: ValidationError,
    schema: Mapping[str, JsonValue],
    node: Mapping[str, JsonValue],
    here: JsonValue,
    path: Path,
    at: Path,
) -> tuple[Sequence[ValidationError], tuple[SchemaProblem, ...]]:
    """The faults of the branch that was meant, and problems that are nobody's but the choice's own."""
    keyword = error.kind.name
    branches = [_resolved(branch, schema) for branch in list_items(node, keyword)]
    sets = _field_sets(branches)
    if sets and isinstance(here, Mapping):
        return (), (_fields(path, keyword, sets, here),)
    context = list(getattr(error.kind, "context", ()))
    if len(context) != len(branches):
        context = [[] for _ in branches]
    fitting = [index for index in range(len(branches)) if not _other_type(context[index], path[len(at) :])]
    if not fitting:
        return (), (_no_type(path, keyword, branches, here),)
    if isinstance(here, Mapping):
        told = _by_tag(path, [branches[index] for index in fitting], here)
        if isinstance(told, SchemaProblem):
            return (), (told,)
        fitting = [fitting[index] for index in told]
    best = max(fitting, key=lambda index: (_score(branches[index], here), -index))
    if context[best]:
        return context[best], ()
    words = f"{where(path)} fits more than one of the forms that are allowed here, or none"
    return (), (SchemaProblem(path, keyword, words, "write one of the forms that the schema describes"),)


def _field_sets(branches: Sequence[Mapping[str, JsonValue]]) -> list[tuple[str, ...]]:
    """The fields that each branch requires, where branches do no more than that."""
    return [texts(branch, "required") for branch in branches if set(branch) == {"required"}]


def _fields(path: Path, keyword: str, sets: Sequence[tuple[str, ...]], here: Mapping[str, JsonValue]) -> SchemaProblem:
    there = [names for names in sets if all(name in here for name in names)]
    choices = " or ".join(" and ".join(names) for names in sets)
    if len(there) < 2:
        begun = next((names for names in sets if any(name in here for name in names)), None)
        lacking = [name for name in begun or () if name not in here]
        needs = " and ".join(lacking) if begun and lacking else choices
        return SchemaProblem(path, keyword, f"{where(path)} lacks {needs}", f"add {needs}", missing=needs)
    first, second = there[0], there[1]
    extra = next((name for name in second if name not in first), second[0])
    words = f"{where(path)} has both {first[0]} and {extra}, and only one of them may stand"
    return SchemaProblem((*path, extra), keyword, words, f"write either {choices}", at_key=True)


def _other_type(faults: Sequence[ValidationError], path: Path) -> bool:
    return any(fault.kind.name == "type" and tuple(fault.instance_path) == path for fault in faults)


def _no_type(path: Path, keyword: str, branches: Sequence[Mapping[str, JsonValue]], here: JsonValue) -> SchemaProblem:
    names = list(dict.fromkeys(_NAMES.get(name, name) for branch in branches for name in _types(branch)))
    expected = one_of(names) if names else "something else"
    if here is None:
        return SchemaProblem(path, keyword, f"{where(path)} has no value", f"write {expected}, or leave it out")
    return SchemaProblem(
        path, keyword, f"{where(path)} is {a_kind_of(here)}, and must be {expected}", f"write {expected}"
    )


def _by_tag(
    path: Path, branches: Sequence[Mapping[str, JsonValue]], here: Mapping[str, JsonValue]
) -> tuple[int, ...] | SchemaProblem:
    """The branches that the value of a field which tells them apart points to, or what is wrong with that field."""
    for name in mapping(branches[0], "properties"):
        choices = [_constants(mapping(branch, "properties", name)) for branch in branches]
        if len(branches) < 2 or not all(choices) or len({str(choice) for choice in choices}) < 2:
            continue
        everything = list(dict.fromkeys(value for choice in choices for value in choice))
        if name not in here:
            words = f"{where(path)} lacks {name}"
            return SchemaProblem(path, "required", words, f"add {name}: {one_of(everything)}", missing=name)
        told = tuple(index for index, choice in enumerate(choices) if here[name] in choice)
        if not told:
            return wrong_choice((*path, name), "enum", everything, here[name])
        return told
    return tuple(range(len(branches)))


def wrong_choice(path: Path, keyword: str, choices: Sequence[JsonValue], here: JsonValue) -> SchemaProblem:
    """A value that is none of the choices."""
    near = nearest(here, [item for item in choices if isinstance(item, str)]) if isinstance(here, str) else None
    must = f"must be {one_of(choices)}" if choices else "can have no value"
    message = f"{where(path)} is {shown(here)}, and {must}" + (f"; did you mean {near}?" if near else "")
    fix = f"write {near or one_of(choices)}" if choices else "leave it out"
    if not isinstance(here, str) and shown(here) in choices:
        fix = f'write it in quotes: "{shown(here)}"'
    return SchemaProblem(path, keyword, message, fix)


def _constants(node: Mapping[str, JsonValue]) -> tuple[JsonValue, ...]:
    if "const" in node:
        return (node["const"],)
    return tuple(value for value in list_items(node, "enum") if not isinstance(value, (Mapping, list)))


def _score(branch: Mapping[str, JsonValue], here: JsonValue) -> int:
    if not isinstance(here, Mapping):
        return 0
    known = mapping(branch, "properties")
    return sum(1 if key in known else -1 for key in here) - sum(key not in here for key in texts(branch, "required"))


def _types(node: Mapping[str, JsonValue]) -> Iterator[str]:
    single = text(node, "type")
    yield from (single,) if single else texts(node, "type")


def _resolved(node: JsonValue, schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    target = text(node, "$ref")
    if target and target.startswith("#/"):
        return mapping(schema, *target.removeprefix("#/").split("/"))
    return mapping(node)
