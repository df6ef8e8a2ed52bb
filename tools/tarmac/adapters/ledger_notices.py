"""Which notices are open: a file on the ledger's branch, so that nobody is told twice of a state that lasts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

from tarmac.adapters.ledger import HEAD, GitLedger
from tarmac.adapters.ledger_json import head_file
from tarmac.errors import LedgerError
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue, dig, mapping, text, texts
from tarmac.model.ledger import Head
from tarmac.model.notice import Notice, OpenNotice, Topic
from tarmac.model.plan import canonical
from tarmac.model.values import BadValue, parse_instant, show_instant

_FILE = "notices.json"
_VERSION = 1


class LedgerNotices:
    """The open notices of a ledger. Every method raises GitError or LedgerError."""

    def __init__(self, ledger: GitLedger) -> None:
        self._ledger = ledger

    def read(self, head: Head) -> Mapping[str, OpenNotice]:
        """Those that are open at `head`, by key."""
        if head.commit is None:
            return {}
        (content,) = self._ledger.branch.read([f"{head.commit}:{_FILE}"])
        return {} if content is None else _read(content)

    def keep(self, head: Head, notices: Iterable[OpenNotice], moment: datetime) -> Head:
        """Have exactly these open.

        Raises:
            LedgerConflict: the ledger has moved on from `head`; nothing was written.
        """
        now = {one.notice.key: one for one in notices}
        before = {key: one.waiting for key, one in self.read(head).items()}
        if before == {key: one.waiting for key, one in now.items()}:
            return head
        files: dict[str, bytes | None] = {_FILE: _written(now)}
        if head.commit is None:
            # A ledger that begins with notices has no lines yet.
            files[HEAD] = head_file(head.entries, head.hash)
        return replace(head, commit=self._ledger.branch.commit(head.commit, files, "What people were told\n", moment))


def _written(notices: Mapping[str, OpenNotice]) -> bytes:
    data: dict[str, JsonValue] = {
        key: {
            "topic": str(one.notice.topic),
            "owner": one.notice.owner,
            "request": one.notice.request,
            "text": one.notice.text,
            "since": show_instant(one.since),
            **({"waiting": sorted(one.waiting)} if one.waiting else {}),
        }
        for key, one in notices.items()
    }
    return (canonical({"version": _VERSION, "open": data}) + "\n").encode()


def _read(content: bytes) -> Mapping[str, OpenNotice]:
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise LedgerError(f"{_FILE}: no JSON where the ledger has some") from None
    if dig(data, "version") != _VERSION:
        raise LedgerError(f"{_FILE}: this Tarmac reads version {_VERSION}")
    return {key: _notice(key, found) for key, found in mapping(data, "open").items()}


def _notice(key: str, data: JsonValue) -> OpenNotice:
    owner, request, said = (text(data, name) for name in ("owner", "request", "text"))
    topic = text(data, "topic")
    try:
        since = parse_instant(text(data, "since") or "")
    except BadValue:
        since = None
    if topic not in set(Topic) or owner is None or request is None or said is None or since is None:
        raise LedgerError(f"{_FILE}: notice {key[:80]!r} is missing something")
    return OpenNotice(Notice(key, Topic(topic), owner, request, said), since, frozenset(texts(data, "waiting")))
