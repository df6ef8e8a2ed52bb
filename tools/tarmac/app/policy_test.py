"""policy test: run the cases that stand beside policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from posixpath import splitext

from tarmac.app.check import settings_of
from tarmac.app.deps import Reading
from tarmac.app.load import Loaded, is_policy_tests, load
from tarmac.app.policy import named
from tarmac.catalog.view import CatalogView
from tarmac.errors import ConfigurationError
from tarmac.model.documents import Document, Entity
from tarmac.model.findings import Finding, Fix, Severity, in_order
from tarmac.model.places import Place
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, Source, TreeEntry
from tarmac.reports.policy import PolicyTests
from tarmac.rules import load as load_rule
from tarmac.rules.policy_tests import Case, CaseResult, cases_beside, run_tests
from tarmac.rules.vacuous_policy import idle, meets, test_files, unproved

_LIMIT = 1024 * 1024
_FOLDER = "policies/"
# Rules whose word on a policy a run of its tests repeats: without it a policy that was never read would seem to pass.
_RULES = ("expression", "vacuous-policy")


def run_policy_tests(source: Source, reading: Reading, names: Sequence[str], now: datetime) -> PolicyTests:
    """Run the cases of the policies of those names, of all where none is named.

    Raises:
        UsageError: there is no policy of that name.
        ConfigurationError: there is neither a policy nor anything wrong with a file that may hold one.
    """
    loaded = load(source, reading)
    catalog = loaded.catalog
    policies = [named(catalog, name) for name in names] or list(catalog.of_kind("policy"))
    beside, wrong = tests_beside(source, reading, catalog, loaded.entries)
    if not names:
        wrong += [finding for finding in loaded.findings if finding.place.path.startswith(_FOLDER)]
    if not policies and not wrong:
        raise ConfigurationError(f"{catalog.revision} holds no policies. Name the repository's root with --root")
    results: list[CaseResult] = []
    for policy in policies:
        found = run_tests(policy, reading.expressions, reading.gate.kinds, beside.get(policy.name, ()))
        results += found
        lacking = unproved(policy, (one.expected for one in found))
        wrong += [lacking] if lacking else []
        wrong += [] if meets(catalog, policy) else [idle(policy)]
    wrong += _said_of(loaded, policies, reading, now)
    return PolicyTests(len(policies), tuple(results), in_order(wrong))


def _said_of(loaded: Loaded, policies: Iterable[Entity], reading: Reading, now: datetime) -> Iterable[Finding]:
    catalog = loaded.catalog
    settings = settings_of(catalog, reading, now)
    focused = catalog.focused(policy.ref for policy in policies)
    return [finding for name in _RULES for finding in load_rule(name).find(focused, settings)]


def tests_beside(
    source: Source, reading: Reading, catalog: CatalogView, files: Iterable[TreeEntry]
) -> tuple[Mapping[str, Sequence[Case]], list[Finding]]:
    """The cases of every file of tests among these, by policy, and what is wrong with those files."""
    policies: dict[str, list[str]] = {}
    for policy in catalog.of_kind("policy"):
        for path in test_files(policy.path):
            policies.setdefault(path, []).append(policy.name)
    entries = [
        entry for entry in files if is_policy_tests(entry.path) and entry.mode not in (SYMLINK, SUBMODULE, SPECIAL)
    ]
    cases: dict[str, list[Case]] = {}
    wrong: list[Finding] = []
    for entry, content in source.read(entries, _LIMIT):
        documents: tuple[Document, ...] = ()
        if isinstance(content, bytes):
            documents, findings = reading.read(entry.path, content)
            wrong += findings
        else:
            wrong.append(_fault(entry.path, f"the file cannot be read: {content}", "make it a file of at most 1 MiB"))
        for part in documents:
            name, found, faults = cases_beside(part, policies.get(entry.path, ()))
            wrong += faults
            if name is not None:
                cases.setdefault(name, []).extend(found)
        if not documents and isinstance(content, bytes) and not findings:
            stem = splitext(entry.path)[0].removesuffix(".tests")
            wrong.append(_fault(entry.path, "the file holds no tests", f"add tests of the policies in {stem}.yaml"))
    return cases, wrong


def _fault(path: str, message: str, fix: str) -> Finding:
    return Finding("policy-test", Severity.ERROR, message, Place(path), None, Fix(fix))
