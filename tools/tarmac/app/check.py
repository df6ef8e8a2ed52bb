"""check: is the whole tree right?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tarmac.app.load import Loaded, is_policy_tests, load
from tarmac.errors import ConfigurationError
from tarmac.model.findings import Finding, Severity, fingerprints, in_order
from tarmac.model.frozen import Frozen, replace
from tarmac.rules import Judgement
from tarmac.rules import judge as judge_by_rules
from tarmac.rules.settings import Holds, Settings

if TYPE_CHECKING:
    from tarmac.app.ages import History
    from tarmac.app.deps import Reading
    from tarmac.catalog.view import CatalogView
    from tarmac.model.ages import Ages, Aging
    from tarmac.model.trees import Source
    from tarmac.rules.exemption import Exempted


class CheckResult(Frozen):
    """What a check found: findings in their total order, and how much was read.

    `known` counts findings that are left out because they were there before a change, None where no change was asked
    for. `exempted` are findings that exemptions took off.
    """

    catalog: CatalogView
    findings: tuple[Finding, ...]
    files: int
    documents: int
    entities: int
    exempted: tuple[Exempted, ...] = ()
    known: int | None = None

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def summary(self) -> Mapping[str, int]:
        """Counts: files, documents, entities, findings by severity, exempted ones, and those that were there before."""
        counts = dict.fromkeys(Severity, 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        return {
            "files": self.files,
            "documents": self.documents,
            "entities": self.entities,
            "errors": counts[Severity.ERROR],
            "warnings": counts[Severity.WARNING],
            "infos": counts[Severity.INFO],
            "exempted": len(self.exempted),
        } | ({} if self.known is None else {"known": self.known})


def check(source: Source, reading: Reading, now: datetime, history: History | None = None) -> CheckResult:
    """Read a tree and judge it by its own policies; say too when its CODEOWNERS file is stale. `history` tells when
    files were changed, if one of the policies asks.

    Raises:
        ConfigurationError: there is nothing to read: no verdict about nothing.
        GitError: git fails to tell its history.
    """
    from tarmac.app.ages import ages_for
    from tarmac.rules.policy import early

    telling = early(reading.expressions, reading.gate.kinds)
    loaded = load(source, reading, hear=telling.hear)
    ages = ages_for(loaded.catalog, history)
    if ages is not None and loaded.catalog.in_turns:
        ages = ages.within(entry.path for entry in loaded.entries)
    settings = replace(settings_of(loaded.catalog, reading, now, ages), early=telling)
    result = judged(loaded, settings)
    return with_what_is_no_document(result, source, loaded, reading)


def with_what_is_no_document(result: CheckResult, source: Source, loaded: Loaded, reading: Reading) -> CheckResult:
    """The same, with what is to say of the tree's CODEOWNERS file, and of the form of the tests beside policies. Whose
    every file is, no part of a tree tells alone, and tests are run apart: a check of a change asks for neither."""
    found: list[Finding] = []
    # What is loaded for it takes longer than to see that there is no such file.
    if any(one.path[-1] == "S" and one.path.endswith("CODEOWNERS") for one in loaded.entries):
        from tarmac.app.codeowners import stale_codeowners

        found += stale_codeowners(source, loaded.entries, loaded.catalog)
    tests = [one for one in loaded.entries if one.path[0] == "p" and is_policy_tests(one.path)]
    if tests:
        from tarmac.app.policy_test import tests_beside

        found += tests_beside(source, reading, loaded.catalog, tests)[1]
    return replace(result, findings=in_order([*result.findings, *found])) if found else result


def judge(
    loaded: Loaded,
    base: CatalogView,
    reading: Reading,
    now: datetime,
    ages: Ages | None = None,
    holds: Holds | None = None,
) -> CheckResult:
    """Judge what was loaded by the policies of `base`. Without `ages` nothing is said of how old things are. `holds`
    hears how long all that is found stands.

    Raises:
        ConfigurationError: nothing was read.
    """
    settings = settings_of(base, reading, now, ages)
    return judged(loaded, settings if holds is None else replace(settings, holds=holds))


def judged(loaded: Loaded, settings: Settings) -> CheckResult:
    """Judge what was loaded by those settings.

    Raises:
        ConfigurationError: nothing was read.
    """
    if loaded.files == 0 and not loaded.findings:
        raise nothing_to_check(loaded.catalog.revision)
    return result_of(loaded, judge_by_rules(loaded.catalog, settings))


def settings_of(base: CatalogView, reading: Reading, now: datetime, ages: Aging | None = None) -> Settings:
    """What rules read besides the catalog that they judge."""
    return Settings(base=base, instant=now, expressions=reading.expressions, schemas=reading.schemas, ages=ages)


def result_of(loaded: Loaded, judgement: Judgement) -> CheckResult:
    """What rules said, together with what is said of the documents' form."""
    return CheckResult(
        catalog=loaded.catalog,
        findings=in_order([*loaded.findings, *judgement.findings]),
        files=loaded.files,
        documents=loaded.documents,
        entities=len(loaded.catalog.entities) + len(loaded.catalog.repeated),
        exempted=judgement.exempted,
    )


def nothing_to_check(revision: str) -> ConfigurationError:
    """No verdict about nothing."""
    return ConfigurationError(f"nothing to check: {revision} holds no YAML documents; name the root with --root")


def only_new(before: Sequence[Finding], after: CheckResult) -> CheckResult:
    """The same result with the findings that were not there `before`, the others counted."""
    new = brought(before, after.findings)
    return replace(after, findings=new, known=len(after.findings) - len(new))


def brought(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings of `after` that `before` does not have, told by their fingerprints: what only moved is not new."""
    known = set(fingerprints(before))
    return tuple(finding for finding, mark in zip(after, fingerprints(after), strict=True) if mark not in known)
