"""JSON over HTTPS: tried again where that helps, bounded in size and time, the token for one host alone.

An answer that says "later" (429, or 403 with a rate limit; RFC 9110 10.2.3 for Retry-After) has done nothing and is
always tried again. What failed without an answer, or with 500 and above, may have been done: it is tried again only
where doing it twice is doing it once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from tarmac.errors import ForgeError, UsageError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig
from tarmac.model.shown import visible

if TYPE_CHECKING:
    from ssl import SSLContext
    from types import TracebackType

    import httpx2

# A hundred reviews of the longest text that GitHub takes are 7 MiB.
LIMIT = 16 * 1024 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)
_SAME_METHOD = (307, 308)
# <address>; rel="next", <address>; rel="last"
_ADDRESS = re.compile(r"<[^<>]*>")
_LINKED = re.compile(r"<([^<>]*)>([^<]*)")
_RELATION = re.compile(r';\s*rel\s*=\s*"?([^";,]*)', re.IGNORECASE)
_NEXT = re.compile(r"\bnext\b", re.IGNORECASE)
_MOST_REDIRECTS = 4
# For one answer, from the first byte asked for to the last byte read.
_LONGEST = timedelta(seconds=120)
# GitHub asks to rest for at least a minute where it does not say how long.
_SECONDARY = 60.0


class Waiting(Frozen):
    """How long to go on: at most `tries` in all, resting at most `patience` seconds at a time. `chance` draws from
    [0, 1), so that runs that failed together do not come back together."""

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Callable[[], float]
    tries: int = 5
    patience: float = 300.0


class Answer(Frozen):
    """What came back: status (0: nothing did), its JSON (None where there is none), the next page's address, and in
    `fault` what is wrong with it in half a sentence (empty: nothing)."""

    status: int
    data: JsonValue = None
    next: str | None = None
    fault: str = ""

    @property
    def unknown(self) -> bool:
        """Whether nobody can tell if what was asked for has been done."""
        return self.status == 0 or self.status >= 500


class _Raw(Frozen):
    status: int
    headers: Mapping[str, str]
    content: bytes


class Http(AbstractContextManager["Http"]):
    """Requests to one base address, such as https://api.github.com; over the network where no `transport` is given.

    Raises:
        UsageError: the address is none to send a token to.
    """

    def __init__(
        self, base: str, waiting: Waiting, headers: Mapping[str, str], transport: httpx2.BaseTransport | None = None
    ) -> None:
        import httpx2

        self.base = base.rstrip("/")
        self._waiting, self._headers = waiting, headers
        try:
            self._origin = _origin(httpx2.URL(self.base))
        except httpx2.InvalidURL as fault:
            raise UsageError(f"{visible(base)} is no address of an API: {fault}") from None
        if not (self._origin[0] == "https" or (self._origin[0] == "http" and _is_loopback(self._origin[1]))):
            raise UsageError(f"{visible(base)} is no address of an API: it must begin with https://")
        self._client = httpx2.Client(timeout=30.0, follow_redirects=False, verify=_trusted(), transport=transport)

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def send(
        self,
        method: str,
        address: str,
        token: str,
        body: Mapping[str, JsonValue] | None = None,
        *,
        again: bool = True,
    ) -> Answer:
        """Ask, as often as it helps. `address` is a path below the base, or the whole address of a next page; `again`
        is whether doing it twice is doing it once.

        Raises:
            ForgeError: the address is not below the base, or the answer leads nowhere.
        """
        url = address if address.startswith(("http://", "https://")) else self.base + address
        content = None if body is None else json.dumps(body).encode()
        answer = Answer(0)
        for number in range(1, self._waiting.tries + 1):
            raw, fault = self._once(method, url, token, content)
            answer = Answer(0, fault=fault) if raw is None else _answer(raw)
            rest = self._rest(raw, answer, number, again)
            if rest is None or number == self._waiting.tries:
                break
            if rest > self._waiting.patience:
                return Answer(answer.status, answer.data, fault=f"{answer.fault}; it asks to wait {rest:.0f} seconds")
            self._waiting.sleep(rest)
        return answer

    def _once(self, method: str, url: str, token: str, content: bytes | None) -> tuple[_Raw | None, str]:
        """One answer, redirects followed; or None, and why there is none."""
        import httpx2

        target = httpx2.URL(url)
        if _origin(target) != self._origin:
            raise ForgeError(f"{visible(str(target.host))} is not where questions go: the answer names another host")
        try:
            for _ in range(_MOST_REDIRECTS):
                raw = self._read(method, target, token, content)
                if raw.status not in _REDIRECTS or "location" not in raw.headers:
                    return raw, ""
                if method != "GET" and raw.status not in _SAME_METHOD:
                    return raw, ""
                target = target.join(raw.headers["location"])
                if _origin(target) != self._origin:
                    # Neither the token nor what is written goes there, and nothing that decides comes from there.
                    raise ForgeError(f"a redirect leads to {visible(str(target))[:200]}, away from {self.base}")
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as fault:
            return None, f"no answer ({visible(type(fault).__name__)}: {visible(str(fault), 200)})"
        raise ForgeError(f"more than {_MOST_REDIRECTS} redirects")

    def _read(self, method: str, url: httpx2.URL, token: str, content: bytes | None) -> _Raw:
        # Bytes as they are: what unpacks itself has no bound.
        headers = {**self._headers, "Accept-Encoding": "identity", "Authorization": f"Bearer {token}"}
        if content is not None:
            headers["Content-Type"] = "application/json"
        begun, size, parts = self._waiting.now(), 0, []
        with self._client.stream(method, url, headers=headers, content=content) as response:
            for part in response.iter_raw():
                size += len(part)
                if size > LIMIT:
                    raise ForgeError(f"an answer is larger than {LIMIT // 1024 // 1024} MiB")
                if self._waiting.now() - begun > _LONGEST:
                    raise ForgeError(f"an answer took longer than {_LONGEST.seconds} seconds")
                parts.append(part)
            return _Raw(response.status_code, dict(response.headers), b"".join(parts))

    def _rest(self, raw: _Raw | None, answer: Answer, number: int, again: bool) -> float | None:
        """Seconds until it is worth asking again; None where it is not."""
        if raw is not None and _is_limit(raw, answer):
            said = _said(raw.headers, self._waiting.now())
            return _SECONDARY * 2 ** (number - 1) if said is None else max(said, 0.0)
        broken = answer.unknown or (raw is not None and answer.data is None and answer.fault != "")
        if broken and again:
            said = None if raw is None else _said(raw.headers, self._waiting.now())
            return self._waiting.chance() * min(30.0, 2.0**number) if said is None else max(said, 0.0)
        return None


@cache
def _trusted() -> SSLContext:
    """Whom to trust; slow to make."""
    import httpx2

    return httpx2.create_ssl_context()


def _answer(raw: _Raw) -> Answer:
    data: JsonValue = None
    fault = ""
    if raw.content:
        try:
            data = json.loads(raw.content)
        except (ValueError, RecursionError):
            fault = f"status {raw.status} with an answer that is no JSON"
    if raw.status >= 300:
        said = dig(data, "message")
        fault = f"status {raw.status}" + (f", {visible(said, 200)}" if isinstance(said, str) else "")
    link = raw.headers.get("link", "")
    following = _next(link)
    if following is None and not fault and _NEXT.search(_ADDRESS.sub("", link)):
        fault = f"an answer whose next page cannot be told from {visible(link, 200)}"
    return Answer(raw.status, data, following, fault)


def _is_limit(raw: _Raw, answer: Answer) -> bool:
    """Whether an answer only says "later" (docs.github.com, "Rate limits for the REST API")."""
    if raw.status == 429:
        return True
    spent = raw.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in raw.headers
    return raw.status == 403 and (spent or "rate limit" in answer.fault.lower())


def _said(headers: Mapping[str, str], now: datetime) -> float | None:
    """How many seconds the answer asks to wait; None where it does not say."""
    after = headers.get("retry-after", "")
    if after.isascii() and after.isdigit() and len(after) < 10:
        return float(after)
    if after:
        try:
            until = parsedate_to_datetime(after)
        except ValueError:
            return None
        return (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit() and len(reset) < 12:
        return int(reset) - now.timestamp() + 1
    return None


def _next(link: str) -> str | None:
    """The address that a Link header calls the next (RFC 8288): a comma may stand in an address, and several words in
    one `rel`."""
    for found in _LINKED.finditer(link):
        relation = _RELATION.search(found[2])
        if relation is not None and "next" in relation[1].lower().split():
            return found[1]
    return None


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    scheme = url.scheme.lower()
    return scheme, url.host.lower(), url.port or {"https": 443, "http": 80}.get(scheme, 0)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
