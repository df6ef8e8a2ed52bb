"""What the provider's options say, and what a request may ask for under them.

The server is what it is: a field of a request's config that this provider does not act on (`region`, `encrypted`)
passes only where the options state it as a fact, `is.region: eu-north-1`. `*` states that any value holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from tarmac.errors import ConfigurationError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, texts
from tarmac.model.shown import shown
from tarmac.providers.base import ProviderSettings

OPTIONS = (
    "host", "port", "user", "password", "database", "sslmode", "sslrootcert", "clientHost", "clientPort",
    "connections", "extensions", "backupFolder", "backupRetentionDays", "restoreTestDays", "keepRemovedDays",
    "patienceSeconds", "is.",
)  # fmt: skip
# Extensions that any database owner may have ("trusted" since PostgreSQL 13), and that need no library outside contrib.
_EXTENSIONS = "btree_gin btree_gist citext fuzzystrmatch hstore intarray ltree pg_trgm pgcrypto unaccent uuid-ossp"
_EXTENSION = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
_MOST_CONNECTIONS = 10_000
_MOST_DAYS = 3650


class Wishes(Frozen):
    """The platform's defaults and limits for every database."""

    connections: int
    extensions: frozenset[str]
    retention_days: int
    restore_test_days: int
    keep_removed_days: int
    patience: int
    facts: Mapping[str, str]

    @classmethod
    def of(cls, settings: ProviderSettings) -> Wishes:
        """Raises ConfigurationError for a value that makes no sense."""
        options = settings.options
        facts = {name.removeprefix("is."): value for name, value in options.items() if name.startswith("is.")}
        return cls(
            connections=_number(options, "connections", 50, 1, _MOST_CONNECTIONS),
            extensions=frozenset(options.get("extensions", _EXTENSIONS).split()),
            retention_days=_number(options, "backupRetentionDays", 7, 0, _MOST_DAYS),
            restore_test_days=_number(options, "restoreTestDays", 7, 0, _MOST_DAYS),
            keep_removed_days=_number(options, "keepRemovedDays", 30, 0, _MOST_DAYS),
            patience=_number(options, "patienceSeconds", 3600, 1, 7 * 24 * 3600),
            facts=facts,
        )

    def faults(self, category: str, config: Mapping[str, JsonValue]) -> Iterator[str]:
        """What about such a database can never be, in sentences."""
        if category != "database":
            yield f"category {shown(category)} is not database"
        for name, value in sorted(config.items()):
            if name == "connectionLimit":
                yield from _outside(name, value, 1, _MOST_CONNECTIONS)
            elif name == "backupRetentionDays":
                yield from _outside(name, value, 0, _MOST_DAYS)
            elif name == "extensions":
                yield from self._extensions(value)
            else:
                yield from self._stated(name, value)

    def limit(self, config: Mapping[str, JsonValue]) -> int:
        """How many connections at once, by each of the two login roles."""
        return _whole(config.get("connectionLimit"), self.connections)

    def retention(self, config: Mapping[str, JsonValue]) -> timedelta:
        """How long daily backups are kept; nothing at all means that none is made."""
        return timedelta(days=_whole(config.get("backupRetentionDays"), self.retention_days))

    def _extensions(self, value: JsonValue) -> Iterator[str]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            yield f"config.extensions is {shown(value)}: write a list of names"
            return
        for name in texts(value):
            if not _EXTENSION.match(name) or name not in self.extensions:
                known = ", ".join(sorted(self.extensions)) or "none"
                yield f"extension {shown(name)} is not offered here: choose of {known}"

    def _stated(self, name: str, value: JsonValue) -> Iterator[str]:
        fact = self.facts.get(name)
        if fact is None:
            yield (
                f"config.{shown(name)[1:-1]} is nothing that this provider acts on, and nothing says how the server "
                f"is: state is.{shown(name)[1:-1]} among its options"
            )
        elif fact not in ("*", value if isinstance(value, str) else json.dumps(value)):
            yield f"config.{shown(name)[1:-1]} is {shown(value)}, and the server's is {shown(fact)}"


def _outside(name: str, value: JsonValue, least: int, most: int) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        yield f"config.{name} is {shown(value)}: write a whole number from {least} to {most}"


def _whole(value: JsonValue, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise


def _number(options: Mapping[str, str], name: str, otherwise: int, least: int, most: int) -> int:
    given = options.get(name)
    if given is None:
        return otherwise
    if given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most:
        return int(given)
    raise ConfigurationError(f"option {name} is {shown(given)}: write a whole number from {least} to {most}")
