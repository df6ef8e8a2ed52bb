"""A rule about ages in a clone that is too shallow to know them.

A policy or scorecard that reads `git.changed` asks when a person last changed a file. A shallow clone holds only the
newest commits, in which every file looks new: nothing is said of any file then, and this is said once.

Points at: the policy or scorecard that asks.

Wrong:

    - uses: actions/checkout@v4

Right:

    - uses: actions/checkout@v4
      with: {fetch-depth: 0}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import text
from tarmac.model.patterns import lazily
from tarmac.model.shown import visible
from tarmac.rules.policy_reads import FREE
from tarmac.rules.rule import Rule, said
from tarmac.rules.settings import Settings

ID = "unknown-age"

_GIT = lazily(FREE + r"git(?![A-Za-z0-9_])")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    if settings.ages is None or settings.ages.known:
        return
    for entity in reading_ages(settings.base):
        message = f"{visible(entity.name)} asks when files were changed, and this clone is too shallow to tell"
        fix = "fetch the whole history (fetch-depth: 0)"
        yield said(Severity.INFO, ID, entity, entity.place("metadata", "name"), message, fix)
        return


def reading_ages(base: CatalogView) -> Iterator[Entity]:
    """The policies and scorecards that can read the fact `git`, told from the words of their expressions."""
    for entity in base.of_kind("policy"):
        sources = (entity.text("spec", field) for field in ("when", "require", "message"))
        if any(source is not None and _GIT.search(source) for source in sources):
            yield entity
    for entity in base.of_kind("scorecard"):
        if any(_GIT.search(text(rule, "score") or "") for rule in entity.items("spec", "rules")):
            yield entity


RULE = Rule(ID, Severity.INFO, __doc__, check, whole=True)
