"""What a change reaches, as a small drawing in Mermaid."""

from __future__ import annotations

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
    reached: set[Ref] = set()
    for one in review.impacts:
        for dependent in (*one.impact.direct, *one.impact.transitive):
            reached.add(dependent.ref)
            # Of most it is told by their own box, once there are enough.
            if len(numbers) == _MOST and dependent.ref not in numbers:
                continue
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
    left_out = len(reached - numbers.keys())
    note = (f"The drawing leaves out {left_out} of {len(reached)}.", "") if left_out else ()
    return (*note, *lines, "```", "")
