"""The tests that stand beside a policy, run as the policy itself is.

A case holds an `object`, what is expected (`pass`, `fail`, or `skip` where the policy does not look at it) and, if it
matters, the message. Its `facts` are the little world around the object:

- `catalog`: a list of other documents, which the functions and `owner` are read from as in a real run, each in a file
  of its own; `beside`: those that stand in the object's own file, before it;
- `old`: the document as the base has it; without it the object is new;
- `owner`, `platform`: said outright, they replace what the little world would give;
- `now`: an instant, `2026-01-01T00:00:00Z` unless said.

Cases stand in the policy's own `spec.tests`, or in a file next to it: `names.tests.yaml` for `names.yaml`. That file is
no document of the catalog; each part of it names a policy of the file next to it and holds `tests`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tarmac.catalog.facts import object_facts
from tarmac.catalog.index import Catalog, build, entity_of
from tarmac.errors import ExpressionError
from tarmac.model.documents import Document, Entity
from tarmac.model.expressions import POLICY_FACTS, Expressions, Fact, fact_of
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, dig, items, mapping, text
from tarmac.model.kinds import KindInfo
from tarmac.model.places import Place, Places
from tarmac.model.shown import nearest, one_of, visible
from tarmac.model.values import BadValue, parse_instant
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy_judging import Compiled, Verdict, compile_policy, judge

ID = "policy-test"
NOW = "2026-01-01T00:00:00Z"
OUTCOMES = ("pass", "fail", "skip")

_CASE_FIELDS = ("name", "object", "facts", "expect", "message")
_PART_FIELDS = ("policy", "tests")
_WORLD = ("catalog", "beside", "now", "old")
_SAID_OUTRIGHT = tuple(name for name in POLICY_FACTS if name not in ("object", "ref", "now", "old"))


class Case(Frozen):
    """One case as it is written, and where."""

    data: JsonValue
    place: Place


class CaseResult(Frozen):
    """One case of one policy: `fault` says what came out instead of what was expected, None where it came out.

    `messages` are the expected and the actual message where they are what differs.
    """

    policy: str
    case: str
    place: Place
    expected: str
    fault: str | None
    messages: tuple[str, str] | None = None


def cases_within(policy: Entity) -> tuple[Case, ...]:
    """The cases of a policy's own `spec.tests`."""
    path: Path = ("spec", "tests")
    return tuple(Case(data, policy.place(*path, index)) for index, data in enumerate(policy.items(*path)))


def cases_beside(part: Document, policies: Iterable[str]) -> tuple[str | None, tuple[Case, ...], tuple[Finding, ...]]:
    """(the policy, its cases, what is wrong) of one part of a file of tests; `policies` are those next to it."""
    known = tuple(sorted(policies))
    faults = list(_unknown(part, part.data, (), _PART_FIELDS))
    name = text(part.data, "policy")
    if name not in known:
        faults.append(_no_policy(part, name, known))
    found = []
    for index, data in enumerate(items(part.data, "tests")):
        path: Path = ("tests", index)
        wrong = [*_unknown(part, mapping(data), path, _CASE_FIELDS), *_shapeless(part, data, path)]
        faults += wrong
        if not wrong:
            found.append(Case(data, part.places.value(path)))
    if not items(part.data, "tests"):
        faults.append(_fault(part.places.first(), "there is no list of tests", "add tests: with a case or more"))
    return (name if name in known else None), tuple(found), tuple(faults)


def run_tests(
    policy: Entity, expressions: Expressions, kinds: Mapping[tuple[str, str], KindInfo], beside: Sequence[Case] = ()
) -> tuple[CaseResult, ...]:
    """Run every case of a policy, its own and those beside it, in the order written.

    A policy that does not compile fails them all.
    """
    found = []
    try:
        compiled, broken = compile_policy(policy, expressions), ""
    except ExpressionError as error:
        compiled, broken = None, f"the policy does not compile: {error}"
    for index, case in enumerate((*cases_within(policy), *beside)):
        fault, messages = (broken, None) if compiled is None else _result(compiled, case.data, kinds)
        name, expected = text(case.data, "name") or f"case {index + 1}", text(case.data, "expect") or ""
        found.append(CaseResult(policy.name, name, case.place, expected, fault, messages))
    return tuple(found)


def _result(
    policy: Compiled, case: JsonValue, kinds: Mapping[tuple[str, str], KindInfo]
) -> tuple[str | None, tuple[str, str] | None]:
    around = [
        (f"facts.{name}[{at}]", mapping(other))
        for name in ("catalog", "beside")
        for at, other in enumerate(items(case, "facts", name))
    ]
    for name, data in (("object", mapping(case, "object")), *around):
        if entity_of(_document(name, data), kinds) is None:
            return f"{name} is no document: {_lacking(data, kinds)}", None
    stated = mapping(case, "facts")
    for name in stated:
        if name not in _WORLD and name not in _SAID_OUTRIGHT:
            return f"facts.{visible(name)} is no fact: write {one_of((*_WORLD, *_SAID_OUTRIGHT))}", None
    try:
        verdict = _verdict(policy, _documents(case), kinds, case)
    except BadValue as error:
        return f"facts.now: {error}", None
    return _difference(verdict, text(case, "expect") or "", text(case, "message"))


