"""The built-in rules, and the way in: `judge` runs them all, policies among them, and heeds the exemptions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from tarmac.catalog.view import CatalogView
from tarmac.errors import Defect
from tarmac.model.findings import Finding, in_order
from tarmac.model.frozen import Frozen, replace
from tarmac.rules.rule import Rule
from tarmac.rules.settings import Settings

if TYPE_CHECKING:
    from tarmac.rules.exemption import Exempted

# A built-in rule is one file of this folder, named as its id, and one line here.
RULES: tuple[str, ...] = (
    "approval-count",
    "approval-role",
    "bad-reference",
    "cycle",
    "deletion-approval",
    "duplicate-entity",
    "expression",
    "key-order",
    "placeholder-target",
    "policy",
    "request-config",
    "request-environment",
    "request-ttl",
    "request-type",
    "resource-type",
    "resource-type-parts",
    "resource-type-schema",
    "role-member",
    "scorecard",
    "single-platform",
    "tag",
    "unknown-age",
    "unknown-match",
    "unknown-reference",
    "user-login",
    "vacuous-policy",
)

# Rules that look at entities of a few kinds only: where none of them is judged, they need not be loaded.
OF_KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "approval-count": frozenset({"approvalrule"}),
        "approval-role": frozenset({"approvalrule"}),
        "deletion-approval": frozenset({"deletionapproval"}),
        "expression": frozenset({"policy", "approvalrule", "resourcetype", "scorecard", "tagpolicy"}),
        "request-config": frozenset({"resourcerequest"}),
        "request-environment": frozenset({"resourcerequest"}),
        "request-ttl": frozenset({"resourcerequest"}),
        "request-type": frozenset({"resourcerequest"}),
        "resource-type": frozenset({"resourcetype"}),
        "resource-type-parts": frozenset({"resourcetype"}),
        "resource-type-schema": frozenset({"resourcetype"}),
        "role-member": frozenset({"group"}),
        "scorecard": frozenset({"scorecard"}),
        "tag": frozenset({"resourcerequest", "resourcetype"}),
        "unknown-match": frozenset({"policy", "scorecard"}),
        "user-login": frozenset({"user"}),
        "vacuous-policy": frozenset({"policy"}),
    }
)


class Judgement(Frozen):
    """What the rules found, sorted, and what exemptions took off."""

    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...]


def load(name: str) -> Rule:
    """The rule of that id.

    Raises:
        Defect: the file does not hold a rule of that id.
    """
    found = getattr(import_module(f"tarmac.rules.{name.replace('-', '_')}"), "RULE", None)
    if not isinstance(found, Rule) or found.id != name:
        raise Defect(f"tarmac/rules holds no rule {name}")
    return found


def rules(kinds: Collection[str] | None = None) -> tuple[Rule, ...]:
    """Every built-in rule, in the order of their ids; with `kinds`, those that have a word to say on one of these."""
    return tuple(
        load(name) for name in RULES if kinds is None or name not in OF_KINDS or not OF_KINDS[name].isdisjoint(kinds)
    )


def judge(catalog: CatalogView, settings: Settings, using: tuple[Rule, ...] | None = None) -> Judgement:
    """Run the rules (all of them unless `using` names some) over what the catalog's focus asks for."""
    running = rules() if using is None else using
    whole = [rule for rule in running if rule.whole or rule.knots is not None]
    found = [finding for rule in whole for finding in rule.find(catalog, settings)]
    others = [rule for rule in running if rule not in whole]
    if catalog.in_turns:
        settings = replace(settings, kept={})
    for turn in catalog.turns():
        seen = replace(settings, base=turn) if settings.base is catalog else settings
        for rule in others:
            found += rule.find(turn, seen)
    return exempt(found, catalog, settings)


def exempt(found: Iterable[Finding], catalog: CatalogView, settings: Settings) -> Judgement:
    """What is left of findings when the exemptions of the base are heeded, and what is wrong with the catalog's."""
    raw = list(found)
    if not any(catalog.of_kind("exemption")) and not any(settings.base.of_kind("exemption")):
        return Judgement(in_order(raw), ())
    from tarmac.rules import exemption

    for turn in exemption.turns(settings.base, catalog):
        settings.reached(turn)
    outcome = exemption.apply(raw, settings.base, settings.instant, catalog)
    policies = {policy.name for one in (settings.base, catalog) for policy in one.of_kind("policy")}
    said = exemption.check(catalog, settings.base, {*RULES, *policies}, outcome, settings.instant)
    return Judgement(in_order([*outcome.left, *said]), tuple(sorted(outcome.taken, key=lambda one: one.finding.order)))


def run(catalog: CatalogView, settings: Settings) -> tuple[Finding, ...]:
    """The findings of `judge`."""
    return judge(catalog, settings).findings
