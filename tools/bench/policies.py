"""What thirty policies cost beside the same rules as plain Python callables, over the documents of bench.generate.

    python -m bench.policies --documents 10000

Both judge the same catalog in one process, in turns, and must find the same. CPU time, medians. What is printed is
JSON: both costs in seconds, and their ratio.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from bench.generate import ROOT, documents
from bench.policy_pairs import PAIRS
from bench.shipped import shipped
from tarmac.adapters.cel import Cel
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.catalog.index import Catalog
from tarmac.model.trees import TreeEntry
from tarmac.rules.policy import check
from tarmac.rules.settings import Settings

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Texts:
    """Files in memory, as a tree."""

    texts: Mapping[str, str]

    @property
    def revision(self) -> str:
        return "generated"

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(TreeEntry(path, "100644", "") for path in sorted(self.texts))

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        return ((entry, self.texts[entry.path].encode()) for entry in entries)


def policies() -> Mapping[str, str]:
    """The policies as files."""
    return {
        f"policies/{pair.name}.yaml": (
            f"apiVersion: tarmac/v1\nkind: Policy\nmetadata: {{name: {pair.name}}}\nspec:\n  severity: error\n"
            f"  match: {{kinds: [{pair.kind}]}}\n  require: {json.dumps(pair.require)}\n"
            f'  message: "{{object.metadata.name}} does not keep {pair.name}"\n'
        )
        for pair in PAIRS
    }


def by_policies(catalog: Catalog, base: Catalog) -> frozenset[tuple[str, str, str]]:
    """(rule, entity, message) of every failure. The engine is new, so compilation counts."""
    reads = reading()
    settings = Settings(base=base, instant=NOW, expressions=Cel(), schemas=reads.schemas)
    return frozenset((one.rule, one.entity or "", one.message) for one in check(catalog, settings))


def by_callables(catalog: Catalog) -> frozenset[tuple[str, str, str]]:
    """The same, by the callables."""
    return frozenset(
        (pair.name, str(entity.ref), f"{entity.name} does not keep {pair.name}")
        for pair in PAIRS
        for entity in catalog.by_kind.get(pair.kind.lower(), ())
        if not pair.rule(entity, catalog)
    )


def cost(work: Callable[[], object]) -> float:
    """Seconds of CPU time."""
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(count: int) -> Mapping[str, float]:
    """Both costs over `count` documents, and their ratio.

    Raises:
        ValueError: the two do not find the same, or there is nothing that they find.
    """
    files = dict(documents(count, shipped(ROOT)))
    breaking = {
        path: text.replace("lifecycle: production", "lifecycle: beta") for path, text in list(files.items())[::97]
    }
    catalog = load(Texts({**files, **breaking}), reading()).catalog
    base = load(Texts(policies()), reading()).catalog
    found = by_policies(catalog, base)
    if found != by_callables(catalog) or not found:
        raise ValueError(f"policies and callables differ: {sorted(found ^ by_callables(catalog))[:3]}")
    policy, plain = [], []
    for _ in range(ROUNDS):
        policy.append(cost(lambda: by_policies(catalog, base)))
        plain.append(cost(lambda: by_callables(catalog)))
    return {"policies": median(policy), "callables": median(plain), "ratio": median(policy) / median(plain)}


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="bench.policies", description="Policies beside plain callables.")
    parser.add_argument("--documents", type=int, default=10_000, help="how many are judged")
    print(json.dumps(measure(parser.parse_args().documents)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
