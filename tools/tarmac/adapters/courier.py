"""Letters sent by apprise (github.com/caronc/apprise), which speaks to Slack, mail servers, GitHub and many more.

A channel's address is a secret: it comes from a variable of the environment, and neither it nor what the library says
of it is shown or logged. Text goes out as text: what Slack, GitHub or a mail program would act upon is escaped.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tarmac.model.notice import Channel, Letter, Via
from tarmac.reports.letter import data_body, markdown_body, text_body, title

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

# One message, with connecting and waiting for the answer.
_PATIENCE = 20.0
# A run of thousands of teams must not take the night, and one of broken servers neither.
MOST_LETTERS = 200
_FAILURES = 3
_STATUS = re.compile(r"error=([1-5][0-9]{2})\b")
_SERVICES = {
    Via.SLACK: ("slack", "slack://TOKEN/#channel"),
    Via.EMAIL: ("mailto", "mailtos://USER:PASSWORD@SERVER?from=ADDRESS"),
    Via.GITHUB: ("github", "github://TOKEN@OWNER/REPOSITORY"),
    Via.WEBHOOK: ("json", "jsons://SERVER/PATH"),
}

# A service of the library's, made from the tokens of an address; None where they are none.
Opener = Callable[[dict[str, Any], "AppriseAsset"], "NotifyBase | None"]


class _Unsendable(Exception):
    """Why a letter cannot go out, in words that hold no secret."""


def open_service(tokens: dict[str, Any], asset: AppriseAsset) -> NotifyBase | None:
    """The library's own service."""
    from apprise import Apprise

    return Apprise.instantiate(tokens, asset=asset, suppress_exceptions=True)


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends letters. `environment` holds the addresses."""

    environment: Mapping[str, str] = field(repr=False)
    opener: Opener = open_service

    def deliver(self, letters: Sequence[Letter]) -> tuple[str | None, ...]:
        """Send each; for each why it was not sent, or None. A channel that fails again and again is left for later."""
        failures: dict[str, int] = {}
        done: list[str | None] = []
        for number, letter in enumerate(letters):
            name = letter.channel.name
            if number >= MOST_LETTERS:
                done.append(f"one run sends {MOST_LETTERS} messages at most")
            elif failures.get(name, 0) >= _FAILURES:
                done.append(f"{_FAILURES} messages before it could not be sent")
            else:
                try:
                    self._send(letter)
                except _Unsendable as fault:
                    failures[name] = failures.get(name, 0) + 1
                    done.append(str(fault))
                else:
                    failures[name] = 0
                    done.append(None)
        return tuple(done)

    def _send(self, letter: Letter) -> None:
        try:
            from apprise import Apprise, AppriseAsset, AppriseResultStatus, NotifyFormat
        except ImportError:
            raise _Unsendable("apprise is not installed: install tarmac[notices]") from None
        _silence()
        asset = AppriseAsset(
            storage_mode="memory",
            service_timeout=_PATIENCE,
            app_id="Tarmac",
            app_desc="Tarmac",
            app_url="",
            async_mode=False,
            # A redirect of what is written is followed as a question, whose answer would look like success.
            http_redirects=False,
            pgp_autogen=False,
            pem_autogen=False,
            interpret_emojis=False,
        )
        server = Apprise(asset=asset)
        server.add(self._service(letter, asset))
        markdown = letter.channel.via is Via.GITHUB
        result = server.notify(
            body=markdown_body(letter) if markdown else text_body(letter),
            title=title(letter),
            body_format=NotifyFormat.MARKDOWN if markdown else NotifyFormat.TEXT,
            timeout=_PATIENCE,
        )
        if result:
            return
        if result.status == AppriseResultStatus.TIMEOUT:
            raise _Unsendable(f"there was no answer within {_PATIENCE:.0f} seconds")
        # What the library logs may name addresses: of all that only a status is told.
        statuses = [found[1] for entry in result.logs() if (found := _STATUS.search(entry.message))]
        raise _Unsendable(
            f"the service answered {statuses[-1]}" if statuses else "the service could not be reached, or refused"
        )

    def _service(self, letter: Letter, asset: AppriseAsset) -> NotifyBase:
        from apprise.plugins import url_to_dict

        channel = letter.channel
        value = self.environment.get(channel.variable, "").strip()
        if not value:
            raise _Unsendable(f"the environment has no variable {channel.variable}")
        tokens: dict[str, Any] | None = url_to_dict(value)  # type: ignore[no-untyped-call]  # as shipped
        if not tokens or not _fits(channel, str(tokens.get("schema", ""))):
            raise _Unsendable(_wrong(channel))
        if letter.address and channel.via in (Via.SLACK, Via.EMAIL):
            tokens["targets"] = [letter.address]
        if channel.via is Via.SLACK:
            if tokens.get("access_token") and not tokens.get("targets"):
                raise _Unsendable(f"neither a team nor {channel.variable} names a Slack channel")
            tokens |= {"include_image": False, "use_blocks": False, "template": None}
        if channel.via is Via.WEBHOOK:
            tokens["payload"] = {**(tokens.get("payload") or {}), "notices": data_body(letter)}
        # How it looks is ours: text, whatever the address asks for.
        tokens["format"] = "markdown" if channel.via is Via.GITHUB else "text"
        service = self.opener(tokens, asset)
        if service is None:
            raise _Unsendable(_wrong(channel))
        return service


def _fits(channel: Channel, schema: str) -> bool:
    if channel.via is Via.APPRISE:
        return True
    wanted = _SERVICES[channel.via][0]
    return schema in (wanted, f"{wanted}s")


def _wrong(channel: Channel) -> str:
    """Names the variable, never what it holds."""
    if channel.via is Via.APPRISE:
        return f"{channel.variable} holds no address that apprise knows"
    return f"{channel.variable} holds no address such as {_SERVICES[channel.via][1]}"


def _silence() -> None:
    """The library logs addresses, in part: nobody hears it."""
    log = logging.getLogger("apprise")
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())
