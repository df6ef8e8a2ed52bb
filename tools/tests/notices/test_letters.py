"""Which letters follow from what the repository says about channels and groups."""

from __future__ import annotations

import pytest

from tarmac.app import wire
from tarmac.catalog.index import Catalog, build
from tarmac.model.documents import Document
from tarmac.model.notice import Channel, Letter, Notice, Topic, Via
from tarmac.planning.letters import MOST_NOTICES, AddressBook, address_book, hearers, letters, shortened, tally

VIA = "via must be one of slack, email, github, webhook, apprise"
ENV = "env must be TARMAC_NOTICES_ and 1 to 40 capitals, digits or '_'"
READING = wire.reading()
PLATFORM = """\
apiVersion: tarmac/v1
kind: Platform
metadata: {{name: acme, uid: 0123456789abcdef}}
spec: {{owner: {owner}, notices: {{{notices}}}}}
"""
GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: {name}, annotations: {{tarmac/slack-channel: "{slack}"}}}}
spec: {{type: team, children: [], profile: {{email: "{mail}"}}}}
"""


def catalog(*texts: str) -> Catalog:
    documents: list[Document] = []
    for number, text in enumerate(texts):
        found, findings = READING.read(f"{number}.yaml", text.encode())
        assert findings == ()
        documents += found
    return build("test", documents, {}, READING.gate.kinds)


def book(notices: str, *groups: str, owner: str = "group:default/ops") -> AddressBook:
    return address_book(catalog(PLATFORM.format(owner=owner, notices=notices), *groups))


def notice(owner: str = "group:default/shop", topic: Topic = Topic.HELD, key: str = "k") -> Notice:
    return Notice(key, topic, owner, "resourcerequest:default/db", "text")


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        ("a: {via: slack, env: TARMAC_NOTICES_A}", Channel("a", Via.SLACK, "TARMAC_NOTICES_A", frozenset(), True)),
        ("a: {via: email, env: TARMAC_NOTICES_A_1, to: platform}", Channel("a", Via.EMAIL, "TARMAC_NOTICES_A_1")),
        (
            "a: {via: github, env: TARMAC_NOTICES_A, to: owner, topics: [held, failed, nonsense]}",
            Channel("a", Via.GITHUB, "TARMAC_NOTICES_A", frozenset({Topic.HELD, Topic.FAILED})),
        ),
        ("a: {via: webhook, env: TARMAC_NOTICES_A}", Channel("a", Via.WEBHOOK, "TARMAC_NOTICES_A")),
        ("a: {via: apprise, env: TARMAC_NOTICES_A}", Channel("a", Via.APPRISE, "TARMAC_NOTICES_A")),
        ("a: {via: pigeon, env: TARMAC_NOTICES_A}", VIA),
        ("a: {via: slack}", ENV),
        ("a: {via: slack, env: AWS_SECRET_ACCESS_KEY}", ENV),
        ("a: {via: slack, env: TARMAC_NOTICES_}", ENV),
        ("a: {via: slack, env: TARMAC_NOTICES_a}", ENV),
        ("a: {via: slack, env: XTARMAC_NOTICES_A}", ENV),
        ('a: {via: slack, env: "TARMAC_NOTICES_A\\n"}', ENV),
        ("a: [1]", VIA),
        ("a: null", VIA),
    ],
)
def test_a_channel_is_what_the_platform_says_or_it_is_said_why_not(said: str, channel: Channel | str) -> None:
    found = book(said)
    if isinstance(channel, Channel):
        assert (found.channels, found.faults) == ((channel,), {})
    else:
        place = "0.yaml:4:34" if said == "a: null" else "0.yaml:4:47"
        assert (found.channels, found.faults) == ((), {"a": f"{place}: {channel}"})


def test_one_channel_that_is_none_is_no_fault_of_the_others() -> None:
    found = book("b: {via: slack, env: TARMAC_NOTICES_B}, c: {via: slack}, a: {via: email, env: TARMAC_NOTICES_A}")
    assert [one.name for one in found.channels] == ["a", "b"]
    assert list(found.faults) == ["c"]


@pytest.mark.parametrize(("said", "wrong"), [("[chat]", True), ("chat", True), ("null", False), ("{}", False)])
def test_what_names_no_channels_is_a_fault_as_a_whole(said: str, wrong: bool) -> None:
    text = PLATFORM.format(owner="group:default/ops", notices="").replace("{}", said)
    why = "0.yaml:4:43: notices must be channels by name, such as chat: {via: slack, env: TARMAC_NOTICES_CHAT}"
    assert address_book(catalog(text)).faults == ({"notices": why} if wrong else {})


def test_without_a_platform_there_are_no_channels() -> None:
    assert address_book(catalog()) == AddressBook((), "", "", {})


def test_a_platform_without_an_owner_and_groups_that_say_nothing_are_reached_where_the_address_says() -> None:
    said = PLATFORM.format(owner="x", notices="a: {via: slack, env: TARMAC_NOTICES_A}").replace("owner: x, ", "")
    quiet = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: q}\nspec: {type: team, children: []}\n"
    found = address_book(catalog(said, quiet))
    assert (found.owner, found.addresses) == ("", {})
    assert found.address(found.channels[0], "group:default/q") == ""


@pytest.mark.parametrize(
    ("mail", "used"),
    [
        ("a@b.example", True),
        ("first.last+tag%x@mail-1.b.example", True),
        ("a@localhost", True),
        ("a@b.example, c@d.example", False),
        ("a@b.example;c@d.example", False),
        ("Ana <a@b.example>", False),
        ("a@b.example\\nBcc: x@y.example", False),
        ("a@@b.example", False),
        ("a@b..example", False),
        ("a@b.example?cc=x@y.example", False),
        ("@b.example", False),
        ("a@", False),
        ("", False),
    ],
)
def test_a_mail_address_is_one_address_or_it_is_not_used(mail: str, used: bool) -> None:
    found = book("m: {via: email, env: TARMAC_NOTICES_A}", GROUP.format(name="shop", slack="x y", mail=mail))
    assert found.addresses == ({(Via.EMAIL, "group:default/shop"): mail} if used else {})


@pytest.mark.parametrize(
    ("slack", "used"),
    [
        ("#team-shop", True),
        ("team_shop", True),
        ("C0123ABC", True),
        ("#" + "x" * 32, True),
        ("#" + "x" * 33, False),
        ("@ceo", False),
        ("#a,#b", False),
        ("#a b", False),
        ("+C0123", False),
        ("##a", False),
        ("#", False),
        ("a@b.example", False),
    ],
)
def test_a_slack_channel_is_one_channel_and_no_person(slack: str, used: bool) -> None:
    found = book("m: {via: email, env: TARMAC_NOTICES_A}", GROUP.format(name="Shop", slack=slack, mail=""))
    assert found.addresses == ({(Via.SLACK, "group:default/shop"): slack} if used else {})


def test_who_says_nothing_is_told_where_the_platform_is_and_else_where_the_address_says() -> None:
    chat = "chat: {via: slack, env: TARMAC_NOTICES_A}"
    ops = GROUP.format(name="ops", slack="#ops", mail="ops@b.example")
    shop = GROUP.format(name="shop", slack="#shop", mail="")
    found = book(chat, ops, shop, owner="ops")
    (channel,) = found.channels
    assert found.owner == "group:default/ops"
    assert found.address(channel, "group:default/shop") == "#shop"
    assert found.address(channel, "group:default/quiet") == "#ops"
    assert found.address(channel, "") == "#ops"
    assert book(chat, shop).address(channel, "group:default/quiet") == ""
    assert book(chat, shop, owner='":"').owner == ""
    everything = book(chat.replace("}", ", to: platform}"), ops, shop)
    assert everything.address(everything.channels[0], "group:default/shop") == "#ops"
    hook = book("hook: {via: webhook, env: TARMAC_NOTICES_A}", ops, shop)
    assert hook.address(hook.channels[0], "group:default/shop") == ""


def test_each_place_gets_one_letter_with_what_it_has_to_hear() -> None:
    said = "b: {via: slack, env: TARMAC_NOTICES_B}, a: {via: webhook, env: TARMAC_NOTICES_A, topics: [failed]}"
    found = book(said, GROUP.format(name="shop", slack="#shop", mail=""))
    a, b = found.channels
    assert hearers(found, Topic.FAILED) == {"a", "b"}
    assert hearers(found, Topic.HELD) == {"b"}
    one, two = notice(key="1"), notice("", Topic.FAILED, "2")
    due = [(one, {"b"}), (two, {"a", "b", "gone"}), (notice(key="3"), set[str]())]
    assert letters(found, due) == (
        Letter(a, "", "acme", (two,)),
        Letter(b, "", "acme", (two,)),
        Letter(b, "#shop", "acme", (one,)),
    )
    assert letters(found, []) == ()


def test_a_letter_tells_so_many_and_counts_the_others() -> None:
    assert MOST_NOTICES == 50, "as the page on notices says"
    channel = Channel("a", Via.WEBHOOK, "TARMAC_NOTICES_A")
    full = Letter(channel, "", "acme", (notice(),) * MOST_NOTICES)
    assert shortened(full) is full
    over = shortened(Letter(channel, "", "acme", (notice(),) * (MOST_NOTICES + 2)))
    assert (len(over.notices), over.left_out) == (MOST_NOTICES, 2)
    assert shortened(Letter(channel, "", "acme", (notice(),) * (MOST_NOTICES + 1))).left_out == 1


def test_a_tally_is_in_the_order_of_the_topics() -> None:
    found = tally([notice(topic=Topic.HELD), notice(topic=Topic.EXPIRES), notice(topic=Topic.HELD)])
    assert list(found.items()) == [(Topic.EXPIRES, 1), (Topic.HELD, 2)]
