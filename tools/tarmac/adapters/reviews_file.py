"""A pull request's reviews as JSON, with the fields of GitHub's REST answers; any other shape is refused.

What is left out or of another type is never guessed: an answer that was cut off, or an error message in its place,
must not look like a change that nobody objects to. Fields that are not needed are not looked at.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TypeAlias

from tarmac.errors import UsageError
from tarmac.model.facts import Opinion
from tarmac.model.forge import CommitLogins, ForgeReview, PullRequest
from tarmac.model.patterns import lazily
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, parse_instant

Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

# A review is about two kilobytes; this is far more than people write on one change.
LIMIT = 32 * 1024 * 1024
_LOGIN = lazily(r"[a-z0-9][a-z0-9_-]{0,99}(?:\[bot\])?")
_COMMIT = lazily(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_STATES: Mapping[str, Opinion] = {
    "APPROVED": Opinion.APPROVED,
    "CHANGES_REQUESTED": Opinion.CHANGES_REQUESTED,
    "COMMENTED": Opinion.COMMENTED,
    "DISMISSED": Opinion.DISMISSED,
}
# Begun and not sent: nobody but its author sees it.
_UNSENT = "PENDING"
_PERSON, _BOT = "User", "[bot]"
# Ids have about ten.
_DIGITS = 100


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
    return pull_request(load_json(content))


def load_json(content: bytes) -> Json:
    """JSON in UTF-8 as values; numbers that are none and names that stand twice are refused.

    Raises:
        UsageError: it is none.
    """
    try:
        text = content.removeprefix(BOM_UTF8).decode()
        data: Json = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_integer)
    except (UnicodeDecodeError, RecursionError, ValueError) as fault:
        why = "nested too deep" if isinstance(fault, RecursionError) else str(fault)
        raise UsageError(f"the reviews are no JSON: {visible(why, 200)}") from None
    return data


def pull_request(data: Json) -> PullRequest:
    """A pull request from GitHub's answers put together: `pull`, `reviews`, `commits`.

    Raises:
        UsageError: something is missing, of another type, or said twice in two ways.
    """
    root = mapping_of(data, "the file")
    pull = mapping_of(field_of(root, "pull", "the file"), "pull")
    user = mapping_of(field_of(pull, "user", "pull"), "pull.user")
    author = login_of(field_of(user, "login", "pull.user"), "pull.user")
    number = field_of(pull, "number", "pull")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        refuse("pull.number", "a number from 1 on")
    draft = field_of(pull, "draft", "pull")
    if not isinstance(draft, bool):
        refuse("pull.draft", "true or false")
    head = mapping_of(pull["head"], "pull.head") if pull.get("head") is not None else {}
    reviews = list_of(field_of(root, "reviews", "the file"), "reviews")
    commits = list_of(field_of(root, "commits", "the file"), "commits")
    return PullRequest(
        number=number,
        author=author,
        draft=draft,
        reviews=tuple(_reviews(reviews)),
        commits=_commits(commits),
        head=commit_of(head["sha"], "pull.head.sha") if "sha" in head else None,
    )


def _reviews(stated: Sequence[Json]) -> Iterator[ForgeReview]:
    """In the order they were given in. GitHub tells seconds: of those of one instant a request for changes is last."""
    found: list[ForgeReview] = []
    known: dict[int, Json] = {}
    for index, one in enumerate(stated):
        where = f"reviews[{index}]"
        review = mapping_of(one, where)
        identity = review.get("id")
        if isinstance(identity, int):
            # Pages that were fetched while a review came in overlap.
            if known.setdefault(identity, one) != one:
                refuse(where, f"what review {identity} says elsewhere in the file")
            if known[identity] is not one:
                continue
        if review.get("state") != _UNSENT:
            found.append(_review(review, where))
    return iter(sorted(found, key=lambda one: (one.submitted_at, one.opinion is Opinion.CHANGES_REQUESTED)))


def _review(review: Mapping[str, Json], where: str) -> ForgeReview:
    user = field_of(review, "user", where)
    login, kind = None, None
    if user is not None:
        account = mapping_of(user, f"{where}.user")
        login = login_of(field_of(account, "login", f"{where}.user"), f"{where}.user")
        kind = text_of(field_of(account, "type", f"{where}.user"), f"{where}.user.type")
    state = text_of(field_of(review, "state", where), f"{where}.state")
    if state not in _STATES:
        refuse(f"{where}.state", f"one of {', '.join((*_STATES, _UNSENT))}")
    commit = field_of(review, "commit_id", where)
    given = instant_of(field_of(review, "submitted_at", where), f"{where}.submitted_at")
    edits = [review.get(key) for key in ("updated_at", "last_edited_at")]
    return ForgeReview(
        login=login,
        person=kind == _PERSON and login is not None and not login.endswith(_BOT),
        opinion=_STATES[state],
        commit=None if commit is None else commit_of(commit, f"{where}.commit_id"),
        submitted_at=given,
        edited=any(edit is not None and instant_of(edit, f"{where}: when it was edited") > given for edit in edits),
    )


def _commits(stated: Sequence[Json]) -> Mapping[str, CommitLogins]:
    found: dict[str, CommitLogins] = {}
    for index, one in enumerate(stated):
        where = f"commits[{index}]"
        commit = mapping_of(one, where)
        sides = [_side(field_of(commit, key, where), f"{where}.{key}") for key in ("author", "committer")]
        logins = CommitLogins(*sides)
        name = commit_of(field_of(commit, "sha", where), f"{where}.sha")
        if found.setdefault(name, logins) != logins:
            refuse(where, f"what commit {name} says elsewhere in the file")
    return found


def _side(stated: Json, where: str) -> str | None:
    """A commit's author or committer; null, or an empty object, where GitHub knows nobody of that address."""
    if stated is None or stated == {}:
        return None
    return login_of(field_of(mapping_of(stated, where), "login", where), where)


