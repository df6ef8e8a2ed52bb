"""Which files are documents, and that nothing in a tree hides another or stops it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest

from tarmac.app import wire
from tarmac.app.check import check
from tarmac.app.load import load
from tarmac.errors import ConfigurationError
from tarmac.model.trees import SUBMODULE, SYMLINK, TreeEntry
from tarmac.model.values import parse_instant

NOW = parse_instant("2026-12-01T06:00:00Z")
GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {{name: {name}}}
spec: {{type: team, children: []}}
"""


@dataclass(frozen=True, slots=True)
class Files:
    """A tree in memory."""

    texts: dict[str, str | bytes]
    modes: dict[str, str]

    @property
    def revision(self) -> str:
        return "memory"

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(TreeEntry(path, self.modes.get(path, "100644"), "") for path in sorted(self.texts))

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        for entry in entries:
            text = self.texts[entry.path]
            yield entry, text.encode() if isinstance(text, str) else text


def files(texts: dict[str, str | bytes], **modes: str) -> Files:
    return Files(texts, modes)


def entities(texts: dict[str, str | bytes], ignore: tuple[str, ...] | None = None) -> list[str]:
    return sorted(str(ref) for ref in load(files(texts), wire.reading(), ignore).catalog.entities)


def rules(texts: dict[str, str | bytes], modes: dict[str, str] | None = None) -> list[tuple[str, str]]:
    loaded = load(Files(texts, modes or {}), wire.reading())
    return sorted((finding.place.path, finding.rule) for finding in loaded.findings)


def test_documents_are_yaml_below_the_root_outside_dots_and_skeletons() -> None:
    names = {
        "catalog/a.yaml": "a",
        "b.yml": "b",
        "deep/er/c.yaml": "c",
        ".github/d.yaml": "d",
        "x/.hidden/e.yaml": "e",
        "templates/t/skeleton/f.yaml": "f",
        "templates/t/other/g.yaml": "g",
        "catalog/h.YAML": "h",
        "catalog/i.txt": "i",
    }
    texts: dict[str, str | bytes] = {path: GROUP.format(name=name) for path, name in names.items()}
    assert entities(texts) == [f"group:default/{name}" for name in "abcg"]


def test_the_platform_says_what_to_ignore_and_a_caller_may_say_otherwise() -> None:
    platform = "apiVersion: tarmac/v1\nkind: Platform\nmetadata: {name: p}\nspec: {ignore: ['vendored/**']}\n"
    texts: dict[str, str | bytes] = {
        "policies/platform.yaml": platform,
        "vendored/deep/a.yaml": GROUP.format(name="a"),
        "b.yaml": GROUP.format(name="b"),
    }
    assert entities(texts) == ["group:default/b", "platform:default/p"]
    assert entities(texts, ignore=()) == ["group:default/a", "group:default/b", "platform:default/p"]


API = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {{name: x}}
spec: {{type: openapi, lifecycle: production, owner: g, definition: {{$text: {target}}}}}
"""


def test_a_file_that_a_placeholder_names_is_data_whatever_it_holds() -> None:
    texts: dict[str, str | bytes] = {
        "catalog/x/api.yaml": API.format(target="./openapi.yaml"),
        "catalog/x/openapi.yaml": "openapi: 3.0.0\n\tbroken: [",
    }
    assert rules(texts) == []
    del texts["catalog/x/api.yaml"]
    assert rules(texts) == [("catalog/x/openapi.yaml", "yaml-syntax")]


def test_naming_a_document_in_a_placeholder_does_not_switch_it_off() -> None:
    texts: dict[str, str | bytes] = {
        "catalog/x/api.yaml": API.format(target="../../teams/g.yaml"),
        "teams/g.yaml": GROUP.format(name="g"),
    }
    assert entities(texts) == ["api:default/x", "group:default/g"]


def test_a_placeholder_does_not_reach_above_the_root() -> None:
    texts: dict[str, str | bytes] = {
        "api.yaml": API.format(target="../openapi.yaml"),
        "openapi.yaml": "a: [",
    }
    assert ("openapi.yaml", "yaml-syntax") in rules(texts)


def test_links_and_submodules_in_data_folders_are_findings_and_elsewhere_are_left_alone() -> None:
    texts: dict[str, str | bytes] = {"catalog/link": "", "requests/sub": "", "docs/link": "", "a.yaml": "a: 1\n"}
    modes = {"catalog/link": SYMLINK, "requests/sub": SUBMODULE, "docs/link": SYMLINK}
    found = rules(texts, modes)
    assert ("catalog/link", "unreadable-file") in found
    assert ("requests/sub", "unreadable-file") in found
    assert not any(path == "docs/link" for path, _ in found)


def test_a_name_that_cannot_be_printed_is_a_finding_with_escapes() -> None:
    found = rules({"catalog/a\nb.yaml": GROUP.format(name="a"), "catalog/\udcff.yaml": GROUP.format(name="b")})
    assert sorted(found) == [("catalog/\\udcff.yaml", "unreadable-file"), ("catalog/a\\nb.yaml", "unreadable-file")]


def test_one_bad_file_stops_no_other() -> None:
    texts: dict[str, str | bytes] = {
        "catalog/a.yaml": b"\xff",
        "catalog/b.yaml": "b: [",
        "catalog/c.yaml": GROUP.format(name="c"),
    }
    assert entities(texts) == ["group:default/c"]
    assert rules(texts) == [("catalog/a.yaml", "yaml-bytes"), ("catalog/b.yaml", "yaml-syntax")]


def test_nothing_read_is_no_verdict() -> None:
    with pytest.raises(ConfigurationError, match="nothing to check"):
        check(files({"README.md": "hello"}), wire.reading(), NOW)


PLATFORM = "apiVersion: tarmac/v1\nkind: Platform\nmetadata: {name: acme, uid: u}\nspec: {ignore: [%s]}\n"


@pytest.mark.parametrize("broken", ["spec: [", "no document", "a: 1\nspec: 3\n", None])
def test_without_a_platform_that_can_be_read_only_folders_of_data_are(broken: str | None) -> None:
    texts: dict[str, str | bytes] = {
        "catalog/a.yaml": GROUP.format(name="a"),
        "elsewhere/b.yaml": GROUP.format(name="b"),
        "c.yaml": GROUP.format(name="c"),
        "policies/d.yaml": GROUP.format(name="d"),
    }
    if broken is not None:
        texts["policies/platform.yaml"] = broken
    assert entities(texts) == ["group:default/a", "group:default/c", "group:default/d"]
    texts["policies/platform.yaml"] = PLATFORM % ""
    assert "group:default/b" in entities(texts)


def platform(texts: dict[str, str | bytes]) -> str | None:
    found = load(files(texts), wire.reading()).catalog.platform()
    return None if found is None else found.path


def test_no_other_platform_takes_the_place_of_the_one_in_its_file() -> None:
    other = PLATFORM.replace("acme", "other") % ""
    assert platform({"a/platform.yaml": other}) == "a/platform.yaml"
    assert platform({"a/platform.yaml": other, "b/platform.yaml": PLATFORM % ""}) is None
    assert platform({"a/platform.yaml": other, "policies/platform.yaml": PLATFORM % ""}) == "policies/platform.yaml"
    assert platform({"a/platform.yaml": other, "policies/platform.yaml": "spec: ["}) is None
    # One of the same name before it takes its reference: then nobody knows which holds.
    assert platform({"a/platform.yaml": PLATFORM % "", "policies/platform.yaml": PLATFORM % ""}) is None
