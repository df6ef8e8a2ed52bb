"""What a change reaches, as a small drawing in Mermaid."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tarmac.catalog.reach import Dependent, among, everyone
from tarmac.catalog.strength import Strength
from tarmac.model.refs import Ref
from tarmac.reports.graph_mermaid import label
from tarmac.reports.review import Review

# More than a dozen boxes are no help beside a comment.
_MOST = 12


def drawing(review: Review) -> tuple[str, ...]:
    """A fenced flowchart from whoever is reached to what changes, the nearest of the worst first; nothing where nobody
    is. A line above it says how many it leaves out."""
    numbers: dict[Ref, str] = {}
    edges: dict[tuple[Ref, Ref], bool] = {}
    for one in review.impacts:
        for dependent in _drawn(one.impact.reached, numbers):
            if len({*numbers, *dependent.path}) > _MOST:
                continue
            for ref in dependent.path:
                numbers.setdefault(ref, f"n{len(numbers)}")
            hard = dependent.strength is Strength.HARD
            for pair in zip(dependent.path, dependent.path[1:], strict=False):
                edges[pair] = edges.get(pair, False) or hard
    if not edges:
        return ()
    changed = {one.impact.ref for one in review.impacts}
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'  {number}["{label(str(ref))}"]' for ref, number in numbers.items()]
    lines += [f"  {numbers[one]} {'-->' if hard else '-.->'} {numbers[other]}" for (one, other), hard in edges.items()]
    lines += [f"  style {number} stroke-width:3px" for ref, number in numbers.items() if ref in changed]
    reached = everyone(one.impact for one in review.impacts)
    left_out = len(reached) - sum(ref in reached for ref in numbers)
    note = (f"The drawing leaves out {left_out} of {len(reached)}.", "") if left_out else ()
    return (*note, *lines, "```", "")


def _drawn(reached: Sequence[Dependent], numbers: Collection[Ref]) -> Iterator[Dependent]:
    """Those that may be drawn: once there are boxes enough, whoever has one."""
    for place in range(len(reached)):
        if len(numbers) == _MOST:
            yield from among(reached, numbers, place)
            return
        yield reached[place]
