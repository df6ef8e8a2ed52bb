"""Files that are plain YAML, and hostile in what they mean: schemas, patterns, expressions, references, file names."""

from __future__ import annotations

import os
from pathlib import Path

from tests.hostile.cases import ENTITY, HEAD, Case, files, put, text

TYPE = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: thing}
spec:
  owner: group:default/here
  category: database
  provider: embedded
  versions:
    - name: 1.0.0
      status: active
      schema: %s
  environments: {development: {ttl: {default: 7d, max: 30d}}}
"""
TEAM = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: here}
spec: {type: team, children: []}
"""
REQUEST = """\
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: mine}
spec:
  type: thing@1.0.0
  owner: group:default/here
  environment: development
  config: %s
  reason: because
"""
POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: p}
spec:
  severity: error
  match: {kinds: [Group]}
  require: '%s'
  message: "%s"
"""
PLATFORM = """\
apiVersion: tarmac/v1
kind: Platform
metadata: {name: here, uid: 6f0c1d52-8f0e-4d0e-9b58-5a5a3f2f4a11}
spec:
  organization: Here
  owner: group:default/here
  environments: [development]
  currency: EUR
  defaultTtl: 7d
  ignore: %s
"""
API = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: x}
spec:
  type: openapi
  lifecycle: production
  owner: group:default/here
  definition: {$text: %s}
"""


def _schema(name: str, schema: str, config: str = "{}") -> Case:
    contents = {
        "catalog/resource-types/thing.yaml": TYPE % schema,
        "requests/here/development/mine.yaml": REQUEST % config,
        "teams/here/team.yaml": TEAM,
    }
    return files(f"a schema {name}", **contents)


def _policy(name: str, require: str, message: str = "no") -> Case:
    contents = {"policies/p.yaml": POLICY % (require, message), "teams/here/team.yaml": TEAM}
    return files(f"an expression {name}", **contents)


def _definition(name: str, target: str) -> Case:
    return files(f"a definition {name}", **{"catalog/api.yaml": API % target, "teams/here/team.yaml": TEAM})


def _definition_behind_link(root: Path) -> None:
    put(root, TEAM, "teams/here/team.yaml")
    put(root, API % "./far/openapi.yaml", "catalog/api.yaml")
    put(root.parent / "outside", "openapi: 3.0.0\n", "openapi.yaml")
    (root / "catalog/far").symlink_to(root.parent / "outside", target_is_directory=True)


def _definition_is_a_pipe(root: Path) -> None:
    put(root, TEAM, "teams/here/team.yaml")
    put(root, API % "./pipe", "catalog/api.yaml")
    os.mkfifo(root / "catalog/pipe")


def _doubling(levels: int) -> str:
    steps = [f"d{n}: {{anyOf: [{{$ref: '#/$defs/d{n + 1}'}}, {{$ref: '#/$defs/d{n + 1}'}}]}}" for n in range(levels)]
    return "{$ref: '#/$defs/d0', $defs: {" + ", ".join(steps) + f", d{levels}: {{type: string}}}}}}"


CASES: tuple[Case, ...] = (
    _schema("that refers to itself", "{$ref: '#'}"),
    _schema("that refers to itself by way of another", "{$ref: '#/$defs/a', $defs: {a: {$ref: '#'}}}"),
    _schema("that lies elsewhere", "{$ref: 'http://127.0.0.1:9/x'}"),
    _schema("that lies in a file", "{$ref: 'file:///etc/passwd'}"),
    _schema("whose pattern backtracks", "{properties: {a: {pattern: '^(a+)+$'}}}", "{a: '" + "a" * 5_000 + "!'}"),
    _schema("whose pattern is huge", "{properties: {a: {pattern: '((x{900}){900}){900}'}}}", "{a: x}"),
    _schema("whose pattern is none", "{properties: {a: {pattern: '('}}}", "{a: x}"),
    _schema("that doubles at each level", _doubling(24)),
    _schema("with a bound beyond all numbers", "{properties: {a: {maximum: 1e308}}, minProperties: 9007199254740993}"),
    _policy("that loops over loops", ".".join(["[1,2,3,4,5,6,7,8,9]"] + [f"map(x{n}, " for n in range(3)])),
    _policy(
        "that never ends in time",
        "[0,1,2,3,4,5,6,7,8,9].all(a, " * 7 + "true" + ")" * 7,
    ),
    _policy("of 5,000 brackets", "(" * 5_000 + "true" + ")" * 5_000),
    _policy("of 20,000 terms", " && ".join(["true"] * 20_000)),
    _policy("of 50,000 minus signs", "-" * 50_000 + "1 == 1"),
    _policy("with a pattern that is huge", 'object.metadata.name.matches("((x{900}){900}){900}")'),
    _policy("that builds a huge text", "size([object.metadata.name].map(x, " * 1 + "x + x + x + x)) > 0"),
    _policy("whose message runs", "false", "{object.metadata.name} {{ __import__ }} {% x %}"),
    _policy("whose message is not closed", "false", "{object.metadata"),
    _definition("in the folder above the root", "../../etc/passwd"),
    _definition("by an absolute path", "/etc/passwd"),
    _definition("with a NUL in its name", '"a\\0b"'),
    _definition("by a name of 100,000 characters", "./" + "x" * 100_000),
    _definition("that is its own document", "./api.yaml"),
    _definition("that is a folder", "../catalog"),
    _definition("by a file address", "file:///etc/passwd"),
    Case("a definition behind a link to the outside", _definition_behind_link),
    Case("a definition that is a pipe", _definition_is_a_pipe),
    files(
        "globs of many stars",
        **{
            "policies/platform.yaml": PLATFORM % ("['" + "**/*a*a*a*/" * 60 + "*', '" + "*" * 5_000 + "b']"),
            "teams/here/team.yaml": TEAM,
            "catalog/" + "a" * 200 + "/" + "a" * 200 + ".yaml": ENTITY,
        },
    ),
    text("a name that clears the terminal", HEAD.replace("here", '"\\e[2J\\e]0;x\\a"') + "spec: {}\n"),
    text("a name that is Markdown", HEAD.replace("here", '"](javascript:x) <img src=x> | `y`"') + "spec: {}\n"),
    text("a name of 900,000 characters", lambda: HEAD.replace("here", "n" * 900_000) + "spec: {}\n"),
    text("a kind of 900,000 characters", lambda: ENTITY.replace("Location", "L" * 900_000)),
    text("a reference of 900,000 characters", lambda: TEAM.replace("children: []", f"children: [{'x' * 900_000}]")),
    text("a reference of 300,000 colons", lambda: TEAM.replace("children: []", f'children: ["{":" * 300_000}"]')),
    text("a reference with line feeds", TEAM.replace("children: []", 'children: ["group:default/a\\n\\nb"]')),
    text("a name of one lone dot", HEAD.replace("here", ".") + "spec: {}\n"),
    text("names of every script", HEAD.replace("here", "\u540d\u524d") + "spec: {}\n"),
)
