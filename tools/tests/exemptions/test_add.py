"""tarmac exemption add: what is refused, what is written, and that nothing else of a file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.appended_document import appended
from tarmac.adapters.yaml_reader import read_documents
from tarmac.app import wire
from tarmac.app.check import check
from tarmac.app.wire import reading
from tarmac.cli.exemption import add
from tarmac.errors import UsageError
from tests.trees import NOW, company, component

POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: has-system}
spec:
  severity: error
  match: {kinds: [Component]}
  require: has(object.spec.system)
  message: no system
"""
FILES = company(**{"policies/rules.yaml": POLICY, "catalog/hub/catalog-info.yaml": component("hub", owner="user:ana")})
DEFAULT = "policies/exemptions/has-system-shop.yaml"
NOW_TEXT = "2026-12-01T06:00:00Z"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path


def run(root: Path, rule: str = "has-system", **change: str | None) -> Result:
    given: dict[str, str | None] = {
        "target": "shop",
        "reason": "being moved",
        "until": "2027-01-31",
        "approver": "platform",
        **change,
    }
    options = [part for name, value in given.items() if value is not None for part in (f"--{name}", value)]
    return CliRunner().invoke(add, [rule, *options, "--root", str(root), "--now", NOW_TEXT], standalone_mode=False)


def refused(root: Path, rule: str = "has-system", **change: str | None) -> str:
    found = run(root, rule, **change)
    assert isinstance(found.exception, UsageError), (found.exception, found.output)
    assert not (root / "policies/exemptions").exists()
    return str(found.exception)


def test_one_is_written_that_takes_the_finding_off(root: Path) -> None:
    found = run(root, reason="it is: being # moved")
    assert found.exception is None
    assert found.output.startswith(f"Written: {DEFAULT}. When it is merged it takes 1 finding off until")
    documents, faults = read_documents(DEFAULT, (root / DEFAULT).read_bytes())
    assert faults == ()
    assert [document.data for document in documents] == [
        {
            "apiVersion": "tarmac/v1",
            "kind": "Exemption",
            "metadata": {"name": "has-system-shop"},
            "spec": {
                "rule": "has-system",
                "target": "component:default/shop",
                "owner": "group:default/one",
                "approvers": ["group:default/platform"],
                "reason": "it is: being # moved",
                "expires": "2027-01-31",
            },
        }
    ]
    result = check(wire.source(root, None), reading(), NOW)
    assert [str(one.finding.entity) for one in result.exempted] == ["component:default/shop"]


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        ("has-systm", {}, "did you mean has-system?"),
        ("exemption", {}, "no exemption from the rules about exemptions"),
        ("has-system", {"target": "shp"}, "did you mean shop?"),
        ("has-system", {"target": "component:default/sho"}, "did you mean component:default/shop?"),
        ("has-system", {"approver": "platfrm"}, "did you mean group:default/platform?"),
        ("has-system", {"approver": "component:shop"}, "is a component"),
        ("has-system", {"owner": "user:ana"}, "is a user"),
        ("has-system", {"target": "hub"}, "belongs to no team"),
        ("has-system", {"until": "2026-11-30"}, "is past"),
        ("has-system", {"until": "2027-05-30"}, "more than 180 days away: write a day before 2027-05-30"),
        ("has-system", {"until": "soon"}, "--until: "),
        ("has-system", {"until": "2027-02-30"}, "--until: "),
        ("has-system", {"reason": ""}, "empty"),
        ("has-system", {"reason": "a\ud800b"}, "YAML"),
        ("has-system", {"name": "a/b"}, "name"),
        ("has-system", {"file": "../x.yaml"}, "no place for it"),
        ("has-system", {"file": "policies/../x.yaml"}, "no place for it"),
        ("has-system", {"file": "/tmp/x.yaml"}, "no place for it"),
        ("has-system", {"file": "policies/x.txt"}, "no place for it"),
        ("has-system", {"file": "policies/.hidden/x.yaml"}, "no place for it"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    root: Path, rule: str, change: dict[str, str], said: str
) -> None:
    before = sorted(path for path in root.rglob("*") if path.is_file())
    assert said in refused(root, rule, **change)
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before


