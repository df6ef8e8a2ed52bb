"""What breaks with a thing is told the same by what is kept and a change over it as by the whole catalog."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from tarmac.adapters.cache import Cache
from tarmac.adapters.cache_write import write_cache
from tarmac.app.keep import check_and_keep
from tarmac.app.tree_change import SAME, difference
from tarmac.catalog.layered import Layered
from tarmac.catalog.reach import Impact, Impacts
from tarmac.catalog.view import ReviewView
from tarmac.model.refs import Ref
from tests.incremental.memory_git import MemoryGit
from tests.trees import NOW, READING, api, catalog_of, company, component

COMPONENTS = [f"c{number}" for number in range(12)]
APIS = ["orders", "prices", "stock"]


def some(random: Random, names: Iterable[str], most: int) -> list[str]:
    return random.sample(list(names), random.randrange(most + 1))


def part(random: Random, name: str) -> str:
    needs, serves = some(random, [*COMPONENTS, "gone"], 2), some(random, COMPONENTS, 1)
    soft = [f"{{ref: component:{other}, strength: soft}}" for other in some(random, COMPONENTS, 6)]
    lines = [
        f"dependsOn: [{', '.join(f'component:{need}' for need in needs)}]",
        f"dependencyOf: [{', '.join(f'component:{serve}' for serve in serves)}]",
        f"consumesApis: [{', '.join(some(random, APIS, 2))}]",
        f"providesApis: [{', '.join(some(random, APIS, 1))}]",
        f"tarmac: {{tier: {random.choice(('critical', 'standard'))}, dependencies: [{', '.join(soft)}]}}",
    ]
    return component(name, ", ".join(lines), owner=random.choice(("one", "finops", "nobody")))


def edited(random: Random, files: dict[str, str]) -> dict[str, str]:
    """Some parts need others than before, some come, some go, and of some only the tier or owner is another."""
    found = dict(files)
    for name in some(random, [*COMPONENTS, "a-new-one", "z-new-one"], 3):
        found[f"catalog/{name}.yaml"] = part(random, name)
    for name in some(random, COMPONENTS, 2):
        del found[f"catalog/{name}.yaml"]
    for name in some(random, COMPONENTS, 2):
        path = f"catalog/{name}.yaml"
        if path in found:
            found[path] = found[path].replace("tier: standard", "tier: critical").replace("owner: one", "owner: finops")
    if random.random() < 0.3:
        found["catalog/orders.yaml"] = api("others")
    return found


def told(catalog: ReviewView, refs: Iterable[Ref]) -> list[Impact]:
    impacts = Impacts(catalog)
    return [impacts.of(ref) for ref in refs]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_kept_and_a_change_tell_of_every_thing_what_the_whole_catalog_tells(seed: int, tmp_path: Path) -> None:
    random = Random(seed)  # noqa: S311
    before = company() | {f"catalog/{name}.yaml": part(random, name) for name in COMPONENTS[:-2]}
    before |= {f"catalog/{name}.yaml": api(name) for name in APIS}
    before |= {f"catalog/{name}.yaml": part(random, name) for name in COMPONENTS[-2:]}
    git = MemoryGit()
    git.keep("before", {path: text.encode() for path, text in before.items()})
    check_and_keep(git.tree_named("before"), "before", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    refs = [Ref.of("component", name) for name in (*COMPONENTS, "a-new-one", "z-new-one", "gone", "nobody")]
    refs += [Ref.of("api", name) for name in (*APIS, "others")]
    cache = Cache.open(tmp_path, lambda path, blob, index: (1, 1, None))
    assert cache is not None
    with closing(cache):
        assert told(Layered.over(cache, SAME.change, READING.gate.kinds), refs) == told(catalog_of(before), refs)
        for step in range(6):
            after, name = edited(random, before), f"after {step}"
            git.keep(name, {path: text.encode() for path, text in after.items()})
            changes = git.tree_changes("before", name)
            assert changes is not None
            there = difference(cache, git.tree_named(name), changes, READING)
            over = Layered.over(cache, there.change, READING.gate.kinds)
            assert told(over, refs) == told(catalog_of(after), refs)
            # Somebody was reached.
            assert any(len(one.reached) > 2 for one in told(over, refs))
