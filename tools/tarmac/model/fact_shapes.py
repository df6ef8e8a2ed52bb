"""The fields of the facts that have fixed ones: what an expression can read, whatever it is evaluated over."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

FACT_FIELDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "budget": frozenset({"exists", "blocked", "approvalRequired", "approvers"}),
        "change": frozenset({"kind", "operation", "paths", "environment", "environments", "fields", "pathOwners"}),
        "cost": frozenset({"monthly", "monthlyIncrease", "teamIncrease30d", "complete"}),
        "git": frozenset({"changed"}),
        "owner": frozenset(
            {
                "ref",
                "kind",
                "name",
                "email",
                "slack",
                "costCenter",
                "members",
                "memberCount",
                "roles",
                "requests",
                "quota",
            }
        ),
        "ref": frozenset(),
        "now": frozenset(),
        "hours": frozenset(),
    }
)

# Amounts: whole millionths of the platform's currency.
MONEY_FIELDS = frozenset({("cost", "monthly"), ("cost", "monthlyIncrease"), ("cost", "teamIncrease30d")})

# What can happen to an entity or a file, and the kind of a change that is a file's.
OPERATIONS = ("add", "change", "move", "remove", "rename")
FILE = "File"
