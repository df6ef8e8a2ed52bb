"""The page of figures, tools/docs/performance.md: ratios that hold on any machine, and what they were made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from bench.figures import Figure
from bench.measure import Cost

_INTRODUCTION = """\
# Performance

Written by `make bench`, which makes the repositories, installs the peers and measures all of them in one run. Change
nothing here by hand.

Times are CPU time (user and system, children included): medians, taken in turns so that a slow minute of the machine
falls on everyone, each right after a run of the same that does not count; of what takes only seconds, each is the mean
of several runs. The large repository and the small one are checked by turns of half a second, one standing still while
the other goes on, and so are the five changed files and what stands beside them. Seconds differ from machine to
machine; the ratios are what counts. A document is about 36 lines of YAML in a file of its own, of the kinds that a
company has (components, APIs, resources, systems, groups, users, requests, SLOs, SLAs, budgets), with this repository's
own policies, prices and resource types. Each run checks form, references, positions and all rules and policies, and
writes its report to a file.
"""

_BESIDE = """\
What the peers do: `check-jsonschema` judges each file by `tools/schemas/tarmac.schema.json`, its kinds asked for in the
order in which that peer is fastest; `check-yaml` (pre-commit-hooks) only parses; `yamllint` runs its default rules;
`@backstage/catalog-model` is driven by a script that parses with npm `yaml`, runs Backstage's default policies and
then its validators, one after the other until one takes the entity, as Backstage's processor does. ruamel.yaml has its
C extension, which a plain installation of check-jsonschema or check-yaml lacks. None of them resolves a reference or
runs a policy.
"""

_KEPT = """\
A plan that was kept (`tarmac plan --write-cache`) is told again while commit, ledger, instances and the version of the
tool are those that it was made with, and until the time alone would change it. After any change the next plan is made
anew, and costs what stands there.
"""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured."""

    documents: int
    cold: Mapping[str, Cost]
    others: Mapping[str, Cost]
    figures: Sequence[Figure]
    versions: Mapping[str, str]


def page(results: Results) -> str:
    """The page as Markdown."""
    return "\n".join(
        [
            _INTRODUCTION,
            "## Promises\n",
            *_table(("what", "measured", "at most", "holds", "stretch", "reached"), map(_promise, results.figures)),
            "",
            f"## Cold check of {results.documents:,} documents\n",
            *_table(("tool", "CPU s", "ms a document", "peak MiB", "runs"), _costs(results.cold, results.documents)),
            "",
            _BESIDE,
            "## The rest\n",
            *_table(
                ("what", "CPU s", "peak MiB", "runs"), [(row[0], row[1], *row[3:]) for row in _costs(results.others, 1)]
            ),
            "",
            _KEPT,
            "## Versions\n",
            *_table(("what", "version"), results.versions.items()),
            "",
        ]
    )


def _promise(figure: Figure) -> tuple[str, ...]:
    measured = "not measured" if figure.ratio is None else _ratio(figure.ratio, figure.limit)
    stretch = "" if figure.stretch is None else _limit(figure.stretch)
    return figure.what, measured, _limit(figure.limit), _word(figure.holds), stretch, _word(figure.stretched)


def _word(verdict: bool | None) -> str:
    return "" if verdict is None else "yes" if verdict else "**no**"


def _limit(limit: Fraction) -> str:
    return f"1/{limit.denominator}" if limit.numerator == 1 and limit < 1 else f"{float(limit):g}"


def _ratio(ratio: float, limit: Fraction) -> str:
    return f"1/{1 / ratio:.1f}" if limit < 1 else f"{ratio:.2f}"


def _costs(costs: Mapping[str, Cost], documents: int) -> list[tuple[str, ...]]:
    return [
        (name, f"{one.cpu:.3f}", f"{1000 * one.cpu / documents:.2f}", f"{one.memory:.0f}", str(one.rounds))
        for name, one in costs.items()
    ]


def _table(heads: tuple[str, ...], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(heads) + " |",
        "|" + "---|" * len(heads),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
