"""policy list and policy eval: what each policy looks at and says, and why it says so of one entity."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from tarmac.app.ages import History, ages_for
from tarmac.app.catalog import find
from tarmac.app.check import settings_of
from tarmac.app.deps import Reading
from tarmac.app.load import Loaded, load
from tarmac.catalog.index import Catalog
from tarmac.errors import ConfigurationError, ExpressionError, UsageError
from tarmac.model.documents import Entity
from tarmac.model.findings import Severity
from tarmac.model.json_value import text
from tarmac.model.shown import nearest, visible
from tarmac.model.trees import Source
from tarmac.reports.policy import PolicyRow
from tarmac.rules import load as rule
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy_judging import Compiled, compile_policy, judge, match_of
from tarmac.rules.policy_reasons import Reasons, reasons


def policies(source: Source, reading: Reading, now: datetime, history: History | None = None) -> tuple[PolicyRow, ...]:
    """Every policy of a tree over every entity that it matches there, in order of name. `history` tells when files were
    changed, if a policy asks.

    Raises:
        ConfigurationError: there is no policy.
    """
    catalog = _with_policies(load(source, reading))
    facts = PolicyFacts(catalog, catalog, now, ages=ages_for(catalog, history))
    found = [_row(policy, catalog, reading, facts) for policy in catalog.of_kind("policy")]
    return tuple(sorted(found, key=lambda row: (row.name, row.place)))


def evaluate(
    source: Source, reading: Reading, name: str, entity: str, now: datetime, history: History | None = None
) -> Reasons:
    """Why a policy says what it says of one entity.

    Raises:
        UsageError: no such policy, or no such entity, or the policy does not compile.
        ConfigurationError: there is no policy at all.
    """
    catalog = _with_policies(load(source, reading))
    policy = compiled(catalog, name, reading, now)
    settings = settings_of(catalog, reading, now, ages_for(catalog, history))
    return reasons(policy, find(catalog, entity), catalog, settings)


def compiled(catalog: Catalog, name: str, reading: Reading, now: datetime) -> Compiled:
    """The policy of that name, ready to judge.

    Raises:
        UsageError: there is none, or it does not compile, with where and what to write instead.
    """
    policy = named(catalog, name)
    try:
        return compile_policy(policy, reading.expressions)
    except ExpressionError as fault:
        settings = settings_of(catalog, reading, now)
        said = next(iter(rule("expression").find(catalog.focused({policy.ref}), settings)), None)
        if said is None:
            raise UsageError(f"{policy.place('spec')}: {visible(name)} does not compile: {fault}") from None
        raise UsageError(f"{said.place}: {said.message}" + (f"; {said.fix.sentence}" if said.fix else "")) from None


def named(catalog: Catalog, name: str) -> Entity:
    """The policy of that name.

    Raises:
        UsageError: there is none, with the name that was probably meant.
    """
    names = {policy.name: policy for policy in catalog.of_kind("policy")}
    if name not in names:
        near = nearest(name, names)
        meant = f": did you mean {visible(near)}?" if near else ": tarmac policy list names them all"
        raise UsageError(f"there is no policy {visible(name)!r}{meant}")
    return names[name]


def _with_policies(loaded: Loaded) -> Catalog:
    if next(loaded.catalog.of_kind("policy"), None) is None:
        raise ConfigurationError(f"{loaded.catalog.revision} holds no policies. Name the repository's root with --root")
    return loaded.catalog


def _row(policy: Entity, catalog: Catalog, reading: Reading, facts: PolicyFacts) -> PolicyRow:
    fault, outcomes = None, Counter[str]()
    severity = policy.text("spec", "severity") or "error"
    try:
        compiled: Compiled = compile_policy(policy, reading.expressions)
    except ExpressionError as error:
        fault = str(error)
    else:
        severity = compiled.severity
        for kind in sorted(compiled.match.kinds) or catalog.kinds_present():
            for entity in catalog.of_kind(kind):
                if compiled.match.takes(entity):
                    outcomes[judge(compiled, facts.of(entity), facts.calls).outcome] += 1
    return PolicyRow(
        name=policy.name,
        place=policy.place("metadata", "name"),
        severity=Severity(severity) if severity in tuple(Severity) else Severity.ERROR,
        observe=policy.text("spec", "mode") == "observe",
        match=match_of(policy),
        controls=policy.texts("spec", "controls"),
        tests=Counter(text(case, "expect") or "" for case in policy.items("spec", "tests")),
        outcomes=outcomes,
        fault=fault,
    )
