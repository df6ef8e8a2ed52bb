"""Where the key should stand that `require` asked for and did not find: the engine says its name alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tarmac.model.json_value import JsonValue, Path
from tarmac.model.patterns import lazily
from tarmac.model.shown import visible
from tarmac.rules.fact_reads import Step, fact_reads

_WORD = lazily(r"[A-Za-z_][A-Za-z0-9_]*")


def missing_path(source: str, data: Mapping[str, JsonValue], fault: str) -> Path | None:
    """The first path that the expression reads from the document and that ends too early for want of the key that
    `fault` names; None where the key was sought elsewhere, such as in a loop or in another document."""
    for read in fact_reads(source, ("object",)):
        key = None if read.asked else _missed(read.steps, data)
        if key is not None and fault == f'the key "{key}" is not there':
            return tuple(int(step.name) if step.index else step.name for step in read.steps)
    return None


def _missed(steps: Sequence[Step], data: JsonValue) -> str | None:
    """The first of the keys that is not there; None where each is there, or may be missing."""
    here = data
    for step in steps:
        if step.index and isinstance(here, Sequence) and int(step.name) < len(here):
            here = here[int(step.name)]
        elif isinstance(here, Mapping) and not step.optional and not step.index:
            if step.name not in here:
                return step.name
            here = here[step.name]
        else:
            return None
    return None


def missing_words(path: Path | None, fault: str) -> str:
    """`spec.tarmac.tier is not there`, or what the engine says."""
    return visible(fault, 200) if path is None else f"{visible(_dotted(path), 200)} is not there"


def _dotted(path: Path) -> str:
    words = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" if _WORD.fullmatch(step) else f'["{step}"]'
        for step in path
    )
    return words.removeprefix(".")
