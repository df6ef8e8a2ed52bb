"""What is sound or at fault in volume: little of it costs little, and more of it no more than in proportion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.hostile.cases import ENTITY, HEAD, Case, text
from tests.hostile.meanings import TEAM


@dataclass(frozen=True, slots=True)
class Volume:
    """The same in two sizes: the larger holds `times` as much."""

    smaller: Case
    larger: Case
    times: float


def _volume(name: str, content: Callable[[int], str], smaller: int, larger: int) -> Volume:
    small, large = (text(name.format(f"{size:,}"), content(size)) for size in (smaller, larger))
    return Volume(small, large, larger / smaller)


def _unknown_fields(count: int) -> str:
    return HEAD + "spec: {}\n" + "".join(f"k{n}: 1\n" for n in range(count))


def _wrong_values(count: int) -> str:
    return HEAD + "spec:\n  targets:\n" + "    - {}\n" * count


def _references_to_nothing(count: int) -> str:
    members = "".join(f"    - user:default/u{n}\n" for n in range(count))
    head = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: all\n"
    return f"{head}spec:\n  type: team\n  children: []\n  members:\n{members}"


def _documents_of_many_keys(count: int) -> str:
    return ("---\n" + "".join(f"k{n}: 1\n" for n in range(1_500))) * count


def _chain(length: int, *, closed: bool) -> str:
    documents = []
    for number in range(length):
        parent = f"c{(number + 1) % length}"
        documents.append(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\n"
            f"metadata: {{name: c{number}}}\nspec: {{type: service, lifecycle: production, owner: group:default/here"
            f"{f', subcomponentOf: {parent}' if closed or number + 1 < length else ''}}}\n"
        )
    return "---\n".join([TEAM, *documents])


VOLUMES = (
    _volume("{} unknown fields", _unknown_fields, 1_500, 4_500),
    _volume("{} wrong values", _wrong_values, 1_500, 9_000),
    _volume("{} references to nothing", _references_to_nothing, 1_500, 9_000),
    _volume("{} documents of 1,500 keys", _documents_of_many_keys, 2, 15),
    _volume("{} entities of one name", lambda count: f"---\n{ENTITY}" * count, 250, 1_500),
    _volume("a circle of {} parents", lambda count: _chain(count, closed=True), 250, 1_000),
    _volume("a line of {} parents", lambda count: _chain(count, closed=False), 250, 1_000),
)
CASES = tuple(volume.smaller for volume in VOLUMES)
