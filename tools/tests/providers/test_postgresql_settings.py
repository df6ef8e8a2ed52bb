"""What the postgresql provider's options may say, and what a request may ask for under them. No server is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.errors import ConfigurationError
from tarmac.model.json_value import JsonValue
from tarmac.providers.base import ProviderSettings
from tarmac.providers.postgresql import PostgreSQL, open_postgresql
from tarmac.providers.postgresql_names import Names, Record, Stage, read_record, uid_of_owner
from tarmac.providers.secret_files import SecretFiles
from tarmac.providers.tagging import Untagged, tags_for
from tests.planning.worlds import NOW, OURS, wish

UID = "5451ba68-8296-5a11-8a5e-b86e164c00d1"
SERVER = {"host": "db.example", "user": "tarmac"}


def opened(**options: str) -> PostgreSQL:
    given = {name: value for name, value in {**SERVER, **options}.items() if value}
    return open_postgresql(ProviderSettings(OURS, Path("/own"), given, SecretFiles(Path("/secrets"))))


def faults(config: dict[str, JsonValue], **options: str) -> str:
    return "; ".join(opened(**options).validate(wish("one", category="database", config=config)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": ""}, "needs the option host: name its server in a file for --providers"),
        ({"user": ""}, "needs the option user"),
        ({"port": "0"}, "option port is no port"),
        ({"port": "65536"}, "option port is no port"),
        ({"port": "9" * 5000}, "option port is no port"),
        ({"port": "\u0665"}, "option port is no port"),
        ({"clientPort": "x"}, "option port is no port"),
        ({"sslmode": "maybe"}, "option sslmode is none of disable, allow"),
        ({"connections": "0"}, 'option connections is "0": write a whole number from 1'),
        ({"keepRemovedDays": "-1"}, "option keepRemovedDays"),
        ({"restoreTestDays": "1.5"}, "option restoreTestDays"),
        ({"backupRetentionDays": "9" * 40}, "option backupRetentionDays"),
        ({"backupFolder": "here"}, "option backupFolder is no absolute path"),
        ({"pasword": "x"}, "there is no option pasword"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        opened(**options)
    assert said in str(refused.value)


@pytest.mark.parametrize("platform", ["", "..", "a/b", "x\n", "\x00"])
def test_a_platform_whose_uid_could_lead_elsewhere_is_refused(platform: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a folder"):
        open_postgresql(ProviderSettings(platform, Path("/own"), SERVER, SecretFiles(Path("/secrets"))))


def test_a_server_is_trusted_only_with_its_certificate_unless_something_else_is_said() -> None:
    assert opened().server.sslmode == "verify-full"
    assert opened(sslmode="disable").server.sslmode == "disable"


def test_clients_may_reach_the_server_by_another_way() -> None:
    provider = opened(clientHost="db.inside.example", clientPort="6432")
    assert (provider.server.host, provider.server.port) == ("db.example", 5432)
    assert (provider.client.host, provider.client.port) == ("db.inside.example", 6432)


def test_a_password_is_never_shown() -> None:
    assert "hush" not in repr(opened(password="hush"))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, ""),
        ({"connectionLimit": 1, "backupRetentionDays": 0, "extensions": ["citext"]}, ""),
        ({"connectionLimit": 0}, "config.connectionLimit is 0: write a whole number from 1 to 10000"),
        ({"connectionLimit": True}, "config.connectionLimit is true"),
        ({"connectionLimit": 10**400}, "config.connectionLimit is"),
        ({"backupRetentionDays": "7"}, 'config.backupRetentionDays is "7"'),
        ({"extensions": "citext"}, 'config.extensions is "citext": write a list of names'),
        ({"extensions": ["citext", 1]}, "write a list of names"),
        ({"extensions": ["plpython3u"]}, 'extension "plpython3u" is not offered here: choose of btree_gin'),
        ({"extensions": ['x"; DROP']}, "is not offered here"),
        ({"region": "eu"}, "state is.region among its options"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(config: dict[str, JsonValue], said: str) -> None:
    found = faults(config)
    assert said in found if said else found == ""


@pytest.mark.parametrize(
    ("fact", "value", "passes"),
    [
        ("*", {"any": ["thing"]}, True),
        ("true", True, True),
        ("true", False, False),
        ("true", "true", True),
        ("eu-north-1", "eu-north-1", True),
        ("eu-north-1", "eu-west-1", False),
        ("20", 20, True),
        ("20", 21, False),
    ],
)
def test_a_field_that_states_how_the_server_is_passes_where_it_is_so(fact: str, value: JsonValue, passes: bool) -> None:
    found = faults({"fact": value}, **{"is.fact": fact})
    assert (found == "") is passes, found


def test_only_extensions_on_the_platforms_list_may_be_asked_for() -> None:
    assert faults({"extensions": ["postgis"]}, extensions="postgis citext") == ""
    assert 'extension "hstore"' in faults({"extensions": ["hstore"]}, extensions="postgis citext")


def test_names_are_made_from_the_uid_and_lead_back_to_it() -> None:
    names = Names.of(UID)
    everything = (names.database, names.owner, names.read, names.proof, *names.logins)
    assert len(set(everything)) == 6
    # PostgreSQL cuts what is longer (NAMEDATALEN), and two names would be one.
    assert all(len(name) < 64 and name.startswith("tarmac_5451ba68") for name in everything)
    assert uid_of_owner(names.owner) == UID
    assert [names.other(login) for login in (*names.logins, "", "else")] == [
        *reversed(names.logins), names.logins[0], names.logins[0],
    ]  # fmt: skip


def test_a_record_is_told_back_as_it_was_in_ascii_only() -> None:
    tags = tags_for(UID, OURS, wish("ä\u202e\x00\x1b"), NOW)
    record = Record(tags, {"text": "'; DROP \U0001f680"}, Stage.READY, "login", NOW, NOW)
    assert record.comment().isascii()
    assert record.comment().isprintable()
    assert read_record(UID, record.comment()) == record


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        (None, "no comment"),
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("[]", "no record"),
        ('{"version": 2, "config": {}}', "no record"),
        ('{"version": 1, "config": []}', "no record"),
        ('{"version": 1, "config": {}, "stage": "done"}', "stage is unknown"),
        ('{"version": 1, "config": {}, "stage": "ready", "tags": {}}', "no tag uid"),
        ("x" * (1024 * 1024 + 1), "longer than"),
    ],
)
def test_what_is_no_record_is_told_and_never_guessed(comment: str | None, said: str) -> None:
    with pytest.raises(Untagged, match=said):
        read_record(UID, comment)


def test_a_record_of_another_uid_is_none_of_this_one() -> None:
    other = Record(tags_for("00000000-0000-5000-8000-000000000000", OURS, wish("one"), NOW), {}, Stage.READY)
    with pytest.raises(Untagged, match="another uid"):
        read_record(UID, other.comment())