def test_the_last_day_that_is_near_enough_counts(root: Path) -> None:
    assert run(root, until="2027-05-29").exception is None
    assert len(check(wire.source(root, None), reading(), NOW).exempted) == 1


def test_the_same_is_not_exempted_twice(root: Path) -> None:
    assert run(root).exception is None
    again = run(root, until="2027-02-01")
    assert f"has an exemption from has-system already: change {DEFAULT}" in str(again.exception)


def test_another_one_of_the_same_name_gets_a_number(root: Path) -> None:
    other = FILES["catalog/shop/catalog-info.yaml"].replace("{name: shop}", "{name: shop, namespace: other}")
    (root / "catalog/other.yaml").write_text(other.replace("owner: one", "owner: group:default/one"))
    assert run(root).exception is None
    assert run(root, target="component:other/shop").exception is None
    assert (root / "policies/exemptions/has-system-shop-2.yaml").is_file()


def test_what_nothing_needs_is_said(root: Path) -> None:
    found = run(root, rule="tag")
    assert found.exception is None
    assert "it takes no finding off" in found.output
    assert "Nothing needs it today" in found.output


def test_a_link_is_not_written_through(root: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.yaml"
    outside.write_text("kept: yes\n")
    (root / "policies/linked.yaml").symlink_to(outside)
    found = run(root, file="policies/linked.yaml")
    assert isinstance(found.exception, UsageError)
    assert outside.read_text() == "kept: yes\n"


def test_comments_order_and_quotes_of_a_file_stay_byte_for_byte(root: Path) -> None:
    path = root / "policies/rules.yaml"
    path.write_text("# Above.\n\n" + POLICY + "# Below.\n")
    before = path.read_bytes()
    assert run(root, file="policies/rules.yaml").exception is None
    after = path.read_bytes()
    assert after.startswith(before + b"---\n")
    assert [document.data["kind"] for document in read_documents("a.yaml", after)[0]] == ["Policy", "Exemption"]


DOCUMENT = "kind: Exemption\nmetadata: {name: a}\n"


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"# only a comment\n",
        b"a: 1",
        b"a: 1\n",
        b"a: 1\r\nb: 2\r\n",
        b"\xef\xbb\xbfa: 1\n",
        b"---\na: 1\n---\nb: 2\n...\n",
        b"a: |\n  text\n",
        b"a: |\n  text",
        b"a: |+\n  text\n\n",
        b"a: >\n  folded\n# comment\n",
        b"{a: [1,\n 2]}\n",
    ],
)
def test_whatever_a_file_ends_with_what_it_holds_stays(before: bytes) -> None:
    after = appended("a.yaml", before, DOCUMENT)
    assert after.startswith(before)
    known, wanted = (read_documents("a.yaml", content)[0] for content in (before, DOCUMENT.encode()))
    found, faults = read_documents("a.yaml", after)
    assert faults == ()
    assert [one.data for one in found] == [one.data for one in (*known, *wanted)]
    assert (b"\r\n" in after) == (b"\r\n" in before)
    assert b"\r" not in before or b"\n" not in after.replace(b"\r\n", b"")


@pytest.mark.parametrize("before", [b"a: [1\n", b"a: 1\na: 2\n", b"\xff"])
def test_a_file_that_cannot_take_it_is_left_alone(before: bytes) -> None:
    with pytest.raises(UsageError):
        appended("a.yaml", before, DOCUMENT)


@given(
    st.lists(
        st.sampled_from(
            ["a: 1\n", "# b\n", "---\n", "c: |\n  d\n", "...\n", "\n", "e: [f,\n g]\n", "'h': i", "{j: k}\n"]
        ),
        max_size=6,
    )
)
def test_a_file_is_kept_whole_or_refused(pieces: list[str]) -> None:
    before = "".join(pieces).encode()
    try:
        after = appended("a.yaml", before, DOCUMENT)
    except UsageError:
        return
    assert after.startswith(before)
    held = [one.data for one in read_documents("a.yaml", before)[0]]
    assert [one.data for one in read_documents("a.yaml", after)[0]][:-1] == held
