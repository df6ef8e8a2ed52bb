"""Who asks GitHub, and what about: all of it from the environment, as GitHub's own runners set it.

A token (`TARMAC_GITHUB_TOKEN`, else `GITHUB_TOKEN`) speaks for itself; an App (`TARMAC_GITHUB_APP_ID` and its private
key in `TARMAC_GITHUB_APP_KEY`) gets one for an hour, for the one repository.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from tarmac.adapters.http import Answer, Http
from tarmac.errors import ForgeError, UsageError
from tarmac.model.json_value import JsonValue, dig
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, parse_instant

# Who speaks with the token of a workflow run, which may not ask for its own name.
RUNNER = "github-actions[bot]"
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,1000}")
# GitHub takes a JWT for ten minutes at most, and its clock may be behind ours.
_JWT_AGE, _JWT_LIFE = timedelta(minutes=1), timedelta(minutes=9)
_SPARE = timedelta(minutes=5)
# What GitHub's description knows. Others of the 200s are somebody's who stands between, and of a part (206) or not
# GitHub's own words (203).
_GOOD = (200, 201, 204)


@dataclass(frozen=True, slots=True)
class Access:
    """Where GitHub is, which repository is meant, and with what to ask. Secrets are not shown."""

    api: str
    server: str
    repository: str
    token: str = field(default="", repr=False)
    app: str = ""
    key: str = field(default="", repr=False)
    login: str = ""
    run: str = ""
    summary: Path | None = None

    @property
    def part(self) -> str:
        """The repository as a part of an address."""
        return f"/repos/{quote(self.repository)}"

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.server}/{quote(self.repository)}"

    @property
    def run_page(self) -> str | None:
        """The page of this run, None outside of one."""
        return f"{self.page}/actions/runs/{self.run}" if self.run.isascii() and self.run.isdigit() else None


def access_from(environment: Mapping[str, str]) -> Access:
    """What the variables say.

    Raises:
        UsageError: something is missing, or cannot be what it should.
    """
    repository = environment.get("GITHUB_REPOSITORY", "")
    if _REPOSITORY.fullmatch(repository) is None:
        raise UsageError("GITHUB_REPOSITORY must name the repository at GitHub, such as acme/platform")
    token = environment.get("TARMAC_GITHUB_TOKEN") or environment.get("GITHUB_TOKEN", "")
    app, key = environment.get("TARMAC_GITHUB_APP_ID", ""), environment.get("TARMAC_GITHUB_APP_KEY", "")
    if bool(app) != bool(key):
        raise UsageError("an App needs both TARMAC_GITHUB_APP_ID and TARMAC_GITHUB_APP_KEY, its private key (PEM)")
    if not app and _TOKEN.fullmatch(token) is None:
        raise UsageError(
            "GitHub is asked with a token in TARMAC_GITHUB_TOKEN or GITHUB_TOKEN, or as an App with "
            "TARMAC_GITHUB_APP_ID and TARMAC_GITHUB_APP_KEY: set one of them"
        )
    summary = environment.get("GITHUB_STEP_SUMMARY")
    return Access(
        api=environment.get("GITHUB_API_URL") or "https://api.github.com",
        server=(environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/"),
        repository=repository,
        token="" if app else token,
        app=app,
        key=key,
        login=environment.get("TARMAC_GITHUB_LOGIN", ""),
        run=environment.get("GITHUB_RUN_ID", ""),
        summary=Path(summary) if summary else None,
    )


def process_access() -> Access:
    """What the variables of this process say. Raises UsageError as `access_from` does."""
    return access_from(os.environ)


class Speaker:
    """The token to ask with, and whose it is; each is found out when it is needed."""

    def __init__(self, http: Http, access: Access, now: datetime) -> None:
        self._http, self._access, self._now = http, access, now
        self._token, self._until = access.token, None if access.token else now
        self._login = access.login

    def token(self, now: datetime) -> str:
        """A token that is good for some minutes more.

        Raises:
            ForgeError: GitHub gives none.
        """
        if self._until is not None and now >= self._until:
            self._token, self._until = self._installation(now)
        return self._token

    def login(self, now: datetime) -> str:
        """The login that comments made with the token carry, in lower case.

        Raises:
            ForgeError: GitHub does not say.
        """
        if not self._login:
            if self._access.app:
                slug = text(good(self._http.send("GET", "/app", self._jwt(now)), "the App's name"), "slug")
                self._login = f"{slug}[bot]"
            else:
                answer = self._http.send("GET", "/user", self.token(now))
                # A run's own token is no user's and must not ask.
                self._login = RUNNER if answer.status == 403 else text(good(answer, "the token's owner"), "login")
        return self._login.lower()

    def _installation(self, now: datetime) -> tuple[str, datetime]:
        jwt = self._jwt(now)
        found = good(self._http.send("GET", f"{self._access.part}/installation", jwt), "the App's installation")
        number = dig(found, "id")
        if not isinstance(number, int):
            raise ForgeError("GitHub's answer about the App's installation has no id")
        wanted: dict[str, JsonValue] = {"repositories": [self._access.repository.partition("/")[2]]}
        made = good(
            self._http.send("POST", f"/app/installations/{number}/access_tokens", jwt, wanted), "a token of the App"
        )
        token = text(made, "token")
        if _TOKEN.fullmatch(token) is None:
            raise ForgeError("GitHub's answer holds no token of the App")
        try:
            return token, parse_instant(text(made, "expires_at")) - _SPARE
        except BadValue as fault:
            raise ForgeError(f"GitHub's answer does not say how long the App's token is good: {fault}") from None

    def _jwt(self, now: datetime) -> str:
        import jwt

        claims = {"iat": now - _JWT_AGE, "exp": now + _JWT_LIFE, "iss": self._access.app}
        try:
            return jwt.encode(claims, self._access.key.replace("\\n", "\n"), algorithm="RS256")
        except (jwt.PyJWTError, ValueError, TypeError):
            # What is wrong with a key is not told: the text may hold a part of it.
            raise UsageError("TARMAC_GITHUB_APP_KEY is no RSA private key in PEM form") from None


def good(answer: Answer, what: str) -> JsonValue:
    """What a good answer holds.

    Raises:
        ForgeError: it is none.
    """
    if answer.fault or answer.status not in _GOOD:
        raise ForgeError(f"GitHub refused or failed at {what}: {answer.fault or f'status {answer.status}'}")
    return answer.data


def text(data: JsonValue, *path: str | int) -> str:
    """A text within an answer.

    Raises:
        ForgeError: there is none.
    """
    found = dig(data, *path)
    if not isinstance(found, str):
        raise ForgeError(f"GitHub's answer has no {visible('.'.join(map(str, path)))}")
    return found
