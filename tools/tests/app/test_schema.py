"""tarmac schema: lists, prints, writes and checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tarmac.adapters.schema_export import SchemaExport
from tarmac.adapters.schema_files import SchemaFolder
from tarmac.app import schema
from tarmac.cli.schema import command
from tarmac.errors import UsageError
from tarmac.model import KINDS

ROOT = Path(__file__).parents[3]
EXPORTER = SchemaExport()


class Memory:
    """Files in memory."""

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self.content = {"tools/tarmac/model/__init__.py": b"", **content}

    def read(self, path: str) -> bytes | None:
        return self.content.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        return tuple(path for path in self.content if path.startswith(f"{folder}/"))

    def write(self, path: str, content: bytes) -> None:
        self.content[path] = content

    def remove(self, path: str) -> None:
        del self.content[path]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def test_written_is_fresh_and_writing_again_does_nothing() -> None:
    files = Memory({})
    written = schema.write(EXPORTER, files)
    assert set(written) == set(EXPORTER.files())
    assert schema.stale(EXPORTER, files) == ()
    assert schema.write(EXPORTER, files) == ()


def test_stale_is_what_is_missing_changed_or_left_over() -> None:
    content = dict(EXPORTER.files())
    del content["tools/schemas/api.schema.json"]
    content["tools/schemas/budget.schema.json"] += b" "
    content["tools/schemas/gone.schema.json"] = b"{}"
    content["tools/schemas/README.md"] = b"kept"
    content["tools/tarmac/adapters/data/kinds.json"] = b"{}"
    files = Memory(content)
    expected = (
        "tools/schemas/api.schema.json",
        "tools/schemas/budget.schema.json",
        "tools/schemas/gone.schema.json",
        "tools/tarmac/adapters/data/kinds.json",
    )
    assert schema.stale(EXPORTER, files) == expected
    assert schema.write(EXPORTER, files) == expected
    assert files.read("tools/schemas/gone.schema.json") is None
    assert files.read("tools/schemas/README.md") == b"kept"


def test_a_folder_that_is_no_source_tree_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="source tree"):
        schema.write(EXPORTER, SchemaFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_on_disk(tmp_path: Path) -> None:
    folder = SchemaFolder(tmp_path)
    assert folder.read("a/b.json") is None
    assert folder.names("a") == ()
    folder.write("a/b.json", "é\n".encode())
    assert folder.names("a") == ("a/b.json",)
    assert folder.read("a/b.json") == "é\n".encode()
    assert folder.read("a") is None
    folder.remove("a/b.json")
    folder.remove("a/b.json")
    assert folder.names("a") == ()


def test_the_list_has_a_line_for_every_kind() -> None:
    result = run()
    assert result.return_value == 0
    assert [line.split()[0] for line in result.output.splitlines()] == list(KINDS)


@pytest.mark.parametrize("name", ["ResourceRequest", "resourcerequest"])
def test_one_kind_in_any_case(name: str) -> None:
    result = run(name)
    assert result.return_value == 0
    assert json.loads(result.output)["title"] == "ResourceRequest"
    assert result.output.encode() == (ROOT / "tools/schemas/resource-request.schema.json").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("componnet",), "did you mean Component?"),
        (("\x1b[31m",), r"no kind \"\\u001b\[31m\""),
        (("API", "--check"), "one of them"),
        (("--write", "--check"), "one of them"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], words: str) -> None:
    error = run(*arguments).exception
    assert isinstance(error, UsageError)
    with pytest.raises(UsageError, match=words):
        raise error


def test_check_and_write_on_disk(tmp_path: Path) -> None:
    (tmp_path / "tools/tarmac/model").mkdir(parents=True)
    (tmp_path / "tools/tarmac/model/__init__.py").write_bytes(b"")
    root = ("--root", str(tmp_path))
    stale = run("--check", *root)
    assert stale.return_value == 1
    assert "stale: tools/schemas/tarmac.schema.json\n" in stale.output
    assert "wrote tools/schemas/tarmac.schema.json\n" in run("--write", *root).output
    assert run("--check", *root).return_value == 0
    assert run("--write", *root).output == "nothing to write: all is fresh\n"