def _lacking(data: Mapping[str, JsonValue], kinds: Mapping[tuple[str, str], KindInfo]) -> str:
    version, kind = text(data, "apiVersion"), text(data, "kind")
    if version is None or kind is None or (version, kind) in kinds:
        return "it needs apiVersion, kind and metadata.name"
    near = nearest(kind, tuple({known for stated, known in kinds if stated == version}))
    meant = f"; did you mean {near}?" if near else ""
    return f"there is no kind {visible(kind)} in {visible(version)}{meant}"


def _verdict(
    policy: Compiled, documents: Sequence[Document], kinds: Mapping[tuple[str, str], KindInfo], case: JsonValue
) -> Verdict:
    catalog = build("test", documents, (), kinds)
    entity = entity_of(documents[0], kinds)
    if entity is None or not policy.match.takes(entity):
        return Verdict("skip")
    facts = PolicyFacts(catalog, catalog, parse_instant(text(case, "facts", "now") or NOW))
    stated: dict[str, Fact] = {
        name: fact_of(dig(case, "facts", name)) for name in _SAID_OUTRIGHT if name in mapping(case, "facts")
    }
    return judge(policy, {**facts.of(entity), "old": _old(case, catalog, kinds), **stated}, facts.calls)


def _documents(case: JsonValue) -> list[Document]:
    """The object first, then what is around it."""
    beside = [mapping(other) for other in items(case, "facts", "beside")]
    found = [_document("object", mapping(case, "object"), len(beside))]
    found += [_document("object", data, at) for at, data in enumerate(beside)]
    others = enumerate(items(case, "facts", "catalog"))
    return [*found, *(_document(f"facts.catalog[{at}]", mapping(other)) for at, other in others)]


def _old(case: JsonValue, catalog: Catalog, kinds: Mapping[tuple[str, str], KindInfo]) -> Fact:
    entity = entity_of(_document("facts.old", mapping(case, "facts", "old")), kinds)
    return {} if entity is None else object_facts(catalog, entity)


def _difference(verdict: Verdict, expected: str, message: str | None) -> tuple[str | None, tuple[str, str] | None]:
    if verdict.outcome != expected:
        reason = f": {verdict.error or verdict.message}" if verdict.outcome == "fail" else ""
        return f"{expected} was expected, and it is {verdict.outcome}{reason}", None
    if verdict.error is not None:
        return f"it fails because it cannot be evaluated: {verdict.error}", None
    if message is not None and message != verdict.message:
        words = f"the message is {verdict.message!r}, and {message!r} was expected"
        return words, (message, verdict.message)
    return None, None


def _unknown(part: Document, data: Mapping[str, JsonValue], path: Path, fields: Sequence[str]) -> Iterator[Finding]:
    for key in data:
        if key not in fields:
            near = nearest(key, fields)
            fix = f"write {near}" if near else f"write {one_of(fields)}"
            yield _fault(part.places.key((*path, key)), f"a field {visible(key)} is not known here", fix)


def _shapeless(part: Document, data: JsonValue, path: Path) -> Iterator[Finding]:
    if not isinstance(dig(data, "object"), Mapping):
        yield _fault(part.places.value(path), "the case has no object to judge", "add object: with a document")
    if text(data, "expect") not in OUTCOMES:
        place = part.places.value((*path, "expect"))
        yield _fault(place, "the case does not say what is expected", f"write expect: {one_of(OUTCOMES)}")
    for name in ("name", "message"):
        if name in mapping(data) and text(data, name) is None:
            yield _fault(part.places.value((*path, name)), f"{name} must be a text", "put it in quotes")


def _no_policy(part: Document, name: str | None, known: Sequence[str]) -> Finding:
    place = part.places.value(("policy",)) if "policy" in part.data else part.places.first()
    if not known:
        return _fault(
            place, "there is no policy in the file next to this one", "name this file after the policy's file"
        )
    near = nearest(name or "", known)
    message = "the tests name no policy" if name is None else f"there is no policy {visible(name)} next to this file"
    return _fault(place, message, f"write policy: {visible(near or one_of(known), 200)}")


def _fault(place: Place, message: str, fix: str) -> Finding:
    return Finding(ID, Severity.ERROR, message, place, None, Fix(fix))


def _document(path: str, data: Mapping[str, JsonValue], index: int = 0) -> Document:
    return Document(path, index, data, Places(path, lambda: (1, 1, None)))
