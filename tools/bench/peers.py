"""The peers: installed by the bench itself, at the versions of its lock files, and the commands that drive them."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.equivalent import equivalent
from bench.measure import Subject, batches

HERE = Path(__file__).resolve().parent
RECIPES = HERE / "peers"
SCHEMAS = HERE.parent / "schemas"
UV = Path(sys.executable).with_name("uv")

_NODE_FILES = ("package.json", "package-lock.json", "catalog_model.mjs")


@dataclass(frozen=True, slots=True)
class Peers:
    """Where the peers are: a folder of Python programs, one of node packages, and the schema for check-jsonschema."""

    programs: Path
    node: Path
    schema: Path


def install(into: Path) -> Peers:
    """Install what is missing or of another version.

    Raises:
        FileNotFoundError: uv, node or npm is not there.
        subprocess.CalledProcessError: an installation failed.
    """
    into.mkdir(parents=True, exist_ok=True)
    python, node = into / "python", into / "node"
    lock = RECIPES / "requirements.lock"
    if not _fresh(python, [lock]):
        _run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, python], into)
        sync: list[str | Path] = [UV, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"]
        _run([*sync, "--python", python / "bin" / "python", lock], into)
        _stamp(python, [lock])
    recipe = [RECIPES / name for name in _NODE_FILES]
    if not _fresh(node, recipe):
        shutil.rmtree(node, ignore_errors=True)
        node.mkdir()
        for file in recipe:
            shutil.copy(file, node)
        _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], node)
        _stamp(node, recipe)
    schema = into / "equivalent.schema.json"
    schema.write_text(json.dumps(equivalent(SCHEMAS)), "utf-8")
    return Peers(python / "bin", node, schema)


def subjects(peers: Peers, repository: Path, files: Sequence[str]) -> tuple[Subject, ...]:
    """Every peer over the files of a repository, each with the options that make it do what a repository needs.

    yamllint and check-yaml find fault with shipped files (long lines; a colon in brackets, which the C extension's old
    libyaml refuses).
    """
    listed = peers.node / "files.txt"
    listed.write_text("\n".join(files), "utf-8")
    validate = (str(peers.programs / "check-jsonschema"), "--schemafile", str(peers.schema))
    load = (str(peers.programs / "check-yaml"), "--allow-multiple-documents")
    lint = (str(peers.programs / "yamllint"), "--config-data", "extends: default")
    model = ("node", str(peers.node / "catalog_model.mjs"), str(listed))
    return (
        Subject("check-jsonschema", batches(validate, files), repository),
        Subject("@backstage/catalog-model", (model,), repository),
        Subject("check-yaml", batches(load, files), repository, accept=(0, 1)),
        Subject("yamllint", batches(lint, files), repository, accept=(0, 1)),
    )


def versions() -> Mapping[str, str]:
    """What is measured against, by name.

    Raises:
        KeyError: a lock file does not hold a peer.
    """
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (RECIPES / "requirements.lock").read_text("utf-8"), re.MULTILINE))
    packages = json.loads((RECIPES / "package-lock.json").read_text("utf-8"))["packages"]
    python = ("check-jsonschema", "pre-commit-hooks", "yamllint", "ruamel-yaml", "ruamel-yaml-clib", "pyyaml")
    node = ("@backstage/catalog-model", "yaml")
    return (
        {name: locked[name] for name in python}
        | {f"{name} (npm)": packages[f"node_modules/{name}"]["version"] for name in node}
        | {"node": _said("node", "--version").removeprefix("v"), "Python": sys.version.split()[0]}
        | {"git": _said("git", "--version").removeprefix("git version ")}
    )


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _run(command: Sequence[str | Path], folder: Path) -> None:
    subprocess.run([str(part) for part in command], cwd=folder, check=True, stdin=subprocess.DEVNULL)


def _digest(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"\0".join([*(file.read_bytes() for file in files), sys.version.encode()])).hexdigest()


def _fresh(folder: Path, files: Sequence[Path]) -> bool:
    stamp = folder / ".stamp"
    return stamp.is_file() and stamp.read_text("utf-8") == _digest(files)


def _stamp(folder: Path, files: Sequence[Path]) -> None:
    (folder / ".stamp").write_text(_digest(files), "utf-8")
