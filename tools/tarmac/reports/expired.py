"""Requests that have had their time, for a terminal and as JSON, and the message of the change that removes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from tarmac.model.json_value import JsonValue
from tarmac.model.proposal import Proposal, Proposed
from tarmac.model.shown import visible
from tarmac.model.values import show_instant
from tarmac.reports.text import count

_MOST = 100
# request, the instant of its end, its file, why that stays
Row = tuple[str, datetime, str, str | None]


def removal_message(gone: Sequence[tuple[str, datetime]]) -> str:
    """A commit's message, which becomes a pull request's text: names of requests are code, so they call nobody."""
    number = count(len(gone), "request")
    lines = [f"- `{name}`, ended {show_instant(end)}" for name, end in gone[:_MOST]]
    lines += [f"- and {len(gone) - _MOST} more"] if len(gone) > _MOST else []
    return "\n".join(
        [
            f"Remove {number} whose time is over",
            "",
            "Nothing of what they asked for is there any more, and nothing comes back:",
            "",
            *lines,
            "",
            "To have one again, do not merge this, and give it a later end: tarmac request renew NAME --ttl 14d.",
            "",
        ]
    )


def expired_text(rows: Iterable[Row], proposal: Proposal | None, branch: str, forge: str | None) -> str:
    """A line a request, and what became of the branch that removes them."""
    found = list(rows)
    lines = [
        f"{visible(name)}, ended {show_instant(end)}: {visible(path, 200)}{_stays(stays)}"
        for name, end, path, stays in found
    ]
    lines.append(f"{count(len(found), 'request')} expired.")
    if proposal is not None:
        lines += _said(proposal, sum(stays is None for *_, stays in found), branch, forge)
    return "".join(f"{line}\n" for line in lines)


def expired_json(base: str, rows: Iterable[Row], proposal: Proposal | None) -> str:
    """`{"version", "base", "expired": [...], "proposal"}`; `proposal` is null where none was asked for."""
    said: JsonValue = None
    if proposal is not None:
        said = {
            "branch": proposal.branch,
            "commit": proposal.commit,
            "became": str(proposal.became),
            "remote": proposal.remote,
        }
    requests: JsonValue = [
        {"request": name, "expired": show_instant(end), "file": path, "stays": stays} for name, end, path, stays in rows
    ]
    document: JsonValue = {"version": 1, "base": base, "expired": requests, "proposal": said}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _said(proposal: Proposal, number: int, branch: str, forge: str | None) -> Iterator[str]:
    if proposal.became is Proposed.NONE:
        yield "There is nothing to propose."
        return
    if proposal.became is Proposed.WITHDRAWN:
        yield f"Branch {proposal.branch} is withdrawn: nothing is to be removed any more."
        return
    made = "holds that already" if proposal.became is Proposed.KEPT else "is made"
    yield f"Branch {proposal.branch} {made}: one commit that removes {count(number, 'file')}."
    push = "" if proposal.remote else f"git push --force origin {proposal.branch}, then "
    if forge == "github":
        yield f"Next: {push}gh pr create --fill --base {visible(branch)} --head {proposal.branch}"
    else:
        where = f"{proposal.remote}/{proposal.branch}" if proposal.remote else proposal.branch
        yield f"There is no forge to open a pull request at. Next: git merge {visible(where)}, on {visible(branch)}"


def _stays(why: str | None) -> str:
    return "" if why is None else f" stays, as {visible(why, 200)}"
