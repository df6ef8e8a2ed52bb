"""A pull request's reviews as JSON, with the fields of GitHub's REST answers; any other shape is refused.

What is left out or of another type is never guessed: an answer that was cut off, or an error message in its place,
must not look like a change that nobody objects to. Fields that are not needed are not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TypeAlias

from tarmac.errors import UsageError
from tarmac.model.facts import Opinion
from tarmac.model.forge import CommitLogins, ForgeReview, PullRequest
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, parse_instant

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

# A review is about two kilobytes; this is far more than people write on one change.
LIMIT = 32 * 1024 * 1024
_LOGIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATES: Mapping[str, Opinion] = {
    "APPROVED": Opinion.APPROVED,
    "CHANGES_REQUESTED": Opinion.CHANGES_REQUESTED,
    "COMMENTED": Opinion.COMMENTED,
    "DISMISSED": Opinion.DISMISSED,
}
# Begun and not sent: nobody but its author sees it.
_UNSENT = "PENDING"
_PERSON, _BOT = "User", "[bot]"


def read_reviews(path: Path) -> PullRequest:
    """The pull request that a file tells of.

    Raises:
        UsageError: it cannot be read, or does not hold what it should; with where and what.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except (OSError, ValueError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise UsageError(f"the reviews cannot be read from {visible(str(path))}: {why}") from None
    if len(content) > LIMIT:
        raise UsageError(f"the reviews are more than {LIMIT // 1024 // 1024} MiB: name the file of one pull request")
    return parse_reviews(content)


def parse_reviews(content: bytes) -> PullRequest:
    """The pull request that JSON tells of, in UTF-8.

    Raises:
        UsageError: it does not hold what it should.
    """
    try:
        data: Json = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_no_number)
    except (UnicodeDecodeError, RecursionError, ValueError) as fault:
        why = "nested too deep" if isinstance(fault, RecursionError) else str(fault)
        raise UsageError(f"the reviews are no JSON: {visible(why, 200)}") from None
    return pull_request(data)


def pull_request(data: Json) -> PullRequest:
    """A pull request from GitHub's answers put together: `pull`, `reviews`, `commits`.

    Raises:
        UsageError: something is missing, of another type, or said twice in two ways.
    """
    root = _mapping(data, "the file")
    pull = _mapping(_field(root, "pull", "the file"), "pull")
    author = _login(_field(_mapping(_field(pull, "user", "pull"), "pull.user"), "login", "pull.user"), "pull.user")
    number = _field(pull, "number", "pull")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        _refuse("pull.number", "a number from 1 on")
    draft = _field(pull, "draft", "pull")
    if not isinstance(draft, bool):
        _refuse("pull.draft", "true or false")
    head = _mapping(pull["head"], "pull.head") if pull.get("head") is not None else {}
    reviews = _list(_field(root, "reviews", "the file"), "reviews")
    commits = _list(_field(root, "commits", "the file"), "commits")
    return PullRequest(
        number=number,
        author=author,
        draft=draft,
        reviews=tuple(_reviews(reviews)),
        commits=_commits(commits),
        head=_commit(head["sha"], "pull.head.sha") if "sha" in head else None,
    )


def _reviews(stated: Sequence[Json]) -> Iterator[ForgeReview]:
    """In the order they were given in. GitHub tells seconds: of those of one instant a request for changes is last."""
    found: list[ForgeReview] = []
    known: dict[int, Json] = {}
    for index, one in enumerate(stated):
        where = f"reviews[{index}]"
        review = _mapping(one, where)
        identity = review.get("id")
        if isinstance(identity, int):
            # Pages that were fetched while a review came in overlap.
            if known.setdefault(identity, one) != one:
                _refuse(where, f"what review {identity} says elsewhere in the file")
            if known[identity] is not one:
                continue
        if review.get("state") != _UNSENT:
            found.append(_review(review, where))
    return iter(sorted(found, key=lambda one: (one.submitted_at, one.opinion is Opinion.CHANGES_REQUESTED)))


def _review(review: Mapping[str, Json], where: str) -> ForgeReview:
    user = _field(review, "user", where)
    login, kind = None, None
    if user is not None:
        account = _mapping(user, f"{where}.user")
        login = _login(_field(account, "login", f"{where}.user"), f"{where}.user")
        kind = _text(_field(account, "type", f"{where}.user"), f"{where}.user.type")
    state = _text(_field(review, "state", where), f"{where}.state")
    if state not in _STATES:
        _refuse(f"{where}.state", f"one of {', '.join((*_STATES, _UNSENT))}")
    commit = _field(review, "commit_id", where)
    given = _instant(_field(review, "submitted_at", where), f"{where}.submitted_at")
    edits = [review.get(key) for key in ("updated_at", "last_edited_at")]
    return ForgeReview(
        login=login,
        person=kind == _PERSON and login is not None and not login.endswith(_BOT),
        opinion=_STATES[state],
        commit=None if commit is None else _commit(commit, f"{where}.commit_id"),
        submitted_at=given,
        edited=any(edit is not None and _instant(edit, f"{where}: when it was edited") > given for edit in edits),
    )


def _commits(stated: Sequence[Json]) -> Mapping[str, CommitLogins]:
    found: dict[str, CommitLogins] = {}
    for index, one in enumerate(stated):
        where = f"commits[{index}]"
        commit = _mapping(one, where)
        sides = [_side(_field(commit, key, where), f"{where}.{key}") for key in ("author", "committer")]
        logins = CommitLogins(*sides)
        name = _commit(_field(commit, "sha", where), f"{where}.sha")
        if found.setdefault(name, logins) != logins:
            _refuse(where, f"what commit {name} says elsewhere in the file")
    return found


def _side(stated: Json, where: str) -> str | None:
    """A commit's author or committer; null, or an empty object, where GitHub knows nobody of that address."""
    if stated is None or stated == {}:
        return None
    return _login(_field(_mapping(stated, where), "login", where), where)


def _field(data: Mapping[str, Json], key: str, where: str) -> Json:
    if key not in data:
        raise UsageError(f"the reviews lack {key} in {where}: is it an error message, or only a part?")
    return data[key]


def _mapping(stated: Json, where: str) -> Mapping[str, Json]:
    return stated if isinstance(stated, dict) else _refuse(where, "an object")


def _list(stated: Json, where: str) -> Sequence[Json]:
    return stated if isinstance(stated, list) else _refuse(where, "a list")


def _text(stated: Json, where: str) -> str:
    return stated if isinstance(stated, str) else _refuse(where, "a text")


def _login(stated: Json, where: str) -> str:
    """Lower case, which is how logins are compared. Only ASCII: some other letters have these as lower case."""
    text = _text(stated, f"{where}.login")
    return text.lower() if text.isascii() and _LOGIN.fullmatch(text.lower()) else _refuse(f"{where}.login", "a login")


def _commit(stated: Json, where: str) -> str:
    text = _text(stated, where)
    return text if _COMMIT.fullmatch(text) else _refuse(where, "the full id of a commit")


def _instant(stated: Json, where: str) -> datetime:
    try:
        return parse_instant(_text(stated, where))
    except BadValue:
        _refuse(where, "an instant such as 2026-12-01T06:00:00Z")


def _refuse(where: str, wanted: str) -> NoReturn:
    raise UsageError(f"the reviews are not as they should be: {where} must be {wanted}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object says one thing twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
