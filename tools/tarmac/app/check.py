"""check: is the whole tree right?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tarmac.app.deps import Reading
from tarmac.app.load import Loaded, load
from tarmac.catalog.index import Catalog
from tarmac.errors import ConfigurationError
from tarmac.model.findings import Finding, Severity, in_order
from tarmac.model.trees import Source
from tarmac.rules import run
from tarmac.rules.settings import Settings


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: findings in their total order, and how much was read."""

    catalog: Catalog
    findings: tuple[Finding, ...]
    files: int
    documents: int

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def summary(self) -> Mapping[str, int]:
        """Counts: files read, documents, entities, and findings by severity."""
        counts = dict.fromkeys(Severity, 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        return {
            "files": self.files,
            "documents": self.documents,
            "entities": len(self.catalog.entities) + len(self.catalog.repeated),
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "infos": counts[Severity.INFO],
        }


def check(source: Source, reading: Reading, now: datetime) -> CheckResult:
    """Read a tree and judge it by its own policies.

    Raises:
        ConfigurationError: there is nothing to read: no verdict about nothing.
    """
    loaded = load(source, reading)
    return judge(loaded, loaded.catalog, reading, now)


def judge(loaded: Loaded, base: Catalog, reading: Reading, now: datetime) -> CheckResult:
    """Judge what was loaded by the policies of `base`.

    Raises:
        ConfigurationError: nothing was read.
    """
    if loaded.files == 0 and not loaded.findings:
        raise ConfigurationError(
            f"nothing to check: {loaded.catalog.revision} holds no YAML documents; name the root with --root"
        )
    settings = Settings(base=base, instant=now, expressions=reading.expressions, schemas=reading.schemas)
    return CheckResult(
        catalog=loaded.catalog,
        findings=in_order([*loaded.findings, *run(loaded.catalog, settings)]),
        files=loaded.files,
        documents=loaded.documents,
    )
