"""Where notices go: the platform's channels, who is reached there how, and one letter a place and run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tarmac.catalog.index import Catalog
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.json_value import JsonValue, text, texts
from tarmac.model.notice import Channel, Letter, Notice, Topic, Via
from tarmac.model.refs import BadReference, Ref

# What a letter tells; more than that nobody reads, and it is only counted.
MOST_NOTICES = 50
# One address and nothing else: no list, no name, nothing that a mail program would take apart.
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
# A channel's name or id, never a person.
_SLACK = re.compile(r"#?[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_NO_CHANNELS = "notices must be channels by name, such as chat: {via: slack, env: TARMAC_NOTICES_CHAT}"
_VARIABLE = re.compile(r"TARMAC_NOTICES_[A-Z0-9_]{1,40}")


class AddressBook(Frozen):
    """The platform's channels, and by group how it is reached where it says so itself. `owner` is the group that
    hears of what is nobody's, `platform` what the platform is called. `faults` says by name of what is written as a
    channel why nothing can be sent there, with its place."""

    channels: tuple[Channel, ...] = ()
    platform: str = ""
    owner: str = ""
    addresses: Mapping[tuple[Via, str], str] = field(default_factory=lambda: MappingProxyType({}))
    faults: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def address(self, channel: Channel, group: str) -> str:
        """Where a group is reached; where it says nothing, its platform; else whatever the channel itself names."""
        hearer = group if channel.to_owner and group else self.owner
        own = self.addresses.get((channel.via, hearer))
        return own or self.addresses.get((channel.via, self.owner), "")


def address_book(catalog: Catalog) -> AddressBook:
    """What the repository says about it. What is written wrongly there is a finding of its own, and a fault here."""
    platform = catalog.platform()
    if platform is None:
        return AddressBook()
    said = platform.mapping("spec", "notices")
    found = {name: _channel(name, said) for name in sorted(said)}
    channels = tuple(one for one in found.values() if isinstance(one, Channel))
    faults = {
        name: f"{platform.place('spec', 'notices', name)}: {why}" for name, why in found.items() if isinstance(why, str)
    }
    if platform.get("spec", "notices") not in (None, said):
        faults["notices"] = f"{platform.place('spec', 'notices')}: {_NO_CHANNELS}"
    addresses: dict[tuple[Via, str], str] = {}
    for group in catalog.of_kind("group") if channels else ():
        for via, address in _reached(group):
            addresses[via, str(group.ref)] = address
    owner = platform.text("spec", "owner") or ""
    try:
        owner = str(Ref.parse(owner, default_kind="group", default_namespace=platform.ref.namespace))
    except BadReference:
        owner = ""
    return AddressBook(channels, platform.name, owner, addresses, faults)


def letters(book: AddressBook, due: Iterable[tuple[Notice, Collection[str]]]) -> tuple[Letter, ...]:
    """One letter for each place that has to hear anything, sorted by channel and address. `due` are notices with the
    names of the channels that have to be told."""
    found: dict[tuple[str, str], list[Notice]] = {}
    for notice, names in due:
        for channel in book.channels:
            if channel.name in names:
                found.setdefault((channel.name, book.address(channel, notice.owner)), []).append(notice)
    channels = {channel.name: channel for channel in book.channels}
    return tuple(
        Letter(channels[name], address, book.platform, tuple(notices))
        for (name, address), notices in sorted(found.items(), key=lambda item: item[0])
    )


def shortened(letter: Letter) -> Letter:
    """The letter as it is written: with no more than people read."""
    more = len(letter.notices) - MOST_NOTICES
    return replace(letter, notices=letter.notices[:MOST_NOTICES], left_out=more) if more > 0 else letter


def hearers(book: AddressBook, topic: Topic) -> frozenset[str]:
    """The names of the channels that hear of a topic."""
    return frozenset(channel.name for channel in book.channels if channel.hears(topic))


def _channel(name: str, said: Mapping[str, JsonValue]) -> Channel | str:
    """The channel, or what has to be written so that it is one."""
    data = said.get(name)
    via, variable = text(data, "via"), text(data, "env")
    if via not in set(Via):
        return f"via must be one of {', '.join(Via)}"
    if variable is None or _VARIABLE.fullmatch(variable) is None:
        return "env must be TARMAC_NOTICES_ and 1 to 40 capitals, digits or '_'"
    topics = frozenset(Topic(topic) for topic in texts(data, "topics") if topic in set(Topic))
    personal = Via(via) in (Via.SLACK, Via.EMAIL)
    return Channel(name, Via(via), variable, topics, personal and text(data, "to") != "platform")


def _reached(group: Entity) -> Iterator[tuple[Via, str]]:
    mail = group.text("spec", "profile", "email")
    if mail is not None and _MAIL.fullmatch(mail):
        yield Via.EMAIL, mail
    slack = group.text("metadata", "annotations", "tarmac/slack-channel")
    if slack is not None and _SLACK.fullmatch(slack):
        yield Via.SLACK, slack


def tally(notices: Sequence[Notice]) -> Mapping[Topic, int]:
    """How many there are of each topic, in the order of the topics."""
    counts = {topic: sum(notice.topic is topic for notice in notices) for topic in Topic}
    return {topic: count for topic, count in counts.items() if count}
