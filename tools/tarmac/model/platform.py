"""Platform: what holds for the whole company. Exactly one in a repository."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import (
    Count,
    Currency,
    DurationText,
    Glob,
    Many,
    Model,
    PercentText,
    RefTo,
    Shape,
    Slug,
    Some,
    Text,
)
from tarmac.model.entity_meta import Meta, TarmacKind


class PlatformMeta(Meta):
    """Which platform this is."""

    uid: Annotated[
        str,
        Shape(
            "a platform's uid",
            "8 to 64 hexadecimal digits and '-', drawn once and never changed, such as a UUID",
            pattern="^[0-9a-f](?:[-0-9a-f]{6,62})[0-9a-f]$",
        ),
    ]
    """Marks what this platform owns in shared accounts. Never change it: all that runs would become a stranger's."""


class BlastRadius(Model):
    """From how many dependents on a change is risky."""

    critical: Count
    """From this many dependents on, a change is of critical risk."""
    high: Count
    """From this many on, of high risk."""


class DeletionLimits(Model):
    """How much one run may remove before it stops and asks."""

    share: PercentText
    """At most this share of the live instances, rounded down."""
    count: Count
    """And at most this many."""


class NoticeChannel(Model):
    """A place where people are told of what ends, failed, is held or drifted."""

    via: Literal["slack", "email", "github", "webhook", "apprise"]
    """How it speaks: github opens an issue, webhook sends JSON, apprise is any other service that Apprise knows."""
    env: Annotated[
        str,
        Shape(
            "the name of a variable for notices",
            "TARMAC_NOTICES_ and 1 to 40 capitals, digits or '_'",
            pattern="^TARMAC_NOTICES_[A-Z0-9_]{1,40}$",
            examples=("TARMAC_NOTICES_CHAT",),
        ),
    ]
    """The variable of the environment that holds the address, an Apprise URL: a secret, so never written here."""
    to: Literal["owner", "platform"] | None = None
    """owner (the usual one): each group in its own Slack channel or by its own mail; platform: all in one place."""
    topics: (
        Some[Literal["expires", "ended", "failed", "held", "drifted", "orphaned", "unhealthy", "refused"]] | None
    ) = None
    """What it hears of; left out: everything."""


class PlatformSpec(Model):
    """What holds for the whole company."""

    organization: Text
    """The company's name."""
    owner: Annotated[str, RefTo("group", ("group",))]
    """The platform group; it also owns what belongs to no entity: README, tools/, .github/, policies/."""
    environments: Some[Slug]
    """The environments that a request can name, the least harmful first."""
    regions: Many[Text] | None = None
    """Where resources may live."""
    cost_centers: Many[Text] | None = None
    """The cost centres that a label can name."""
    currency: Currency
    """The currency of budgets, prices and reports."""
    default_ttl: DurationText | None = None
    """How long a request lives where neither it nor its type says so."""
    max_resources_per_team: Count | None = None
    """How many requests a team may have; the quota of a team's Budget goes first."""
    forge: Literal["github", "none"] | None = None
    """Where reviews come from. none: merging is approving, and reports say so."""
    blast_radius: BlastRadius | None = None
    """From how many dependents on a change is risky."""
    deletion_limits: DeletionLimits | None = None
    """How much one run may remove before it stops and asks."""
    notices: dict[Slug, NoticeChannel] | None = None
    """Where people are told of what a run finds, each channel under a name of its own."""
    bots: Many[Text] | None = None
    """Authors of commits who are no persons, by name or e-mail; any name that ends in [bot] is one already."""
    approving_bots: Many[Text] | None = None
    """Logins of bots whose approval counts where a user of that login is asked; of all others none does."""
    ignore: Many[Glob] | None = None
    """Paths that are never read as documents."""


class Platform(TarmacKind):
    """What holds for the whole company: owner, environments, currency, limits."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Platform"]
    metadata: PlatformMeta
    """Which platform this is."""
    spec: PlatformSpec
    """What holds for the whole company."""
