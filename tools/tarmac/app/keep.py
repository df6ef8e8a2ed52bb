"""A tree, judged whole and handed over to be kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tarmac.app.ages import History, ages_for, bots_of
from tarmac.app.check import CheckResult, nothing_to_check, result_of, settings_of, with_what_is_no_document
from tarmac.app.codeowners import stale_by_model
from tarmac.app.deps import Reading
from tarmac.app.load import Loaded, load
from tarmac.catalog.graph import needed
from tarmac.catalog.keys import OWNER
from tarmac.catalog.needs import kept_needs
from tarmac.catalog.traced import ReadLog
from tarmac.model.ages import Aged, Ages
from tarmac.model.findings import Finding
from tarmac.model.trees import Source
from tarmac.rules import exempt, rules
from tarmac.rules.kept import KeptFile, Totals
from tarmac.rules.to_keep import Judged
from tarmac.rules.tracing import Raw, each, knots, whole


def check_and_keep(
    source: Source,
    tree: str,
    reading: Reading,
    now: datetime,
    history: History | None,
    keep: Callable[[Judged], None],
) -> CheckResult:
    """Check a tree by its own policies, and hand over what each verdict rests on. `tree` is its name in git.

    Raises:
        ConfigurationError: there is nothing to read: no verdict about nothing.
    """
    loaded = load(source, reading)
    catalog = loaded.catalog
    if loaded.files == 0 and not loaded.findings:
        raise nothing_to_check(catalog.revision)
    ages = ages_for(catalog, history)
    settings, running, log = settings_of(catalog, reading, now, ages), rules(), ReadLog()
    raw = Raw(each(catalog, settings, running, log), knots(catalog, running), whole(catalog, settings, running))
    stale = stale_by_model(source, loaded.entries, catalog)
    keep(_judged(loaded, tree, raw, log, ages, stale))
    result = result_of(loaded, exempt(raw.findings(), catalog, settings))
    return with_what_is_no_document(result, source, loaded, reading)


def _judged(loaded: Loaded, tree: str, raw: Raw, log: ReadLog, ages: Ages | None, stale: Sequence[Finding]) -> Judged:
    catalog = loaded.catalog
    files = [
        KeptFile(entry, part.counted, part.number, tuple(dict.fromkeys(part.findings)))
        for entry in loaded.entries
        for part in (loaded.parts[entry.path],)
    ]
    return Judged(
        tree=tree,
        ignore=loaded.ignore,
        totals=Totals(
            files=loaded.files,
            documents=loaded.documents,
            entities=len(catalog.entities) + len(catalog.repeated),
            form=sum(len(file.findings) for file in files),
            ruled=sum(map(len, raw.ruled.values())),
        ),
        files=files,
        names=[(name, path) for path, part in loaded.parts.items() for name in part.names],
        entities=[
            *((entity, True) for entity in catalog.entities.values()),
            *((entity, False) for entity in catalog.repeated),
        ],
        outgoing=catalog.outgoing,
        needs=kept_needs(needed(catalog), catalog.standing_of),
        rests=log.found,
        asides={topic: rest for topic, rest in log.asides.items() if topic[1] == OWNER},
        facets=tuple(sorted(log.facets)),
        ruled=raw.ruled,
        knots=raw.knots,
        aged=Aged(ages.commit, bots_of(catalog)) if ages is not None and ages.commit else None,
        ages={} if ages is None else ages.changed,
        stale=stale,
    )
