"""A judged tree as it is handed over to be kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tarmac.catalog.references import Reference
from tarmac.catalog.traced import Rest
from tarmac.model.ages import Aged
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref
from tarmac.rules.kept import KeptFile, Totals
from tarmac.rules.rule import Knot

if TYPE_CHECKING:
    from tarmac.catalog.needs import KeptNeeds


class Judged(Frozen):
    """Everything that is found of one tree.

    `names` are pairs of a path and the file that names it, `entities` go with whether each is the first of its
    reference, `needs` are who needs whom. `rests` and `asides` say what verdicts rest on, by whose they are. `ages` are
    from the history that `aged` names, where a policy asked for them; `stale` is what is to say of the tree's
    CODEOWNERS file, were one expected and GitHub the forge.
    """

    tree: str
    ignore: tuple[str, ...]
    totals: Totals
    files: Iterable[KeptFile]
    names: Iterable[tuple[str, str]]
    entities: Iterable[tuple[Entity, bool]]
    outgoing: Mapping[Ref, Sequence[Reference]]
    needs: KeptNeeds
    rests: Mapping[Ref, Rest]
    asides: Mapping[tuple[str, ...], Rest]
    facets: tuple[str, ...]
    ruled: Mapping[Ref, Sequence[Finding]]
    knots: Sequence[Knot]
    aged: Aged | None
    ages: Mapping[str, datetime]
    stale: Sequence[Finding] = ()
