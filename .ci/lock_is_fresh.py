"""Compare pyproject.toml with the lock files, offline.

Every declared requirement must be pinned to a version inside its bounds, every pin must carry a hash, and
what the runtime lock pins the development lock must pin alike. Exit 1 with a line per fault; `make lock`
mends them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")


def pins(text: str) -> Mapping[str, str]:
    """Read a requirements lock: canonical package name -> pinned version."""
    matches = (PIN.match(line) for line in text.splitlines())
    return {canonicalize_name(m["name"]): m["version"] for m in matches if m}


def unhashed(text: str) -> Iterator[str]:
    """Name the pins that no `--hash=` line follows."""
    current, hashed = "", True
    for line in text.splitlines():
        match = PIN.match(line)
        if match:
            if not hashed:
                yield current
            current, hashed = match["name"], False
        hashed = hashed or "--hash=sha256:" in line
    if not hashed:
        yield current


# Groups with locks of their own; every other is part of the development lock.
APART = {"aws-test": "requirements-aws-test.lock", "fuzz": "requirements-fuzz.lock"}


def requirements(project: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the declared requirements: those of the package, and those of its build and development."""
    groups = [group for name, group in project["dependency-groups"].items() if name not in APART]
    extra = (*project["build-system"]["requires"], *(item for group in groups for item in group))
    return tuple(project["project"]["dependencies"]), extra


def faults(project: Mapping[str, Any], runtime: str, development: str, apart: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong between the project table and the lock texts, one sentence each.

    `apart` are the texts of the locks of groups of their own, by name of the group.
    """
    declared, extra = requirements(project)
    runtime_pins, development_pins = pins(runtime), pins(development)
    groups = project["dependency-groups"]
    for name, locked, wanted in (
        ("requirements.lock", runtime_pins, declared),
        ("requirements-dev.lock", development_pins, (*declared, *extra)),
        *((APART[group], pins(text), groups[group]) for group, text in apart.items()),
    ):
        for requirement in map(Requirement, wanted):
            version = locked.get(canonicalize_name(requirement.name))
            if version is None:
                yield f"{name}: {requirement.name} is not pinned"
            elif not requirement.specifier.contains(version, prereleases=True):
                yield f"{name}: {requirement.name} {version} is outside of {requirement.specifier}"
    for package, version in runtime_pins.items():
        if development_pins.get(package) != version:
            yield f"requirements-dev.lock: {package} is not at {version} as in requirements.lock"
    texts = {"requirements.lock": runtime, "requirements-dev.lock": development}
    for name, text in (*texts.items(), *((APART[group], text) for group, text in apart.items())):
        yield from (f"{name}: {package} has no hash" for package in unhashed(text))


def main() -> int:
    """Check the locks of this repository; 0 when fresh, 1 when not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime = (ROOT / "requirements.lock").read_text("utf-8")
    development = (ROOT / "requirements-dev.lock").read_text("utf-8")
    apart = {group: (ROOT / name).read_text("utf-8") for group, name in APART.items()}
    found = tuple(faults(project, runtime, development, apart))
    for fault in found:
        print(fault)
    print("Run `make lock`." if found else "The lock files are fresh.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
