"""Policy: a rule of the company's own, as an expression with its message and its tests."""

from __future__ import annotations

from typing import Literal

from tarmac.model.base import Expression, Free, Many, Model, Slug, Some, Text
from tarmac.model.entity_meta import TarmacKind


class PolicyMatch(Model):
    """What the policy looks at."""

    kinds: Some[Text]
    """The kinds: Component, ResourceRequest, ..."""
    types: Many[Text] | None = None
    """Only these types: spec.type, for a request without its version."""
    environments: Many[Slug] | None = None
    """Only these environments."""


class PolicyTest(Model):
    """One case."""

    name: Text
    """What it shows."""
    object: Free
    """The document that is judged."""
    facts: Free | None = None
    """The other facts that the expressions read, by name: owner, catalog, cost, ..."""
    expect: Literal["pass", "fail", "skip"]
    """What must come out; skip: the policy does not look at it."""
    message: Text | None = None
    """The message that must come out."""


class PolicySpec(Model):
    """What must be true, and what is said when it is not."""

    severity: Literal["error", "warning", "info"]
    """error blocks, warning shows, info informs."""
    mode: Literal["enforce", "observe"] | None = None
    """enforce (the default); observe only counts what it would have blocked."""
    match: PolicyMatch
    """What the policy looks at."""
    when: Expression | None = None
    """CEL: it looks only where this is true."""
    require: Expression
    """CEL: what must be true."""
    message: Text
    """What is said when it is not; {object.metadata.name} is CEL, {{ is a brace."""
    fix: Text | None = None
    """What to write instead."""
    controls: Many[Text] | None = None
    """The controls that it proves, such as SOC2-CC6.1."""
    tests: Many[PolicyTest] | None = None
    """Its own tests: one that passes and one that fails at least."""


class Policy(TarmacKind):
    """A rule of the company's own: an expression, its message, its tests."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Policy"]
    spec: PolicySpec
    """What must be true, and what is said when it is not."""
