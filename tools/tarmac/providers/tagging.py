"""The tags that every instance carries, as texts by name, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Desired, Tags
from tarmac.model.values import BadValue, parse_instant, show_instant

NAMES = ("uid", "reference", "platform", "owner", "environment", "cost-center", "type", "ready-at")


class Untagged(Exception):
    """What is there does not carry our tags. The text says what is wrong."""


def tags_for(uid: str, platform: str, desired: Desired, ready_at: datetime | None) -> Tags:
    """The tags of an instance that is made as wished."""
    return Tags(
        uid=uid,
        reference=desired.request,
        platform=platform,
        owner=desired.owner,
        environment=desired.environment,
        cost_centre=desired.cost_centre,
        type=desired.type_text,
        ready_at=ready_at,
    )


def texts_of(tags: Tags) -> Mapping[str, str]:
    """The tags as texts by name; the ready instant is empty where it is not known."""
    return {
        "uid": tags.uid,
        "reference": tags.reference,
        "platform": tags.platform,
        "owner": tags.owner,
        "environment": tags.environment,
        "cost-center": tags.cost_centre,
        "type": tags.type,
        "ready-at": "" if tags.ready_at is None else show_instant(tags.ready_at),
    }


def tags_of(uid: str, found: Mapping[str, JsonValue]) -> Tags:
    """The tags that such texts stand for.

    Raises:
        Untagged: one is missing, or they are those of another uid.
    """
    values = {name: value for name, value in found.items() if isinstance(value, str)}
    missing = [name for name in NAMES if name not in values]
    if missing:
        raise Untagged(f"no tag {missing[0]}")
    if values["uid"] != uid:
        raise Untagged("its tags name another uid")
    try:
        ready_at = parse_instant(values["ready-at"]) if values["ready-at"] else None
    except BadValue as fault:
        raise Untagged(f"tag ready-at: {fault}") from None
    return Tags(
        uid=uid,
        reference=values["reference"],
        platform=values["platform"],
        owner=values["owner"],
        environment=values["environment"],
        cost_centre=values["cost-center"],
        type=values["type"],
        ready_at=ready_at,
    )
