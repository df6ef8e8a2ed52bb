"""What a rule may read besides the catalog that it judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tarmac.catalog.index import Catalog
from tarmac.model.expressions import Expressions
from tarmac.model.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Settings:
    """Who judges, and when.

    `base` is the catalog whose platform, policies, tag policy and exemptions judge: the tip of the base for a change,
    the judged catalog itself for a plain check. `now` is aware UTC.
    """

    base: Catalog
    now: datetime
    expressions: Expressions
    schemas: Schemas
