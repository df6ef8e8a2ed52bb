"""Entities of the nine kinds, and changes of one thing each: dropped, blanked, null, of another type, renamed."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping
from typing import Any

NAME = "x"
V1 = "backstage.io/v1alpha1"
FULL_META: Mapping[str, Any] = {
    "name": "some-name.v2_x",
    "namespace": "team-a",
    "uid": "e2f2fb8c-9b1a-4a9c-8c5b-1a2b3c4d5e6f",
    "etag": "ZjU2MWRkZWUtMmMxZS00YTZiLWFmMWMtOTE1NGNiZDdlYzNk",
    "title": "A title",
    "description": "What it is",
    "labels": {"example.com/service-tier": "gold", "system": "", "a_b.c-d": "x.y_z-1"},
    "annotations": {
        "example.com/source": "https://example.com/x?y=1#z",
        "note": "",
        "backstage.io/techdocs-ref": "dir:.",
    },
    "tags": ["java", "c++", "c#", "a:b", "web-2"],
    "links": [
        {"url": "https://example.com/a", "title": "A", "icon": "dashboard", "type": "admin"},
        {"url": "mailto:x@y.z"},
    ],
    "extra": {"anything": [1, True, None]},
}
SPECS: Mapping[str, Mapping[str, Any]] = {
    "Component": {
        "type": "service", "lifecycle": "production", "owner": "team", "system": "s", "subcomponentOf": "c",
        "providesApis": ["a"], "consumesApis": ["api:default/b"], "dependsOn": ["component:d", "resource:x/e"],
        "dependencyOf": ["component:f"],
    },
    "API": {"type": "openapi", "lifecycle": "beta", "owner": "team", "system": "s", "definition": "openapi: 3.0.0"},
    "Resource": {
        "type": "database", "owner": "team", "system": "s",
        "dependsOn": ["resource:y"], "dependencyOf": ["component:z"],
    },
    "System": {"owner": "team", "domain": "d", "type": "product"},
    "Domain": {"owner": "team", "subdomainOf": "e", "type": "area"},
    "Group": {
        "type": "team", "parent": "p", "children": ["c"], "members": ["ana"],
        "profile": {"displayName": "Team", "email": "team@example.com", "picture": "https://example.com/p.png"},
    },
    "User": {"memberOf": ["team"], "profile": {"displayName": "Ana", "email": "ana@example.com", "picture": "https://e/x"}},
    "Location": {"type": "url", "target": "./a.yaml", "targets": ["./b.yaml"], "presence": "required"},
    "Template": {
        "type": "service", "owner": "team", "lifecycle": "production",
        "parameters": [{"title": "T", "required": ["name"], "properties": {"name": {"type": "string"}}}],
        "steps": [
            {"id": "a", "name": "A", "action": "fetch:template", "if": "${{ parameters.x }}", "input": {"url": "."}},
            {"action": "debug:log", "each": [1, 2]},
        ],
        "output": {"links": [{"title": "A", "url": "https://example.com"}], "text": [{"title": "T", "content": "C"}]},
        "presentation": {"buttonLabels": {"backButtonText": "Back"}},
        "EXPERIMENTAL_recovery": {"EXPERIMENTAL_strategy": "none"},
        "EXPERIMENTAL_formDecorators": [{"id": "d", "input": {"a": 1}}],
    },
}  # fmt: skip
OTHERS: tuple[Any, ...] = (
    "",
    " ",
    "text",
    "a b",
    "A--b",
    "x" * 64,
    0,
    1,
    1.5,
    True,
    False,
    None,
    [],
    ["a"],
    [1],
    {},
    {"a": "b"},
)


def generated() -> Iterator[dict[str, Any]]:
    """Each kind with the least and with the most that it can have."""
    for kind, spec in SPECS.items():
        version = "scaffolder.backstage.io/v1beta3" if kind == "Template" else V1
        yield {"apiVersion": version, "kind": kind, "metadata": {"name": NAME}, "spec": dict(spec)}
        yield {"apiVersion": version, "kind": kind, "metadata": dict(FULL_META), "spec": dict(spec)}


def mutated(entity: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    """A copy with one node changed."""
    made: dict[str, Any] = copy.deepcopy(dict(entity))
    holder, step = rng.choice(list(_nodes(made)))
    change = rng.randrange(6)
    if change == 0:
        del holder[step]
    elif change == 1:
        holder[step] = rng.choice(("", " ", [], {}))
    elif change == 2:
        holder[step] = None
    elif change == 3:
        holder[step] = copy.deepcopy(rng.choice(OTHERS))
    elif change == 4 and isinstance(holder, dict):
        name = rng.choice((step + "x", step.upper(), step[:-1], "a b", "", "x/" + step, "other", step + "/y/z"))
        held = {name if key == step else key: value for key, value in holder.items()}
        holder.clear()
        holder.update(held)
    elif isinstance(holder[step], str):
        text = holder[step]
        at = rng.randrange(len(text) + 1)
        holder[step] = (
            text[:at] + rng.choice((" ", "\n", "-", "_", "/", ":", ".", "@", "\u00fc", "A", "#", "x" * 60)) + text[at:]
        )
    else:
        holder[step] = copy.deepcopy(rng.choice(OTHERS))
    return made


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for step, held in inner:
        yield value, step
        yield from _nodes(held)


def without_placeholders(value: Any) -> Any:
    """The value with a text in place of each object whose only key is $text, $json or $yaml."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in ("$text", "$json", "$yaml"):
            return "text"
        return {key: without_placeholders(held) for key, held in value.items()}
    return [without_placeholders(held) for held in value] if isinstance(value, list) else value
