"""The tests that stand beside a policy, run as the policy itself is.

A case holds an `object`, what is expected (`pass`, `fail`, or `skip` where the policy does not look at it) and, if it
matters, the message. Its `facts` are the little world around the object:

- `catalog`: a list of other documents, which the functions and `owner` are read from as in a real run;
- `owner`, `platform`: said outright, they replace what the little world would give;
- `now`: an instant, `2026-01-01T00:00:00Z` unless said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tarmac.catalog.index import Catalog, build, entity_of
from tarmac.errors import ExpressionError
from tarmac.model.documents import Document, Entity
from tarmac.model.expressions import Expressions, Fact, fact_of
from tarmac.model.json_value import JsonValue, dig, items, mapping, text
from tarmac.model.kinds import KindInfo
from tarmac.model.places import Place, Places
from tarmac.model.values import BadValue, parse_instant
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import Compiled, Verdict, compile_policy, judge

_NOW = "2026-01-01T00:00:00Z"
_SAID_OUTRIGHT = ("owner", "platform")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case of one policy: `fault` says what came out instead of what was expected, None where it came out."""

    policy: str
    case: str
    place: Place
    expected: str
    fault: str | None


def run_tests(
    policy: Entity, expressions: Expressions, kinds: Mapping[tuple[str, str], KindInfo]
) -> tuple[CaseResult, ...]:
    """Run every case of a policy, in the order written. A policy that does not compile fails them all."""
    found = []
    try:
        compiled = compile_policy(policy, expressions)
    except ExpressionError as error:
        compiled, broken = None, f"the policy does not compile: {error}"
    for index, case in enumerate(policy.items("spec", "tests")):
        fault = broken if compiled is None else _fault(compiled, case, kinds)
        name, expected = text(case, "name") or f"case {index + 1}", text(case, "expect") or ""
        found.append(CaseResult(policy.name, name, policy.place("spec", "tests", index), expected, fault))
    return tuple(found)


def _fault(policy: Compiled, case: JsonValue, kinds: Mapping[tuple[str, str], KindInfo]) -> str | None:
    document = _document("object", 0, mapping(case, "object"))
    entity = entity_of(document, kinds)
    if entity is None:
        return "the object is no document: it needs apiVersion, kind and metadata.name"
    others = [
        _document("catalog", index, mapping(other)) for index, other in enumerate(items(case, "facts", "catalog"))
    ]
    for other in others:
        if entity_of(other, kinds) is None:
            return f"document {other.index + 1} of facts.catalog needs apiVersion, kind and metadata.name"
    try:
        verdict = _verdict(policy, entity, build("test", [document, *others], (), kinds), case)
    except BadValue as error:
        return f"facts.now: {error}"
    return _difference(verdict, text(case, "expect") or "", text(case, "message"))


def _verdict(policy: Compiled, entity: Entity, catalog: Catalog, case: JsonValue) -> Verdict:
    if not policy.match.takes(entity):
        return Verdict("skip")
    facts = PolicyFacts(catalog, catalog, parse_instant(text(case, "facts", "now") or _NOW))
    stated: dict[str, Fact] = {
        name: fact_of(dig(case, "facts", name)) for name in _SAID_OUTRIGHT if name in mapping(case, "facts")
    }
    return judge(policy, {**facts.of(entity), **stated}, facts.calls)


def _difference(verdict: Verdict, expected: str, message: str | None) -> str | None:
    if verdict.outcome != expected:
        reason = f": {verdict.error or verdict.message}" if verdict.outcome == "fail" else ""
        return f"{expected} was expected, and it is {verdict.outcome}{reason}"
    if verdict.error is not None:
        return f"it fails because it cannot be evaluated: {verdict.error}"
    if message is not None and message != verdict.message:
        return f"the message is {verdict.message!r}, and {message!r} was expected"
    return None


def _document(path: str, index: int, data: Mapping[str, JsonValue]) -> Document:
    return Document(path, index, data, Places(path, lambda: (1, 1, None)))
