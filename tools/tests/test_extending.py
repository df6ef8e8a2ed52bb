"""One place to add a thing: a dummy of each, in a copy of the package, with the lines counted that it edits."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent

RULE = '''\
"""A dummy: nothing may be called dummy.

Wrong: a group called dummy. Right: any other name.
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.index import Catalog
from tarmac.model.findings import Finding, Severity
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings


def check(catalog: Catalog, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("group"):
        if entity.name == "dummy":
            yield error("dummy-name", entity, entity.place("metadata", "name"), "this is called dummy", "call it else")


RULE = Rule("dummy-name", Severity.ERROR, __doc__, check)
'''

REPORT = '''\
"""A dummy: how many findings there are."""

from __future__ import annotations

from tarmac.reports.report import ReportInput


def report(given: ReportInput) -> str:
    """The number in a sentence."""
    return f"dummy format says {len(given.findings)}\\n"
'''

KIND = '''\
"""Dummy: a kind that refers to a team."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import Model, RefTo
from tarmac.model.entity_meta import TarmacKind


class DummySpec(Model):
    """What a dummy says."""

    team: Annotated[str, RefTo("group", ("group",))]
    """Whose dummy it is."""


class Dummy(TarmacKind):
    """A kind that refers to a team."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Dummy"]
    spec: DummySpec
    """What it says."""
'''

PROVIDER = '''\
"""A dummy: the embedded provider under another name."""

from __future__ import annotations

from tarmac.providers.base import ProviderSettings
from tarmac.providers.embedded import Embedded
from tarmac.providers.embedded_store import Store


class Dummy(Embedded):
    """See the module."""

    @property
    def name(self) -> str:
        return "dummy"


def open_dummy(settings: ProviderSettings) -> Dummy:
    """The provider over its folder."""
    settings.only()
    return Dummy(settings.platform, Store(settings.folder))
'''

GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: dummy}
spec: {type: team, children: []}
"""
DOCUMENT = """\
apiVersion: tarmac/v1
kind: Dummy
metadata: {name: one}
spec: {team: dumy}
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the tool's source, and a small repository to use it on."""

    tools: Path
    untouched: Path
    repository: Path

    def tarmac(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._python("-m", "tarmac", *arguments)

    def pytest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._python("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.tools), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.tools.parent, env=environment, capture_output=True, text=True, check=False
        )

    def edited(self) -> Mapping[str, int]:
        """Lines changed or added in files that were there before, generated files apart."""
        counts = {}
        for before in sorted(self.untouched.rglob("*.py")):
            path = before.relative_to(self.untouched)
            after = self.tools / path
            if before.read_bytes() == after.read_bytes():
                continue
            lines = difflib.ndiff(before.read_text("utf-8").splitlines(), after.read_text("utf-8").splitlines())
            counts[str(path)] = sum(1 for line in lines if line.startswith(("+ ", "- ")))
        return counts

    def check(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.tarmac("check", "--root", str(self.repository), *arguments)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    project = tmp_path / "project"
    ignore = shutil.ignore_patterns("__pycache__", "repos", "hostile", "fuzz", "oracle")
    for folder in ("tarmac", "schemas", "tests"):
        shutil.copytree(TOOLS / folder, project / "tools" / folder, ignore=ignore)
    shutil.copy(TOOLS.parent / "pyproject.toml", project)
    untouched = tmp_path / "untouched"
    shutil.copytree(project / "tools", untouched)
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "dummy.yaml").write_text(GROUP, encoding="utf-8")
    return Copy(project / "tools", untouched, repository)


def add_line(path: Path, after: str, line: str) -> None:
    """Put a line behind the one that holds `after`."""
    text = path.read_text("utf-8")
    start = text.index(after)
    end = text.index("\n", start) + 1
    path.write_text(text[:end] + line + "\n" + text[end:], encoding="utf-8")


def rule(copy: Copy) -> None:
    (copy.tools / "tarmac/rules/dummy_name.py").write_text(RULE, encoding="utf-8")
    add_line(copy.tools / "tarmac/rules/__init__.py", '"cycle",', '    "dummy-name",')
    found = json.loads(copy.check("--format", "json").stdout)["findings"]
    assert [(finding["rule"], finding["line"], finding["column"]) for finding in found] == [("dummy-name", 3, 18)]


def report(copy: Copy) -> None:
    (copy.tools / "tarmac/reports/dummy.py").write_text(REPORT, encoding="utf-8")
    add_line(copy.tools / "tarmac/reports/__init__.py", '"json": "json",', '        "dummy": "dummy",')
    assert copy.check("--format", "dummy").stdout == "dummy format says 0\n"


def kind(copy: Copy) -> None:
    (copy.tools / "tarmac/model/dummy.py").write_text(KIND, encoding="utf-8")
    example = copy.tools / "tests/examples/dummy.yaml"
    example.write_text(DOCUMENT, encoding="utf-8")
    add_line(copy.tools / "tarmac/model/__init__.py", '"SLA":', '    "Dummy": "tarmac.model.dummy:Dummy",')
    written = copy.tarmac("schema", "--write")
    assert written.returncode == 0, written.stderr
    shutil.copy(example, copy.repository / "one.yaml")
    found = json.loads(copy.check("--format", "json").stdout)["findings"]
    assert [(finding["rule"], finding["entity"]) for finding in found] == [("unknown-reference", "dummy:default/one")]
    assert "dummy" in found[0]["fix"]


def provider(copy: Copy) -> None:
    (copy.tools / "tarmac/providers/dummy.py").write_text(PROVIDER, encoding="utf-8")
    add_line(
        copy.tools / "tarmac/providers/__init__.py",
        '"embedded": "tarmac',
        '        "dummy": "tarmac.providers.dummy:open_dummy",',
    )
    suite = copy.pytest("tools/tests/contract/test_providers.py", "-k", "dummy")
    assert suite.returncode == 0, suite.stdout
    assert "passed" in suite.stdout


@pytest.mark.parametrize(
    "add",
    [rule, report, kind, pytest.param(provider, marks=pytest.mark.long)],
    ids=["rule", "report", "kind", "provider"],
)
def test_a_new_thing_is_a_file_and_one_line(copy: Copy, add: Callable[[Copy], None]) -> None:
    assert copy.edited() == {}
    add(copy)
    edited = copy.edited()
    assert list(edited.values()) == [1], edited
    (path,) = edited
    assert path.endswith("__init__.py")


def test_a_new_resource_type_and_policy_are_yaml_and_nothing_else(copy: Copy) -> None:
    (copy.repository / "policies").mkdir()
    (copy.repository / "policies/policy.yaml").write_text(
        "apiVersion: tarmac/v1\n"
        "kind: Policy\n"
        "metadata: {name: no-dummies}\n"
        "spec:\n"
        "  severity: warning\n"
        "  match: {kinds: [Group]}\n"
        '  require: object.metadata.name != "dummy"\n'
        '  message: "{object.metadata.name} is no name for a team"\n'
        "  tests:\n"
        "    - {name: other, object: {metadata: {name: other}}, expect: pass}\n"
        "    - {name: dummy, object: {metadata: {name: dummy}}, expect: fail}\n",
        encoding="utf-8",
    )
    found = json.loads(copy.check("--format", "json").stdout)["findings"]
    assert ("no-dummies", "dummy is no name for a team") in [(one["rule"], one["message"]) for one in found]
    assert copy.edited() == {}
