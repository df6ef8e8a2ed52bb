"""The platform's own figures in OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/)."""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.model.figures import BOUNDS, Figures, TypeFigures
from tarmac.reports.text import visible


def openmetrics(figures: Figures) -> str:
    """The exposition: counters and histograms by resource type, and gauges; it ends in `# EOF`."""
    return "".join(f"{line}\n" for line in (*_types(figures), *_gauges(figures), "# EOF"))


def figures_text(figures: Figures) -> str:
    """For a terminal: a line a type, and how things stand."""
    lines = []
    for name, found in sorted(figures.types.items()):
        steps = ", ".join(f"{count} {result}" for result, count in sorted(found.steps.items()))
        waits = sum(found.waits)
        mean = f"; from merge to ready {_span(found.waited // waits)} on average ({waits})" if waits else ""
        lines.append(f"{visible(name)}: {steps}{_rate(found)}; {found.retries} tried again{mean}")
    now = figures.now
    lines.append(f"Now: {now.queue} to do, {now.held} held, {now.drifted} drifted, {now.orphaned} orphaned.")
    return "".join(f"{line}\n" for line in lines)


def _span(seconds: int) -> str:
    """The two largest units that say it: `3 h 12 min`, `2 d 5 h`, `48 s`."""
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    largest = next((place for place, (_, size) in enumerate(units) if seconds >= size), len(units) - 1)
    said: list[str] = []
    for unit, size in units[largest : largest + 2]:
        count, seconds = divmod(seconds, size)
        if count or not said:
            said.append(f"{count} {unit}")
    return " ".join(said)


def _rate(found: TypeFigures) -> str:
    """The share of the steps that ended well, rounded down, so that 100% means all."""
    over = found.steps.get("done", 0) + found.steps.get("failed", 0)
    return f" ({100 * found.steps.get('done', 0) // over}% well)" if over else ""


def _types(figures: Figures) -> Iterator[str]:
    types = sorted(figures.types.items())
    yield "# TYPE tarmac_steps counter"
    yield "# HELP tarmac_steps Steps of reconcile, by resource type and by how they ended."
    for name, found in types:
        for result, count in sorted(found.steps.items()):
            yield f'tarmac_steps_total{{type="{_label(name)}",result="{_label(result)}"}} {count}'
    yield "# TYPE tarmac_retries counter"
    yield "# HELP tarmac_retries Tries of a step after its first one."
    for name, found in types:
        yield f'tarmac_retries_total{{type="{_label(name)}"}} {found.retries}'
    yield "# TYPE tarmac_ready_seconds histogram"
    yield "# UNIT tarmac_ready_seconds seconds"
    yield "# HELP tarmac_ready_seconds From the merge of a request until its instance is ready."
    for name, found in types:
        below = 0
        for bound, count in zip((*map(float, BOUNDS), "+Inf"), found.waits, strict=True):
            below += count
            yield f'tarmac_ready_seconds_bucket{{type="{_label(name)}",le="{bound}"}} {below}'
        yield f'tarmac_ready_seconds_sum{{type="{_label(name)}"}} {found.waited}'
        yield f'tarmac_ready_seconds_count{{type="{_label(name)}"}} {below}'


def _gauges(figures: Figures) -> Iterator[str]:
    now = figures.now
    for name, value, text in (
        ("tarmac_queue_steps", now.queue, "Steps still to do when the last run ended."),
        ("tarmac_held_requests", now.held, "Steps held when the last run ended."),
        ("tarmac_drifted_instances", now.drifted, "Instances that somebody changed and that are still so."),
        ("tarmac_orphaned_instances", now.orphaned, "Instances of ours that nobody knows."),
    ):
        yield f"# TYPE {name} gauge"
        yield f"# HELP {name} {text}"
        yield f"{name} {value}"


def _label(value: str) -> str:
    """A label's value: backslash, quote and line end escaped, anything else that cannot be seen left out."""
    seen = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(mark for mark in seen if mark.isprintable())
