"""What the OpenSLO kinds share. Source: the OpenSLO specification, v1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tarmac.model.base import Free, Kind, Many, Model, Namespace, RefTo, Shape, Text, exactly_one

DisplayName = Annotated[str, Shape("a display name", "at most 63 characters", max_length=63)]
Description = Annotated[str, Shape("a description", "at most 1050 characters", max_length=1050)]
WindowText = Annotated[
    str,
    Shape(
        "an OpenSLO duration",
        "a whole number and m (minutes), h, d, w, M (months), Q or Y, such as 28d or 1M",
        pattern="^[1-9][0-9]{0,5}[mhdwMQY]$",
        examples=("28d",),
    ),
]
Operator = Literal["lte", "gte", "lt", "gt"]


class SloMeta(Model):
    """Who this document is."""

    name: Namespace
    """The name: lower-case letters, digits and '-'."""
    display_name: DisplayName | None = None
    """How people call it."""
    labels: dict[str, str | Many[str]] | None = None
    """Values to select by; a text or a list of texts each."""
    annotations: dict[str, str] | None = None
    """Facts for tools."""


class OpenSloKind(Kind):
    """A kind of OpenSLO's."""

    api_version: Literal["openslo/v1"]
    metadata: SloMeta
    """Who this document is."""


class MetricSource(Model):
    """Where a metric comes from."""

    metric_source_ref: Annotated[str, RefTo("datasource", ("datasource",))] | None = None
    """The DataSource to ask."""
    type: Text | None = None
    """What is asked: Prometheus, ..."""
    spec: Free
    """The query, as that source writes it; for Prometheus {query: ...}."""


class Metric(Model):
    """One series of events or values."""

    metric_source: MetricSource
    """Where it comes from."""


class RatioMetric(Model):
    """Good (or bad) events as a share of all; or a ratio that is there already."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["good", "total"]},
                {"required": ["bad", "total"]},
                {"required": ["raw", "rawType"]},
            ]
        }
    )

    counter: bool | None = None
    """Whether the series only ever grow."""
    good: Metric | None = None
    """The events that went well."""
    bad: Metric | None = None
    """The events that went wrong."""
    total: Metric | None = None
    """All events."""
    raw: Metric | None = None
    """A ratio that is there already, between 0 and 1."""
    raw_type: Literal["success", "failure"] | None = None
    """What the raw ratio counts."""


class IndicatorSpec(Model):
    """What is measured."""

    model_config = ConfigDict(json_schema_extra=exactly_one("ratioMetric", "thresholdMetric"))

    description: Description | None = None
    """What it tells, in a sentence."""
    ratio_metric: RatioMetric | None = None
    """A share of events."""
    threshold_metric: Metric | None = None
    """A value that is held against the objective's op and value."""


class InlineIndicator(Model):
    """An indicator that is used here only."""

    metadata: SloMeta
    """Who it is."""
    spec: IndicatorSpec
    """What it measures."""


class BurnRate(Model):
    """When budget is spent too fast."""

    kind: Literal["burnrate"]
    """The only sort of condition that there is."""
    op: Operator
    """How the burn rate is held against the threshold; gte for "spends too fast"."""
    threshold: Annotated[float, Field(ge=0)]
    """The burn rate: 1 spends the budget in exactly one window."""
    lookback_window: WindowText
    """Over which time it is measured."""
    alert_after: WindowText
    """How long it must hold."""


class ConditionSpec(Model):
    """When to alert."""

    description: Description | None = None
    """What it means, in a sentence."""
    severity: Text
    """How bad it is: page, ticket, ..."""
    condition: BurnRate
    """What must be true."""


class TargetSpec(Model):
    """Where an alert goes."""

    description: Description | None = None
    """Who reads it."""
    target: Text
    """What receives it: slack, email, pagerduty, ..."""


class ConditionByName(Model):
    """A condition with a document of its own."""

    condition_ref: Annotated[str, RefTo("alertcondition", ("alertcondition",))]
    """Its name."""


class InlineCondition(Model):
    """A condition that is used here only."""

    kind: Literal["AlertCondition"]
    """Says that the condition stands here."""
    metadata: SloMeta
    """Who it is."""
    spec: ConditionSpec
    """When to alert."""


class TargetByName(Model):
    """A target with a document of its own."""

    target_ref: Annotated[str, RefTo("alertnotificationtarget", ("alertnotificationtarget",))]
    """Its name."""


class InlineTarget(Model):
    """A target that is used here only."""

    kind: Literal["AlertNotificationTarget"]
    """Says that the target stands here."""
    metadata: SloMeta
    """Who it is."""
    spec: TargetSpec
    """Where an alert goes."""


class PolicySpec(Model):
    """When to alert whom."""

    description: Description | None = None
    """What it is for, in a sentence."""
    alert_when_no_data: bool | None = None
    """Whether silence is an alert."""
    alert_when_breaching: bool | None = None
    """Whether the condition coming true is an alert."""
    alert_when_resolved: bool | None = None
    """Whether the condition's end is told."""
    conditions: Annotated[
        tuple[ConditionByName | InlineCondition, ...], Field(min_length=1, max_length=1, strict=False)
    ]
    """The condition: exactly one."""
    notification_targets: Annotated[tuple[TargetByName | InlineTarget, ...], Field(min_length=1, strict=False)]
    """Where the alert goes."""
