"""What databases need between changes: a backup a day, old ones away, and one restored now and then as a proof."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import UTC, datetime, timedelta

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import texts
from tarmac.providers import postgresql_steps as steps
from tarmac.providers.postgresql_backup import Backup, Backups
from tarmac.providers.postgresql_names import Names, Record, Stage, read_record, uid_of_owner
from tarmac.providers.postgresql_server import Row, Server, rows
from tarmac.providers.postgresql_settings import Wishes
from tarmac.providers.secrets import SecretSink
from tarmac.providers.tagging import Untagged

EVERY = timedelta(days=1)


class Care(Frozen):
    """For every instance of a platform on one server. `own` counts by uid the sessions that we began in it since the
    last look."""

    platform: str
    server: Server
    secrets: SecretSink
    wishes: Wishes
    backups: Backups
    own: MutableMapping[str, int]

    def take(self, now: datetime) -> Iterator[str]:
        """Do what is due at `now`, and say each thing in a sentence. What fails for one stops no other.

        Raises:
            ProviderError: the server cannot list them; or, at the end, what failed.
        """
        failed = []
        found = self._ours()
        for record, row in found:
            try:
                yield from self._for(record, row, now)
            except ProviderError as fault:
                failed.append((record.tags.reference, fault))
        self._clear(frozenset(record.tags.uid for record, _ in found), now)
        if failed:
            said = "; ".join(f"{reference}: {fault}" for reference, fault in failed)
            raise ProviderError(said, transient=any(fault.transient for _, fault in failed))

    def _clear(self, live: frozenset[str], now: datetime) -> None:
        """What is kept of databases that were removed goes in its time: the last dump, and the daily ones too."""
        kept = timedelta(days=self.wishes.keep_removed_days)
        for uid in self.backups.uids():
            self.backups.prune(uid, now, kept, last=True)
            if uid not in live:
                self.backups.prune(uid, now, kept, last=False)

    def _ours(self) -> tuple[tuple[Record, Row], ...]:
        found = []
        with self.server.connect("list databases") as link:
            for row in rows(link):
                try:
                    record = read_record(uid_of_owner(row.owner), row.comment)
                except Untagged:
                    continue
                there = row.limit is not None and row.limit >= -1
                if there and record.stage is Stage.READY and record.tags.platform == self.platform:
                    found.append((record, row))
        return tuple(found)

    def _for(self, record: Record, row: Row, now: datetime) -> Iterator[str]:
        names = Names.of(record.tags.uid)
        kept = self.wishes.retention(record.config)
        own = self.own.pop(names.uid, 0)
        seen = replace(record, active=last_activity(record, row, own, now), sessions=row.sessions)
        made = [backup for backup in self.backups.of(names.uid) if not backup.last]
        if kept and (not made or now - made[-1].at >= EVERY):
            environment = {**self.server.environment(), "PGDATABASE": names.database}
            if seen.sessions is not None:
                seen = replace(seen, sessions=seen.sessions + 1)  # pg_dump's own, that comes now
            made.append(self.backups.make(names.uid, now, environment, names.owner))
            yield f"{record.tags.reference}: backed up, {made[-1].path.stat().st_size} bytes"
        if made and self._is_due(record, now):
            self._prove(names, record, made[-1])
            seen = replace(seen, proved=now)
            yield f"{record.tags.reference}: its backup of {made[-1].at:%Y-%m-%d} was restored to see that it can be"
        if seen != record:
            self._note(names, seen)
        gone = self.backups.prune(names.uid, now, kept, last=False)
        if gone:
            yield f"{record.tags.reference}: {gone} old backups removed"

    def _note(self, names: Names, seen: Record) -> None:
        with self.server.connect(f"note what was seen of {names.uid}") as link, steps.held(link, names):
            for row in rows(link, names.owner):
                record = read_record(names.uid, row.comment)
                seen = replace(record, active=seen.active, sessions=seen.sessions, proved=seen.proved)
                steps.note(link, names, seen)

    def _is_due(self, record: Record, now: datetime) -> bool:
        every = timedelta(days=self.wishes.restore_test_days)
        return bool(every) and (record.proved is None or now - record.proved >= every)

    def _prove(self, names: Names, record: Record, backup: Backup) -> None:
        """Restore into a database for the moment, as the client whose data it is: what stands in a dump runs with that
        one's rights, never with ours."""
        kept = self.secrets.get(self.platform, names.uid)
        if kept is None:
            raise ProviderError("there is no secret to restore its backup with", transient=True)
        with self.server.connect(f"restore the backup of {names.uid}") as link, steps.held(link, names):
            steps.drop_database(link, names.proof)
            steps.new_database(link, names.proof, names.owner)
            try:
                proof = replace(self.server, database=names.proof)
                with proof.connect("set up a database for the proof") as inside:
                    steps.settle_inside(inside, names, texts(record.config, "extensions"), ())
                client = replace(proof, user=kept.get("user", ""), password=kept.get("password", ""))
                self.backups.restore(backup, client.environment())
            finally:
                steps.drop_database(link, names.proof)


def last_activity(record: Record, row: Row, own: int, now: datetime) -> datetime | None:
    """When a client was last at work, as far as can be told: by the sessions that are open; else, where there were
    more sessions since the last look than our `own`, some time until `now`. None: never seen."""
    known = [] if record.active is None else [record.active]
    if row.active is not None:
        known.append(datetime.fromtimestamp(row.active, UTC))
    if row.sessions is not None and record.sessions is not None and row.sessions - record.sessions > own:
        known.append(now)
    return max(known, default=None)