def field_of(data: Mapping[str, Json], key: str, where: str) -> Json:
    """What stands under a key; raises UsageError where nothing does."""
    if key not in data:
        raise UsageError(f"the reviews lack {key} in {where}: is it an error message, or only a part?")
    return data[key]


def mapping_of(stated: Json, where: str) -> Mapping[str, Json]:
    """An object; raises UsageError for anything else."""
    return stated if isinstance(stated, dict) else refuse(where, "an object")


def list_of(stated: Json, where: str) -> Sequence[Json]:
    """A list; raises UsageError for anything else."""
    return stated if isinstance(stated, list) else refuse(where, "a list")


def text_of(stated: Json, where: str) -> str:
    """A text; raises UsageError for anything else."""
    return stated if isinstance(stated, str) else refuse(where, "a text")


def login_of(stated: Json, where: str) -> str:
    """Lower case, which is how logins are compared. Only ASCII: some other letters have these as lower case."""
    text = text_of(stated, f"{where}.login")
    return text.lower() if text.isascii() and _LOGIN.fullmatch(text.lower()) else refuse(f"{where}.login", "a login")


def commit_of(stated: Json, where: str) -> str:
    """The full id of a commit; raises UsageError for anything else."""
    text = text_of(stated, where)
    return text if _COMMIT.fullmatch(text) else refuse(where, "the full id of a commit")


def instant_of(stated: Json, where: str) -> datetime:
    """An instant; raises UsageError for anything else."""
    try:
        return parse_instant(text_of(stated, where))
    except BadValue:
        refuse(where, "an instant such as 2026-12-01T06:00:00Z")


def refuse(where: str, wanted: str) -> NoReturn:
    """Raises UsageError: what stands where is not what should."""
    raise UsageError(f"the reviews are not as they should be: {where} must be {wanted}")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object says one thing twice")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"a number has more than {_DIGITS} digits")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
