"""Databases on a PostgreSQL server: each owned by a group role, entered by one of two login roles in turn.

A credential is replaced without downtime: the login role that is not in use gets a new password, the secret names it
from then on, and the one before keeps working until the next replacement, which gives it another password.

Everything that is done to an instance is done under a lock of its own, in steps that may be repeated. What a run
leaves half done is known by the stage in its record, and taken up again by `create`, or cleared by `delete`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.json_value import JsonValue, texts
from tarmac.model.plan import Desired, Observation, Presence
from tarmac.model.shown import shown
from tarmac.providers import postgresql_steps as steps
from tarmac.providers.base import Capabilities, Capability, Health, ProviderSettings
from tarmac.providers.postgresql_backup import Backups
from tarmac.providers.postgresql_care import Care
from tarmac.providers.postgresql_names import Names, Record, Stage, read_record, uid_of_owner
from tarmac.providers.postgresql_server import Row, Server, rows
from tarmac.providers.postgresql_settings import OPTIONS, Wishes
from tarmac.providers.secrets import SecretSink, new_password
from tarmac.providers.tagging import Untagged, tags_for

NAME = "postgresql"
_PLATFORM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")
_VERBS = frozenset({Capability.UPDATE, Capability.ROTATE, Capability.HEALTH, Capability.USAGE})


def open_postgresql(settings: ProviderSettings) -> PostgreSQL:
    """The provider for the server that the options name; nothing is asked of it yet.

    Raises:
        ConfigurationError: an option is missing, unknown or makes no sense.
    """
    settings.only(*OPTIONS)
    if settings.secrets is None:
        raise ConfigurationError("it makes passwords, and there is no place for secrets")
    server, wishes, options = Server.of(settings.options), Wishes.of(settings), settings.options
    folder = Path(options["backupFolder"]) if "backupFolder" in options else settings.folder.absolute() / "backups"
    if not folder.is_absolute():
        raise ConfigurationError("option backupFolder is no absolute path: write it from / on")
    if not _PLATFORM.match(settings.platform):
        raise ConfigurationError(
            f"{shown(settings.platform)} cannot name a folder: the platform's uid is a UUID or such"
        )
    client = replace(server, host=options.get("clientHost", server.host))
    if "clientPort" in options:
        client = replace(client, port=Server.of({**options, "port": options["clientPort"]}).port)
    return PostgreSQL(
        settings.platform,
        server,
        client,
        settings.secrets,
        wishes,
        Backups(folder / settings.platform, wishes.patience),
        new_password,
    )


class PostgreSQL(Frozen, eq=False):
    """See the module. `platform` is the uid that marks what is ours, `client` the server as clients reach it, `draw`
    makes a password, `own` counts our sessions inside a database since upkeep last looked."""

    platform: str
    server: Server
    client: Server
    secrets: SecretSink
    wishes: Wishes
    backups: Backups
    draw: Callable[[], str]
    own: MutableMapping[str, int] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"database"}), _VERBS)

    def prepare(self) -> None:
        with self.server.connect("be reached") as link:
            row = link.execute(
                "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_catalog.pg_roles "
                "WHERE rolname = current_user"
            ).fetchone()
        if row is None or not row[0]:
            raise ProviderError(
                f"role {self.server.user} may not make roles and databases: ALTER ROLE ... CREATEDB CREATEROLE",
                transient=True,
            )

    def list_instances(self) -> tuple[Observation, ...]:
        with self.server.connect("list databases") as link:
            seen = [self._seen(row) for row in rows(link)]
        return tuple(sorted((there for there in seen if there is not None), key=lambda there: there.uid))

    def observe(self, uid: str) -> Observation | None:
        names = Names.of(uid)
        with self.server.connect(f"look for {uid}") as link:
            return self._look(link, names)

    def validate(self, desired: Desired) -> tuple[str, ...]:
        return tuple(self.wishes.faults(desired.category, desired.config))

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        names = Names.of(uid)
        self._refuse(desired)
        with self.server.connect(f"make {uid}") as link, steps.held(link, names):
            record = self._known(link, names)
            if record is not None and record.stage is Stage.READY and steps.has_database(link, names.database):
                return self._found(link, names)
            tags = tags_for(uid, self.platform, desired, ready_at)
            record = Record(tags, desired.config, Stage.MAKING)
            steps.make_roles(link, names, record)
            steps.make_database(link, names)
            self._settle(link, names, desired.config, ())
            record = self._new_login(link, names, names.logins[0], replace(record, since=steps.now(link)))
            self._note(link, names, record.at(Stage.READY))
            return self._found(link, names)

    def update(self, uid: str, desired: Desired) -> Observation:
        names = Names.of(uid)
        self._refuse(desired)
        with self.server.connect(f"change {uid}") as link, steps.held(link, names):
            record = self._ready(link, names)
            unwanted = set(texts(record.config, "extensions")) - set(texts(desired.config, "extensions"))
            self._settle(link, names, desired.config, sorted(unwanted))
            tags = tags_for(uid, self.platform, desired, record.tags.ready_at)
            self._note(link, names, replace(record, tags=tags, config=desired.config))
            return self._found(link, names)

    def delete(self, uid: str) -> None:
        """The data is kept for a while: a last backup is made once nobody can write any more."""
        names = Names.of(uid)
        with self.server.connect(f"remove {uid}") as link, steps.held(link, names):
            record = self._known(link, names)
            if record is not None:
                steps.note(link, names, record.at(Stage.REMOVING))
                steps.shut_out(link, names)
                if self.wishes.keep_removed_days and steps.has_database(link, names.database):
                    environment = {**self.server.environment(), "PGDATABASE": names.database}
                    self.backups.make(uid, steps.now(link), environment, names.owner, last=True)
                steps.drop_database(link, names.proof)
                steps.drop_database(link, names.database)
                steps.drop_roles(link, names)
            self.secrets.remove(self.platform, uid)

    def rotate(self, uid: str, now: datetime) -> str:
        names = Names.of(uid)
        with self.server.connect(f"replace the credential of {uid}") as link, steps.held(link, names):
            record = self._ready(link, names)
            kept = self.secrets.get(self.platform, uid) or {}
            used = kept.get("user", "")
            if used in names.logins and used != record.login:
                # An earlier run got as far as the secret: its login is in use already, so only the record is behind.
                record = replace(record, login=used, since=now)
            else:
                record = self._new_login(link, names, names.other(record.login), replace(record, since=now))
            self._note(link, names, record)
        return self.secrets.reference(self.platform, uid)

    def health(self, uid: str) -> Health:
        """Whether a client that has the secret gets in and is answered."""
        names = Names.of(uid)
        with self.server.connect(f"look at {uid}") as link:
            self._ready(link, names)
        kept = self.secrets.get(self.platform, uid)
        if kept is None:
            return Health(False, f"there is no secret at {self.secrets.reference(self.platform, uid)}")
        login = replace(
            self.client, user=kept.get("user", ""), password=kept.get("password", ""), database=names.database
        )
        self.own[uid] = self.own.get(uid, 0) + 1
        try:
            with login.connect("let a client in") as link:
                link.execute("SELECT 1")
        except ProviderError as fault:
            return Health(False, str(fault))
        return Health(True)

    def maintain(self, now: datetime) -> Iterator[str]:
        """Backups that are due, those whose time is over, and whether they can be restored."""
        return Care(self.platform, self.server, self.secrets, self.wishes, self.backups, self.own).take(now)

    def _refuse(self, desired: Desired) -> None:
        faults = self.validate(desired)
        if faults:
            raise ProviderError("; ".join(faults), transient=False)

    def _settle(
        self, link: steps.Link, names: Names, config: Mapping[str, JsonValue], unwanted: tuple[str, ...] | list[str]
    ) -> None:
        steps.settle(link, names, self.wishes.limit(config))
        inside = replace(self.server, database=names.database)
        self.own[names.uid] = self.own.get(names.uid, 0) + 1
        with inside.connect(f"set up the database of {names.uid}") as within:
            steps.settle_inside(within, names, texts(config, "extensions"), unwanted)

    def _new_login(self, link: steps.Link, names: Names, login: str, record: Record) -> Record:
        """A password for a login role that is not in use, on the server first: what the secret says always works."""
        password = self.draw()
        steps.set_password(link, login, password)
        secret = {
            "host": self.client.host,
            "port": str(self.client.port),
            "database": names.database,
            "user": login,
            "password": password,
            "sslmode": self.client.sslmode,
            # None of the parts holds a character that a URI would have to escape, the host apart.
            "uri": f"postgresql://{login}:{password}@{_in_uri(self.client.host)}:{self.client.port}/{names.database}"
            f"?sslmode={self.client.sslmode}",
        }
        self.secrets.put(self.platform, names.uid, secret)
        return replace(record, login=login)

    def _note(self, link: steps.Link, names: Names, record: Record) -> None:
        with link.transaction():
            steps.note(link, names, record)
            steps.note_copy(link, names, record)

    def _known(self, link: steps.Link, names: Names) -> Record | None:
        """The record of what stands there, None where nothing does; what is not ours is refused."""
        for row in rows(link, names.owner):
            try:
                record = read_record(names.uid, row.comment)
            except Untagged as fault:
                raise ProviderError(f"what stands there is not ours: {fault}", transient=False) from None
            if record.tags.platform != self.platform:
                raise ProviderError(f"{names.uid} belongs to another platform", transient=False)
            return record
        if steps.has_database(link, names.database):
            raise ProviderError("what stands there is not ours: it has no owner role with a record", transient=False)
        return None

    def _ready(self, link: steps.Link, names: Names) -> Record:
        record = self._known(link, names)
        if record is None or record.stage is not Stage.READY or not steps.has_database(link, names.database):
            raise ProviderError(f"there is no instance {names.uid}", transient=False)
        return record

    def _look(self, link: steps.Link, names: Names) -> Observation | None:
        return next((self._seen(row) for row in rows(link, names.owner)), None)

    def _found(self, link: steps.Link, names: Names) -> Observation:
        there = self._look(link, names)
        if there is None:
            raise ProviderError(f"{names.uid} was removed meanwhile", transient=True)
        return there

    def _seen(self, row: Row) -> Observation | None:
        uid = uid_of_owner(row.owner)
        seen = Observation(uid, NAME, Presence.BROKEN, None, location=f"{self.client.host}:{self.client.port}")
        try:
            record = read_record(uid, row.comment)
        except Untagged as fault:
            return replace(seen, fault=str(fault))
        ours = record.tags.platform == self.platform
        reference = self.secrets.reference(self.platform, uid) if ours and record.login else ""
        seen = replace(seen, tags=record.tags, config=record.config, secret=reference, credential_since=record.since)
        if record.stage is not Stage.READY:
            return replace(seen, fault=f"it is {record.stage}")
        if row.limit is None or row.limit < -1:
            return None  # somebody took the database away: it has to be made again
        config = dict(record.config)
        if "connectionLimit" in config:
            config["connectionLimit"] = row.by_login
        return replace(seen, presence=Presence.READY, config=config, usage=_usage(record, row))


def _in_uri(host: str) -> str:
    return f"[{host}]" if ":" in host else quote(host, safe="")


def _usage(record: Record, row: Row) -> Mapping[str, int]:
    known = [] if record.active is None else [int(record.active.timestamp())]
    active = max([*known, *([] if row.active is None else [row.active])], default=None)
    found = {"sizeBytes": row.size, "connections": row.connections, "lastActivityUnixSeconds": active}
    return {name: value for name, value in found.items() if value is not None}
