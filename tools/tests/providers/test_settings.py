"""The file that says where providers are: what it may hold, and what it says of everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.adapters.provider_settings import ProviderFile, read_provider_file
from tarmac.errors import UsageError

KNOWN = frozenset({"aws", "embedded", "p", "postgresql"})


def read(folder: Path, text: str, **environment: str) -> ProviderFile:
    root = folder / "repository"
    root.mkdir(exist_ok=True)
    path = folder / "providers.yaml"
    path.write_text(text, "utf-8")
    return read_provider_file(path, root, environment, KNOWN)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as refused:
        read(folder, text)
    return str(refused.value)


def test_options_are_texts_whatever_way_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("from a file\n")
    said = read(
        tmp_path,
        "version: 1\n"
        "secrets: {sink: vault, options: {mount: kv}}\n"
        "providers:\n"
        "  postgresql:\n"
        "    options:\n"
        "      host: db.example\n"
        "      port: 5432\n"
        "      verifyBackups: true\n"
        "      password: {file: password}\n"
        "  aws: {options: {secretKey: {env: KEY}}}\n"
        "  embedded: {}\n",
        KEY="from the environment",
    )
    assert said.providers["postgresql"] == {
        "host": "db.example",
        "port": "5432",
        "verifyBackups": "true",
        "password": "from a file",
    }
    assert said.providers["aws"] == {"secretKey": "from the environment"}
    assert said.providers["embedded"] == {}
    assert (said.sink, said.sink_options) == ("vault", {"mount": "kv"})


def test_what_may_be_a_secret_is_never_shown(tmp_path: Path) -> None:
    said = read(tmp_path, "version: 1\nproviders: {p: {options: {password: {env: KEY}}}}\n", KEY="hush")
    assert said.providers["p"]["password"] == "hush"
    assert "hush" not in repr(said)


def test_a_secret_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    said = refusal(tmp_path, "version: 1\nproviders: {p: {options: {adminPassword: hush}}}\n")
    assert said.startswith("providers.yaml:2:27: adminPassword is not written into the file")
    assert "hush" not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 2\n", "providers.yaml:1:1: version is 2: write version: 1"),
        ("version: true\n", "version is true"),
        ("providers: {}\n", "version is null"),
        ("version: 1\nhosts: {}\n", 'providers.yaml:2:1: unknown field "hosts"'),
        ("version: 1\nproviders: [a]\n", "is no mapping"),
        ("version: 1\nproviders: {p: {option: {}}}\n", 'unknown field "option": write one of options'),
        ("version: 1\nproviders: {p: {options: {host: 1.5}}}\n", "put it in quotes"),
        ("version: 1\nproviders: {p: {options: {host: null}}}\n", "put it in quotes"),
        ("version: 1\nproviders: {p: {options: {host: [a]}}}\n", "is no text"),
        ("version: 1\nproviders: {p: {options: {host: {enf: A}}}}\n", "write a text"),
        ("version: 1\nproviders: {p: {options: {host: {env: A, file: b}}}}\n", "write a text"),
        ("version: 1\nproviders: {p: {options: {host: {env: ABSENT}}}}\n", "no variable ABSENT"),
        ("version: 1\nproviders: {p: {options: {host: {file: absent}}}}\n", "No such file"),
        ('version: 1\nproviders: {p: {options: {host: {file: "a\\0b"}}}}\n', "no file has such a name"),
        ("version: 1\nproviders: {../x: {options: {}}}\n", "is no name"),
        (
            "version: 1\nproviders:\n  postgres: {options: {host: a}}\n",
            "providers.yaml:3:3: there is no provider postgres: write one of aws, embedded, p, postgresql",
        ),
        ("version: 1\nsecrets: {}\n", "needs a sink"),
        ("version: 1\nversion: 1\n", "providers.yaml:2:1"),
        ("", "holds 0 documents"),
        ("version: 1\n---\nversion: 1\n", "holds 2 documents"),
        ("[" * 60000, "providers.yaml:1:"),
    ],
)
def test_every_other_content_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_settings_in_the_repository_are_refused(tmp_path: Path) -> None:
    (tmp_path / "providers.yaml").write_text("version: 1\n")
    link = tmp_path.parent / f"{tmp_path.name}-link.yaml"
    link.symlink_to(tmp_path / "providers.yaml")
    for path in (tmp_path / "providers.yaml", link):
        with pytest.raises(UsageError, match="lies in the repository"):
            read_provider_file(path, tmp_path, {}, KNOWN)


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    with pytest.raises(UsageError, match="No such file"):
        read_provider_file(tmp_path / "absent.yaml", root, {}, KNOWN)
    (tmp_path / "large.yaml").write_text("#" * 70000)
    with pytest.raises(UsageError, match="larger than"):
        read_provider_file(tmp_path / "large.yaml", root, {}, KNOWN)
