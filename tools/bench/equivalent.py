"""The schema of any document, arranged so that a peer runs it fast, with the same verdicts.

python-jsonschema pays for every `if`, and the schema as editors use it asks for each kind in turn. Here the kinds are
asked for in the order of how often they occur, and each only when those before it did not match.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

COMMON = ("ResourceRequest", "Component", "API", "SLO", "User", "Resource", "Group", "System", "Budget", "SLA")


def equivalent(folder: Path) -> Schema:
    """The schema of any document, from a folder as `tarmac schema --write` fills it.

    Raises:
        ValueError: the schema there does not choose by kind.
    """
    schema: Schema = json.loads((folder / "tarmac.schema.json").read_text("utf-8"))
    choices: list[Schema] = schema.pop("allOf", [])
    if not choices:
        raise ValueError("tarmac.schema.json does not choose by kind")
    tree: Schema = {}
    for choice in sorted(choices, key=_rank, reverse=True):
        step: Schema = {"if": {"properties": {"kind": _kind(choice)}}, "then": choice["then"]}
        tree = step | ({"else": tree} if tree else {})
    return schema | tree


def _kind(choice: Schema) -> Schema:
    kind: Schema = choice["if"]["properties"]["kind"]
    return kind


def _rank(choice: Schema) -> int:
    kind = _kind(choice)["const"]
    return COMMON.index(kind) if kind in COMMON else len(COMMON)
