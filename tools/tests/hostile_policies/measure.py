"""Run the hostile policies in this process, and say of each what came out and how much processor time it took.

    python -m tests.hostile_policies.measure

Each gets an engine of its own, as its first entity would: environment, compilation and judgement are its cost. What is
written is JSON: the cost of a policy that says `true`, and a row a case.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tarmac.adapters.cel import Cel
from tarmac.adapters.schema_check import load_kinds
from tarmac.catalog.index import Catalog, build
from tarmac.errors import ExpressionError
from tarmac.model.documents import Document
from tarmac.model.places import Places
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy_judging import Verdict, compile_policy, judge
from tarmac.rules.policy_short import ShortCuts

CASES = Path(__file__).with_name("cases.yaml")
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
# Enough to see which are the dearest.
FIRST_ROUNDS = 2
# So many of the dearest are measured again, so often, in so many rounds.
DEAREST, AGAIN, ROUNDS = 3, 3, 7
# The trivial one costs little: so often for each round of a case.
TRIVIAL_RUNS = 10
TRIVIAL: Mapping[str, Any] = {"name": "trivial", "require": "true"}


def cases() -> Sequence[Mapping[str, Any]]:
    """The cases as they are written."""
    found: Sequence[Mapping[str, Any]] = yaml.safe_load(CASES.read_text("utf-8"))
    return found


def _nested(levels: int) -> list[Any]:
    within: list[Any] = []
    for _ in range(levels - 1):
        within = [within]
    return within


def world(case: Mapping[str, Any]) -> Catalog:
    """The policy, the component that it judges, and what depends on that."""
    spec = {"type": "service", "lifecycle": "production", "owner": "payments", **case.get("spec", {})}
    fill = case.get("fill", {})
    if "text" in fill:
        letters, times = fill["text"]
        spec["text"] = letters * times
    if "many" in fill:
        spec["many"] = list(range(fill["many"]))
    if "deep" in fill:
        count, levels = fill["deep"]
        spec["deep"] = [_nested(levels) for _ in range(count)]
    if "digits" in spec:
        spec["size"] = 10 ** spec["digits"]
    others = [
        {"type": "service", "owner": "payments", "dependsOn": [f"component:{f'c{n - 1}' if n else 'orders'}"]}
        for n in range(case.get("world", 0))
    ]
    require = case["require"] + " " * case.get("padding", 0)
    message = case.get("message", "no") if "holes" not in case else "{ref}" * case["holes"]
    policy = {"match": {"kinds": ["Component"]}, "require": require, "message": message}
    if "when" in case:
        policy["when"] = case["when"]
    documents = [
        _document("tarmac/v1", "Policy", "p", policy),
        _document("backstage.io/v1alpha1", "Component", "orders", spec),
        *(_document("backstage.io/v1alpha1", "Component", f"c{n}", other) for n, other in enumerate(others)),
    ]
    return build("test", documents, (), load_kinds())


def outcome(catalog: Catalog) -> Mapping[str, str | None]:
    """What comes out: `refused` with the compile error, or the verdict with its message and error."""
    policy, entity = catalog.get("policy:default/p"), catalog.get("component:default/orders")
    if policy is None or entity is None:
        raise ValueError("the world holds no policy or no component")
    try:
        compiled = compile_policy(policy, Cel())
    except ExpressionError as error:
        return {"outcome": "refused", "message": None, "error": str(error)}
    facts = PolicyFacts(catalog, catalog, NOW)
    told = ShortCuts([compiled]).told(facts.plain(entity, compiled.reads))[0]
    verdict = judge(compiled, facts.of(entity), facts.calls) if told is None else Verdict("pass" if told else "skip")
    return {"outcome": verdict.outcome, "message": verdict.message, "error": verdict.error}


def costs(catalog: Catalog, trivial: Catalog, rounds: int) -> dict[str, float]:
    """Seconds of processor time of a case, and in turns with it of the trivial one: minutes later the machine may be
    another one. Each is the least of its rounds, as what else the machine does never makes it less."""
    gc.disable()
    found: list[float] = []
    beside: list[float] = []
    for _ in range(rounds):
        found.append(_cost(catalog))
        beside += [_cost(trivial) for _ in range(TRIVIAL_RUNS)]
    gc.enable()
    return {"cost": min(found), "trivial": min(beside)}


def _cost(catalog: Catalog) -> float:
    start = time.process_time()
    outcome(catalog)
    return time.process_time() - start


def main() -> None:
    """Write the rows."""
    trivial = world(TRIVIAL)
    outcome(trivial)
    rows: list[dict[str, Any]] = []
    for case in cases():
        catalog = world(case)
        said = outcome(catalog)
        rows.append({"name": case["name"], **said, **costs(catalog, trivial, FIRST_ROUNDS)})
    # The dearest are measured again, and the middle counts: a bad moment of the machine is longer than a few rounds.
    named = {case["name"]: case for case in cases()}
    for row in sorted(rows, key=times)[-DEAREST:]:
        windows = [costs(world(named[row["name"]]), trivial, ROUNDS) for _ in range(AGAIN)]
        middle = sorted(windows, key=times)[len(windows) // 2]
        row.update({key: middle[key] for key in ("cost", "trivial")})
    json.dump({"rows": rows}, sys.stdout)


def times(row: Mapping[str, Any]) -> float:
    """How many times the trivial one a case costs."""
    return float(row["cost"] / row["trivial"])


def _document(version: str, kind: str, name: str, spec: Mapping[str, Any]) -> Document:
    data: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
    return Document(f"{kind}-{name}.yaml", 0, data, Places(name, lambda: (1, 1, None)))


if __name__ == "__main__":
    main()
