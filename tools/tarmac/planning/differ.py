"""Which fields of a wish differ from what is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.model.json_value import JsonValue, dig
from tarmac.model.ledger import Subject
from tarmac.model.plan import Change, Desired, Tags, canonical

# What only the ledger keeps: no provider has to be asked to change it.
LEDGER_ONLY = frozenset({"deletionProtection", "dependsOn", "file"})


def differences(desired: Desired, tags: Tags | None, known: Subject | None, config: JsonValue) -> tuple[Change, ...]:
    """Field by field, sorted by path. `tags` is what the instance carries, `known` what the ledger says of it (either
    may be missing), `config` what it was made with."""
    pairs: list[tuple[str, JsonValue, JsonValue]] = []
    if tags is not None:
        pairs += [
            ("costCentre", tags.cost_centre, desired.cost_centre),
            ("environment", tags.environment, desired.environment),
            ("owner", tags.owner, desired.owner),
            ("request", tags.reference, desired.request),
            ("type", tags.type, desired.type_text),
        ]
    if known is not None:
        pairs += [
            ("deletionProtection", known.protected, desired.protected),
            ("dependsOn", list(known.needs), list(desired.needs)),
            ("file", known.path, desired.path),
            ("for", known.service, desired.service),
            ("provider", known.provider, desired.provider),
        ]
    found = [Change(*pair) for pair in pairs if pair[1] != pair[2]]
    found += _deep("config", config, desired.config)
    return tuple(sorted(found, key=lambda change: change.path))


def drifted(changes: tuple[Change, ...], known: Subject | None) -> tuple[Change, ...]:
    """Of the changes those that nobody asked for: by the ledger the instance was made as it is wanted."""
    if known is None:
        return ()
    made: dict[str, JsonValue] = {
        "costCentre": known.cost_centre,
        "environment": known.environment,
        "owner": known.owner,
        "request": known.request,
        "type": known.type,
    }
    return tuple(
        change
        for change in changes
        if (change.path in made and made[change.path] == change.after)
        or (
            change.path.startswith("config.")
            and canonical(dig(known.config, *change.path.split(".")[1:])) == canonical(change.after)
        )
    )


def replacements(desired: Desired, changes: tuple[Change, ...]) -> tuple[str, ...]:
    """The paths among the changes that an instance cannot follow: another type, environment or provider, or a field
    that the type calls immutable. A new version of the same type is no such change."""
    fixed = tuple(f"config.{name}" for name in desired.immutable)
    return tuple(
        change.path
        for change in changes
        if change.path in ("environment", "provider")
        or (change.path == "type" and _type_name(change.before) != desired.type)
        or any(change.path == field or change.path.startswith(f"{field}.") for field in fixed)
    )


def _type_name(text: JsonValue) -> str:
    return text.partition("@")[0] if isinstance(text, str) else ""


def _deep(path: str, before: JsonValue, after: JsonValue) -> Iterator[Change]:
    # Mappings are compared key by key; lists as a whole, since their items have no names.
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            yield from _deep(f"{path}.{key}", before.get(key), after.get(key))
    elif not (_plainly_equal(before, after) or canonical(before) == canonical(after)):
        yield Change(path, before, after)


def _plainly_equal(before: JsonValue, after: JsonValue) -> bool:
    """Whether two values without parts are the same: == would take true for 1, or 1 for 1.0."""
    return type(before) is type(after) and isinstance(before, (str, int, type(None))) and before == after
