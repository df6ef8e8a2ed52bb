"""Every secret sink through the same scenarios: what the protocol promises, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.planning.identity import uid_of
from tarmac.providers.secrets import SecretSink, SinkSettings, make_sink
from tests.contract.secrets_manager import SecretsManager, secrets_manager
from tests.contract.vault_server import ROLE, TOKEN, Vault, vault_server
from tests.planning.worlds import OURS, THEIRS

ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
SECRET = {"user": "a", "password": "p'\"\\\n\u202e", "empty": ""}


@pytest.fixture
def vault() -> Iterator[Vault]:
    with vault_server() as found:
        yield found


def of_vault(vault: Vault, **options: str) -> SecretSink:
    given = {"url": vault.url, "mount": "kv", "token": TOKEN, **options}
    return make_sink("vault", SinkSettings(Path("unused"), {name: value for name, value in given.items() if value}))


@pytest.fixture
def manager() -> Iterator[SecretsManager]:
    with secrets_manager() as found:
        yield found


def of_aws(manager: SecretsManager, **options: str) -> SecretSink:
    key = {"accessKeyId": "made-up-key", "secretAccessKey": TOKEN}
    given = {"endpoint": manager.url, "region": "eu-north-1", **key, **options}
    return make_sink("aws-secrets-manager", SinkSettings(Path("unused"), given))


@pytest.fixture(params=["file", "vault", "vault by AppRole", "aws-secrets-manager"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> SecretSink:
    if request.param == "file":
        return make_sink("file", SinkSettings(tmp_path / "secrets"))
    if request.param == "aws-secrets-manager":
        return of_aws(request.getfixturevalue("manager"))
    vault: Vault = request.getfixturevalue("vault")
    if request.param == "vault":
        return of_vault(vault)
    return of_vault(vault, token="", roleId=ROLE[0], secretId=ROLE[1])


def test_it_begins_empty(sink: SecretSink) -> None:
    assert sink.get(OURS, ONE) is None


def test_what_is_put_comes_back_as_it_was(sink: SecretSink) -> None:
    sink.put(OURS, ONE, SECRET)
    assert sink.get(OURS, ONE) == SECRET


def test_the_latest_counts(sink: SecretSink) -> None:
    sink.put(OURS, ONE, SECRET)
    sink.put(OURS, ONE, {"user": "b"})
    assert sink.get(OURS, ONE) == {"user": "b"}


def test_a_reference_is_known_before_stays_the_same_and_holds_no_value(sink: SecretSink) -> None:
    before = sink.reference(OURS, ONE)
    assert sink.put(OURS, ONE, SECRET) == before
    assert sink.put(OURS, ONE, {"user": "b"}) == before == sink.reference(OURS, ONE)
    assert before != sink.reference(OURS, TWO)
    assert not any(value in before.split("/") for value in SECRET.values() if value)


def test_instances_and_platforms_are_kept_apart(sink: SecretSink) -> None:
    sink.put(OURS, ONE, {"user": "one"})
    sink.put(OURS, TWO, {"user": "two"})
    sink.put(THEIRS, ONE, {"user": "theirs"})
    sink.remove(OURS, ONE)
    assert sink.get(OURS, ONE) is None
    assert sink.get(OURS, TWO) == {"user": "two"}
    assert sink.get(THEIRS, ONE) == {"user": "theirs"}


def test_what_is_removed_is_gone_and_removing_again_is_no_error(sink: SecretSink) -> None:
    sink.remove(OURS, ONE)
    sink.put(OURS, ONE, SECRET)
    sink.remove(OURS, ONE)
    sink.remove(OURS, ONE)
    assert sink.get(OURS, ONE) is None


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\n", "\x00", "é", "-x", "x" * 101])
def test_a_name_that_could_lead_elsewhere_is_refused_by_every_verb(sink: SecretSink, name: str) -> None:
    verbs: tuple[Callable[[], object], ...] = (
        lambda: sink.put(OURS, name, SECRET),
        lambda: sink.get(name, ONE),
        lambda: sink.remove(OURS, name),
        lambda: sink.reference(OURS, name),
    )
    for verb in verbs:
        with pytest.raises(ProviderError) as refused:
            verb()
        assert not refused.value.transient


def test_a_sink_never_shows_what_it_was_made_with(sink: SecretSink) -> None:
    assert TOKEN not in repr(sink)
    assert ROLE[1] not in repr(sink)


@pytest.mark.parametrize(
    ("status", "transient"), [(400, False), (403, False), (429, True), (500, True), (502, True), (503, True)]
)
def test_vault_says_whether_trying_again_can_help_and_never_repeats_a_value(
    vault: Vault, status: int, transient: bool
) -> None:
    sink = of_vault(vault)
    verbs: tuple[Callable[[], object], ...] = (
        lambda: sink.put(OURS, ONE, {"password": "hush"}),
        lambda: sink.get(OURS, ONE),
        lambda: sink.remove(OURS, ONE),
    )
    for verb in verbs:
        vault.answers.append(status)
        with pytest.raises(ProviderError) as refused:
            verb()
        assert refused.value.transient is transient
        assert "hush" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_a_vault_that_is_not_there_is_worth_another_try(vault: Vault) -> None:
    with vault_server() as gone:
        pass
    with pytest.raises(ProviderError, match="could not be reached") as refused:
        of_vault(gone).get(OURS, ONE)
    assert refused.value.transient


def test_vault_removes_every_version(vault: Vault) -> None:
    sink = of_vault(vault)
    sink.put(OURS, ONE, {"user": "a"})
    sink.put(OURS, ONE, {"user": "b"})
    sink.remove(OURS, ONE)
    assert vault.kept == {}
    assert vault.seen[-1] == f"DELETE /v1/kv/metadata/tarmac/{OURS}/{ONE}"


def test_a_secret_of_another_shape_is_told_without_its_content(vault: Vault) -> None:
    sink = of_vault(vault)
    vault.kept[f"tarmac/{OURS}/{ONE}"] = [{"password": 7}]  # type: ignore[dict-item]
    with pytest.raises(ProviderError, match="not what was written"):
        sink.get(OURS, ONE)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "http://vault.example"}, "https://"),
        ({"url": ""}, "https://"),
        ({"token": ""}, "either token"),
        ({"roleId": "a", "secretId": "b"}, "either token"),
        ({"mount": "../kv"}, "option mount"),
        ({"prefix": "/x"}, "option prefix"),
        ({"tokn": "x"}, "no option tokn"),
    ],
)
def test_settings_that_vault_cannot_use_are_refused(vault: Vault, options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        of_vault(vault, **options)


@pytest.mark.parametrize(
    ("status", "code", "transient"),
    [
        (400, "AccessDeniedException", False),
        (400, "InvalidParameterException", False),
        (400, "InvalidRequestException", True),
        (400, "ThrottlingException", True),
        (500, "InternalServiceError", True),
        (400, "hush {}", False),
    ],
)
def test_aws_says_whether_trying_again_can_help_and_never_repeats_a_value(
    manager: SecretsManager, status: int, code: str, transient: bool
) -> None:
    sink = of_aws(manager)
    verbs: tuple[Callable[[], object], ...] = (
        lambda: sink.put(OURS, ONE, {"password": "hush"}),
        lambda: sink.get(OURS, ONE),
        lambda: sink.remove(OURS, ONE),
    )
    for verb in verbs:
        manager.answers[:] = [(status, code)] * 3
        with pytest.raises(ProviderError) as refused:
            verb()
        manager.answers.clear()
        assert refused.value.transient is transient
        assert "hush" not in str(refused.value)
        assert refused.value.__cause__ is None


def test_aws_tags_what_it_makes_and_forgets_it_at_once(manager: SecretsManager) -> None:
    sink = of_aws(manager, prefix="one/two")
    sink.put(OURS, ONE, SECRET)
    sink.remove(OURS, ONE)
    calls = dict(manager.seen)
    assert calls["CreateSecret"]["Name"] == f"one/two/{OURS}/{ONE}"
    assert calls["CreateSecret"]["Tags"] == [
        {"Key": "tarmac-platform", "Value": OURS},
        {"Key": "tarmac-uid", "Value": ONE},
    ]
    assert calls["DeleteSecret"]["ForceDeleteWithoutRecovery"] is True


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "nonsense"])
def test_a_secret_of_aws_of_another_shape_is_told_without_its_content(manager: SecretsManager, content: str) -> None:
    manager.kept[f"tarmac/{OURS}/{ONE}"] = content
    with pytest.raises(ProviderError, match="not what was written"):
        of_aws(manager).get(OURS, ONE)


def test_an_aws_that_is_not_there_is_worth_another_try() -> None:
    with secrets_manager() as gone:
        pass
    with pytest.raises(ProviderError, match="could not be reached: EndpointConnectionError") as refused:
        of_aws(gone).get(OURS, ONE)
    assert refused.value.transient


@pytest.mark.parametrize(
    ("options", "said"),
    [({"prefix": "/x"}, "option prefix"), ({"regoin": "x"}, "no option regoin"), ({"endpoint": "nowhere"}, "endpoint")],
)
def test_settings_that_aws_cannot_use_are_refused(manager: SecretsManager, options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        of_aws(manager, **options)
