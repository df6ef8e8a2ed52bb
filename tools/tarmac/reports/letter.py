"""A letter about what is news: its title, its text plain or in Markdown, and the same as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.model.json_value import JsonValue
from tarmac.model.notice import Letter, Notice, Topic
from tarmac.model.shown import visible
from tarmac.planning.letters import shortened, tally
from tarmac.reports.markdown_text import plain
from tarmac.reports.text import count

_WIDE = 300
_TITLE = 150


def title(letter: Letter) -> str:
    """What it is about, in a line: whose platform, and how many notices of what."""
    topics = ", ".join(f"{number} {_WORDS[topic]}" for topic, number in tally(letter.notices).items())
    return visible(f"{letter.platform}: {topics}", _TITLE)


_WORDS: Mapping[Topic, str] = {
    Topic.EXPIRES: "ending soon",
    Topic.ENDED: "ended",
    Topic.FAILED: "failed",
    Topic.HELD: "held",
    Topic.DRIFTED: "drifted",
    Topic.ORPHANED: "orphaned",
    Topic.UNHEALTHY: "not well",
    Topic.REFUSED: "refused",
}


def text_body(letter: Letter) -> str:
    """A line a notice, for whoever shows text as it is: bounded, and nothing in it that cannot be seen."""
    told = shortened(letter)
    lines = [f"- {visible(_about(notice), _WIDE)}: {visible(notice.text, _WIDE)}" for notice in told.notices]
    return "\n".join([*lines, *_rest(told)])


def markdown_body(letter: Letter) -> str:
    """The same as Markdown for GitHub, in which nobody is mentioned and nothing linked."""
    told = shortened(letter)
    lines = [f"- {plain(_about(notice), _WIDE)}: {plain(notice.text, _WIDE)}" for notice in told.notices]
    return "\n".join([*lines, *([""] if told.left_out else []), *_rest(told)])


def data_body(letter: Letter) -> JsonValue:
    """The same for a program: `[{"topic", "owner", "request", "text", "key"}]`."""
    return [
        {
            "topic": str(notice.topic),
            "owner": notice.owner,
            "request": notice.request,
            "text": visible(notice.text, _WIDE),
            "key": notice.key,
        }
        for notice in shortened(letter).notices
    ]


def _about(notice: Notice) -> str:
    name = notice.request.removeprefix("resourcerequest:").removeprefix("default/")
    owner = notice.owner.removeprefix("group:").removeprefix("default/")
    if not name:
        return _WORDS[notice.topic]
    return f"{name} of {owner}" if owner else name


def _rest(letter: Letter) -> Iterator[str]:
    if letter.left_out:
        yield f"And {count(letter.left_out, 'more notice')}: the report of the run has them all."
