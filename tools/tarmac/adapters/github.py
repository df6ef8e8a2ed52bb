"""GitHub's REST API, as much of it as Tarmac needs (docs.github.com/rest, version 2022-11-28).

Files and commits are never taken from here: GitHub lists 3,000 files and 250 commits at most, git lists all. Whatever
an answer lacks is an error, as an answer that was cut off must not look like one that says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from tarmac.adapters.github_access import Access, Speaker, good, text
from tarmac.adapters.github_annotations import BATCH, as_annotations
from tarmac.adapters.http import Answer, Http, Waiting
from tarmac.adapters.reviews_file import Json, pull_request
from tarmac.errors import ForgeError, NoPullRequest, UsageError
from tarmac.model.forge import CheckRun, PullRequest
from tarmac.model.json_value import JsonValue, dig
from tarmac.model.shown import visible

if TYPE_CHECKING:
    from types import TracebackType

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "tarmac",
}
# Ten thousand of anything on one pull request is no conversation any more.
_PAGE, _MOST_PAGES = 100, 100
_MOST_ASKED = 15
_TRIES = 3


class GitHub(AbstractContextManager["GitHub"]):
    """One repository at GitHub. Every verb raises ForgeError.

    Raises:
        UsageError: the API's address cannot be used.
    """

    def __init__(self, access: Access, waiting: Waiting) -> None:
        self._http = Http(access.api, waiting, _HEADERS)
        self._access, self._now = access, waiting.now
        self._speaker = Speaker(self._http, access, waiting.now())

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, value, trace)

    # --- reading

    def pull_with_head(self, head: str) -> PullRequest:
        """The one open pull request into the default branch whose head is this commit.

        A verdict holds for a commit, not for a pull request: with two of them one could borrow the other's.
        """
        numbers = {*self._open(f"/commits/{head}/pulls", head)}
        # Of a fork's commit GitHub may know nothing there.
        numbers |= {number for number, commit in self.open_heads().items() if commit == head}
        if not numbers:
            raise NoPullRequest(f"no open pull request into the default branch has the head {head}: was it pushed to?")
        if len(numbers) > 1:
            names = ", ".join(f"#{number}" for number in sorted(numbers))
            raise ForgeError(
                f"{names} have the same head {head}, and a verdict on it would count for all: close all but one, and "
                "edit that one's description, so that it is judged again"
            )
        found = self.pull(numbers.pop())
        if found.head != head:
            raise ForgeError(f"the head of #{found.number} is {found.head} by now, and {head} was asked about")
        return found

    def open_heads(self) -> Mapping[int, str]:
        """The heads of all open pull requests into the default branch, by number."""
        return dict(self._opened("/pulls?state=open&sort=created&direction=asc"))

    def pulls_of(self, commit: str) -> tuple[int, ...]:
        """The numbers of the pull requests that GitHub says have to do with a commit, whatever their state."""
        found = (dig(one, "number") for one in self._pages(f"/commits/{commit}/pulls", "the pull requests"))
        return tuple(sorted(number for number in found if isinstance(number, int)))

    def pull(self, number: int) -> PullRequest:
        """A pull request with all its reviews."""
        told = self.answers(number)
        try:
            return pull_request(told)
        except UsageError as fault:
            raise ForgeError(f"GitHub's answers about #{number}: {fault}") from None

    def answers(self, number: int) -> Json:
        """What `--reviews FILE` holds, as GitHub answers it."""
        where = f"/pulls/{number}"
        found = {
            "pull": self._get(where, "the pull request"),
            "reviews": list(self._pages(f"{where}/reviews", "the reviews")),
            "commits": list(self._pages(f"{where}/commits", "the commits")),
        }
        return cast("Json", found)

    def teams(self) -> frozenset[str] | None:
        """The slugs of the teams that can see the repository; None where we may not ask."""
        path = f"/teams?per_page={_PAGE}"
        first = self._ask("GET", path)
        if first.status in (403, 404):
            return None
        return frozenset(text(team, "slug") for team in self._all(first, path, "the teams"))

    # --- writing

    def comment(self, number: int, marker: str, body: str) -> str:
        """Make our comment say `body`. It is found by the marker at its end and by its author, the first of several;
        where it is gone, also between two questions, it is made anew."""
        login = self._speaker.login(self._now())
        answer = Answer(0)
        for _ in range(_TRIES):
            mine = next(self._mine(number, marker, login), None)
            if mine is None:
                # Made twice would be two comments: where nobody can tell whether it was made, we look.
                answer = self._ask("POST", f"/issues/{number}/comments", {"body": body}, again=False)
                if answer.unknown:
                    continue
                made = good(answer, "a comment")
                self._is_ours(made, login)
                return text(made, "html_url")
            if dig(mine, "body") == body:
                return text(mine, "html_url")
            answer = self._ask("PATCH", f"/issues/comments/{_number(mine)}", {"body": body})
            if answer.status != 404:
                return text(good(answer, "the comment"), "html_url")
        raise ForgeError(f"GitHub refused or failed at a comment, {_TRIES} times: {answer.fault}")

    def check(self, run: CheckRun) -> str:
        """Say the verdict on a commit. With more annotations than one request takes, it is said with the last ones."""
        told, left_out = as_annotations(run.findings)
        batches = [told[at : at + BATCH] for at in range(0, len(told), BATCH)] or [[]]
        note = f"\n\n{left_out} more findings have no annotation." if left_out else ""
        output = {"title": visible(run.title, 250), "summary": run.summary + note}
        done: dict[str, JsonValue] = {"status": "completed", "conclusion": run.conclusion.value}
        answer: JsonValue = None
        for index, batch in enumerate(batches):
            body: dict[str, JsonValue] = {"output": {**output, "annotations": batch}}
            body |= done if index == len(batches) - 1 else {"status": "in_progress"}
            if index == 0:
                body |= {"name": run.name, "head_sha": run.head}
                body |= {"details_url": run.details} if run.details else {}
                answer = good(self._ask("POST", "/check-runs", body), "the check run")
            else:
                answer = good(self._ask("PATCH", f"/check-runs/{_number(answer)}", body), "the check run's findings")
        address = dig(answer, "html_url")
        return address if isinstance(address, str) else ""

    def request(self, number: int, people: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        """Ask for reviews, of those who are not asked yet. Where GitHub refuses all of them for one, each is asked
        alone; who cannot be asked is told, with why."""
        where = f"/pulls/{number}/requested_reviewers"
        asked = self._get(where, "who is asked")
        known = {text(one, "login").lower() for one in _list(asked, "users")}
        known_teams = {text(one, "slug") for one in _list(asked, "teams")}
        new = [name for name in people if name.lower() not in known]
        new_teams = [slug for slug in teams if slug not in known_teams]
        room = max(0, _MOST_ASKED - len(new_teams))
        if not new and not new_teams:
            return ()
        whole = self._ask("POST", where, {"reviewers": new[:room], "team_reviewers": new_teams[:_MOST_ASKED]})
        if whole.status != 422:
            good(whole, "asking for reviews")
            return ()
        return tuple(self._each(where, new[:room], new_teams[:_MOST_ASKED]))

    def label(self, number: int, prefix: str, wanted: Sequence[str]) -> None:
        """Make `wanted` the labels that begin with `prefix`."""
        where = f"/issues/{number}/labels"
        there = {text(one, "name") for one in self._pages(where, "the labels")}
        new = [name for name in wanted if name not in there]
        if new:
            good(self._ask("POST", where, {"labels": new}), "labels")
        for name in sorted(there - set(wanted)):
            if name.startswith(prefix):
                answer = self._ask("DELETE", f"{where}/{quote(name, safe='')}")
                if answer.status != 404:
                    good(answer, "a label")

    # --- below

    def _ask(
        self, method: str, path: str, body: Mapping[str, JsonValue] | None = None, *, again: bool = True
    ) -> Answer:
        token = self._speaker.token(self._now())
        return self._http.send(method, self._access.part + path, token, body, again=again)

    def _get(self, path: str, what: str) -> JsonValue:
        return good(self._ask("GET", path), what)

    def _pages(self, path: str, what: str) -> Iterator[JsonValue]:
        path = f"{path}{'&' if '?' in path else '?'}per_page={_PAGE}"
        return self._all(self._ask("GET", path), path, what)

    def _all(self, answer: Answer, path: str, what: str) -> Iterator[JsonValue]:
        """Every entry of an answer and of the pages after it. A full page that names no next one is no end yet: what
        stands between GitHub and us may have dropped that, and with it an objection."""
        for number in range(1, _MOST_PAGES + 1):
            entries = _entries(good(answer, what), what)
            yield from entries
            if answer.next is not None:
                answer = self._http.send("GET", answer.next, self._speaker.token(self._now()))
            elif len(entries) >= _PAGE:
                answer = self._ask("GET", f"{path}&page={number + 1}")
            else:
                return
        raise ForgeError(f"GitHub has more than {_MOST_PAGES} pages of {what}")

    def _open(self, path: str, head: str) -> Iterator[int]:
        """The open pull requests into the default branch with that head."""
        return (number for number, commit in self._opened(path) if commit == head)

    def _opened(self, path: str) -> Iterator[tuple[int, str]]:
        """The open pull requests into the default branch, each with its head."""
        for one in self._pages(path, "the pull requests"):
            base = text(one, "base", "ref"), dig(one, "base", "repo", "default_branch")
            if text(one, "state") == "open" and base[0] == base[1]:
                yield _number(one, "number"), text(one, "head", "sha")

    def _mine(self, number: int, marker: str, login: str) -> Iterator[JsonValue]:
        for one in self._pages(f"/issues/{number}/comments", "the comments"):
            author, body = dig(one, "user", "login"), dig(one, "body")
            ours = isinstance(author, str) and author.lower() == login
            if ours and isinstance(body, str) and body.rstrip().endswith(marker):
                yield one

    def _is_ours(self, comment: JsonValue, login: str) -> None:
        """Whether the next run will find the comment that this one made."""
        author = text(comment, "user", "login")
        if author.lower() != login:
            raise ForgeError(
                f"the comment was made by {visible(author)} and would not be found again as one of {visible(login)}: "
                f"set TARMAC_GITHUB_LOGIN={visible(author)}"
            )

    def _each(self, where: str, people: Iterable[str], teams: Iterable[str]) -> Iterator[str]:
        pairs = [("reviewers", name) for name in people] + [("team_reviewers", slug) for slug in teams]
        for field, name in pairs:
            answer = self._ask("POST", where, {field: [name]})
            if answer.fault:
                yield f"{visible(name)}: {answer.fault}"


def _number(data: JsonValue, field: str = "id") -> int:
    found = dig(data, field)
    if not isinstance(found, int) or isinstance(found, bool):
        raise ForgeError(f"GitHub's answer has no {field}")
    return found


def _entries(data: JsonValue, what: str) -> Sequence[JsonValue]:
    if not isinstance(data, list):
        raise ForgeError(f"GitHub's answer about {what} is no list")
    return data


def _list(data: JsonValue, field: str) -> Sequence[JsonValue]:
    return _entries(dig(data, field), field)
