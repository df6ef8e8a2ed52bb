"""Cuts GitHub's OpenAPI description to the operations that the adapter uses, and takes its examples of their answers.

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
    PYTHONPATH=tools .venv/bin/python -m tests.github.slice package

Prose goes, and so do the answers that nobody reads here. What is written: `openapi.json` and `answers.json`, with the
version of the package in both.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_REPO = "/repos/{owner}/{repo}"
OPERATIONS: dict[str, tuple[str, ...]] = {
    "/app": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/user": ("get",),
    f"{_REPO}/check-runs": ("post",),
    f"{_REPO}/check-runs/{{check_run_id}}": ("patch",),
    f"{_REPO}/commits/{{commit_sha}}/pulls": ("get",),
    f"{_REPO}/installation": ("get",),
    f"{_REPO}/issues/comments/{{comment_id}}": ("patch",),
    f"{_REPO}/issues/{{issue_number}}/comments": ("get", "post"),
    f"{_REPO}/issues/{{issue_number}}/labels": ("get", "post"),
    f"{_REPO}/issues/{{issue_number}}/labels/{{name}}": ("delete",),
    f"{_REPO}/pulls": ("get",),
    f"{_REPO}/pulls/{{pull_number}}": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/commits": ("get",),
    f"{_REPO}/pulls/{{pull_number}}/requested_reviewers": ("get", "post"),
    f"{_REPO}/pulls/{{pull_number}}/reviews": ("get",),
    f"{_REPO}/rulesets": ("post",),
    f"{_REPO}/teams": ("get",),
}
_PROSE = ("description", "summary", "title", "externalDocs", "example", "examples", "tags", "deprecated")
# Under these the keys are names of things, not words of OpenAPI.
_NAMES = ("properties", "responses", "schemas", "parameters", "headers", "paths", "patternProperties")


def bare(node: Any, names: bool = False) -> Any:
    """The description without its prose."""
    if isinstance(node, list):
        return [bare(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = node if names else {key: one for key, one in node.items() if key not in _PROSE and not key.startswith("x-")}
    return {key: bare(one, not names and key in _NAMES and isinstance(one, dict)) for key, one in kept.items()}


def referred(node: Any) -> Iterator[str]:
    """What a part of the description refers to, itself aside."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for one in node.values():
            yield from referred(one)
    elif isinstance(node, list):
        for one in node:
            yield from referred(one)


def at(whole: Any, reference: str) -> Any:
    """What a reference within the description means."""
    for part in reference.removeprefix("#/").split("/"):
        whole = whole[part.replace("~1", "/").replace("~0", "~")]
    return whole


def operation(found: Any) -> Any:
    """An operation with only its good answers."""
    good = {status: one for status, one in found["responses"].items() if status[0] == "2"}
    return found | {"responses": good}


def sliced(whole: Any, version: str) -> Any:
    """The description of the operations, with whatever they refer to."""
    paths = {
        path: {"parameters": whole["paths"][path].get("parameters", [])}
        | {method: operation(whole["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    result: Any = {
        "openapi": whole["openapi"],
        "info": {"title": "GitHub", "version": f"@octokit/openapi {version}"},
        "servers": [{"url": "https://api.github.com"}],
        "paths": bare(paths, True),
        "components": {},
    }
    waiting, seen = list(referred(result)), set()
    for path, methods in OPERATIONS.items():
        for method in methods:
            for answer in result["paths"][path][method]["responses"].values():
                # The one text that OpenAPI asks for.
                answer["description"] = ""
    while waiting:
        reference = waiting.pop()
        if reference in seen:
            continue
        seen.add(reference)
        _, room, name = reference.removeprefix("#/").split("/", 2)
        part = bare(at(whole, reference))
        result["components"].setdefault(room, {})[name] = part
        waiting += referred(part)
    return result


def filled(whole: Any, schema: Any, value: Any) -> Any:
    """An example with what its own schema requires and GitHub has forgotten in it, as empty as may be."""
    if "$ref" in schema:
        return filled(whole, at(whole, schema["$ref"]), value)
    for one in (*schema.get("allOf", []), *schema.get("oneOf", [])[:1]):
        value = filled(whole, one, value)
    if "discriminator" in schema:
        told, first = schema["discriminator"], schema["oneOf"][0]["$ref"]
        value |= {told["propertyName"]: next(name for name, ref in told["mapping"].items() if ref == first)}
    parts = schema.get("properties", {})
    if isinstance(value, dict):
        missing = {key: empty(whole, parts.get(key, {})) for key in schema.get("required", []) if key not in value}
        value = value | missing
        return {key: filled(whole, parts[key], one) if key in parts else one for key, one in value.items()}
    if isinstance(value, list) and "items" in schema:
        return [filled(whole, schema["items"], one) for one in value]
    return value


def empty(whole: Any, schema: Any) -> Any:
    """The least that a schema takes."""
    if "$ref" in schema:
        return empty(whole, at(whole, schema["$ref"]))
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    for one in schema.get("oneOf", schema.get("anyOf", [])):
        return empty(whole, one)
    kind = schema.get("type", "object")
    least: Any = {"string": "", "integer": 1, "number": 1, "boolean": False, "array": []}.get(kind, {})
    return filled(whole, schema, least)


def answers(whole: Any, version: str) -> Any:
    """One of GitHub's own examples for each operation's answer, by method and path."""
    found: dict[str, Any] = {"version": f"@octokit/openapi {version}"}
    for path, methods in OPERATIONS.items():
        for method in methods:
            for status, answer in operation(whole["paths"][path][method])["responses"].items():
                content = answer.get("content", {}).get("application/json", {})
                for example in list(content.get("examples", {}).values())[:1]:
                    value = at(whole, example["$ref"]) if "$ref" in example else example
                    found[f"{method.upper()} {path} {status}"] = filled(whole, content["schema"], value["value"])
    return found


def main(package: Path) -> None:
    """Write both files."""
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    whole = json.loads((package / "generated/api.github.com.json").read_text("utf-8"))
    for name, made in (("openapi.json", sliced(whole, version)), ("answers.json", answers(whole, version))):
        (HERE / name).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
