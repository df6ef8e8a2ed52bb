"""The questions that a resource type asks, from its JSON Schema, and what an answer in words means as a value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tarmac.app.deps import Reading
from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import TypeVersion, versions
from tarmac.errors import UsageError
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, items, mapping, text, texts
from tarmac.model.shown import visible
from tarmac.model.suggested import suggestion

# Longer than any number that a schema would take; int() of a million digits is slow.
_LONGEST_NUMBER = 40


class Question(Frozen):
    """One field of `spec.config`. `default` is None where there is none; `choices` are the values of an enum."""

    key: str
    help: str
    schema: Mapping[str, JsonValue]
    required: bool
    default: JsonValue
    choices: tuple[JsonValue, ...]

    @property
    def bounds(self) -> str:
        """What may be answered, in words."""
        if self.choices:
            return " | ".join(words(choice) for choice in self.choices)
        low, high = self.schema.get("minimum"), self.schema.get("maximum")
        if low is not None or high is not None:
            return f"{'' if low is None else low}..{'' if high is None else high}"
        return {"boolean": "true | false", "array": "values with commas between"}.get(self.type, self.type)

    @property
    def type(self) -> str:
        return text(self.schema, "type") or ""


def find_type(catalog: Catalog, name: str) -> tuple[Entity, TypeVersion]:
    """The resource type, and its newest active version, or the one that `name@version` asks for.

    Raises:
        UsageError: there is none of that name, or no such version, or no active one.
    """
    wanted, _, version = name.partition("@")
    entity = catalog.get(wanted, default_kind="resourcetype") if wanted else None
    if entity is None or entity.kind != "ResourceType":
        known = [found.name for found in catalog.of_kind("resourcetype")]
        near = suggestion(wanted, known)
        every = f": choose one of {', '.join(sorted(known))}" if known else ", nor any other: name the root with --root"
        hint = f"; did you mean {near}?" if near else every
        raise UsageError(f"there is no resource type {visible(wanted)!r}{hint}")
    found = [one for one in versions(entity) if (one.name == version if version else one.status == "active")]
    if not found:
        known = [f"{one.name} ({one.status})" for one in versions(entity)]
        wanted = f"version {visible(version)}" if version else "active version"
        raise UsageError(f"{entity.name} has no {wanted}: it has {', '.join(map(visible, known)) or 'none at all'}")
    return entity, max(found, key=_number)


def questions(version: TypeVersion) -> tuple[Question, ...]:
    """Every property of the config, required ones first, otherwise in the order of the schema."""
    required = texts(version.schema, "required")
    found = [
        Question(
            key=key,
            help=text(schema, "description") or "",
            schema=mapping(schema),
            required=key in required,
            default=mapping(schema).get("default"),
            choices=tuple(items(schema, "enum")),
        )
        for key, schema in mapping(version.schema, "properties").items()
    ]
    return tuple(sorted(found, key=lambda question: not question.required))


def value_of(question: Question, answer: str, reading: Reading) -> JsonValue:
    """What a person's text means for this field.

    Raises:
        UsageError: it means nothing here; the message says what would.
    """
    value = _meant(question, answer.strip())
    # As a field of a config, so that what is said names the field.
    around: Mapping[str, JsonValue] = {"type": "object", "properties": {question.key: question.schema}}
    problems = reading.schemas.problems(around, {question.key: value})
    if problems:
        said = "; ".join(problem.message for problem in problems[:3])
        raise UsageError(
            f"{question.key}: {said} ({question.bounds})" if question.bounds else f"{question.key}: {said}"
        )
    return value


def assignments(pairs: Sequence[str], version: TypeVersion, reading: Reading) -> Mapping[str, JsonValue]:
    """`--set key=value`, each by its question.

    Raises:
        UsageError: no such field, given twice, or no value for it.
    """
    asked = {question.key: question for question in questions(version)}
    found: dict[str, JsonValue] = {}
    for pair in pairs:
        key, equals, answer = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {visible(pair)!r}: write key=value")
        if key not in asked:
            near = suggestion(key, asked)
            hint = f"; did you mean {near}?" if near else f": it has {', '.join(asked) or 'none'}"
            raise UsageError(f"--set {visible(key)}: {version.entity.name} has no such field{hint}")
        if key in found:
            raise UsageError(f"--set {key} is given twice")
        found[key] = value_of(asked[key], answer, reading)
    return found


def words(value: JsonValue) -> str:
    """A value as a person would type it."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and value and all(isinstance(item, str) and _stands_alone(item) for item in value):
        return ",".join(str(item) for item in value)
    return json.dumps(value)


def _stands_alone(item: str) -> bool:
    """Whether the item can be typed between commas, and is read back as it was."""
    return bool(item) and item == item.strip() and "," not in item and not item.startswith("[")


def _meant(question: Question, answer: str) -> JsonValue:
    for choice in question.choices:
        if answer == words(choice):
            return choice
    match question.type:
        case "boolean":
            said = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}.get(answer.lower())
            if said is None:
                raise UsageError(f"{question.key}: {visible(answer)!r} is neither true nor false")
            return said
        case "integer" | "number":
            return _quantity(question, answer)
        case "array" if not answer.startswith("["):
            each = Question(question.key, "", mapping(question.schema, "items"), False, None, ())
            return [_meant(each, item.strip()) for item in answer.split(",") if item.strip()]
        case "array" | "object":
            try:
                found: JsonValue = json.loads(answer)
            except (ValueError, RecursionError):
                raise UsageError(f"{question.key}: {visible(answer[:40])!r} is no JSON {question.type}") from None
            return found
    return answer


def _quantity(question: Question, answer: str) -> JsonValue:
    try:
        if len(answer) > _LONGEST_NUMBER:
            raise ValueError
        return int(answer) if question.type == "integer" else float(answer)
    except ValueError:
        raise UsageError(f"{question.key}: {visible(answer[:40])!r} is no {question.type}") from None


def _number(version: TypeVersion) -> tuple[tuple[int, ...], int]:
    parts = version.name.split(".")
    whole = all(part.isascii() and part.isdigit() and len(part) < _LONGEST_NUMBER for part in parts)
    return (tuple(int(part) for part in parts) if whole else (), -version.index)
