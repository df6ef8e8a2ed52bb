"""check --fix: what is mended and what never is, what is shown, what is written, how it ends."""

from __future__ import annotations

import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tarmac.adapters.files import WorkingTree
from tarmac.adapters.mended_files import MendedFolder
from tarmac.adapters.schema_check import load_kinds
from tarmac.app import fix, wire
from tarmac.app.check import CheckResult, check
from tarmac.cli.check import command
from tarmac.errors import OutsideError, UsageError
from tarmac.model.edits import Edit, Reword
from tarmac.model.findings import Finding
from tarmac.model.trees import Source
from tarmac.rules.near import is_slip
from tarmac.rules.unknown_reference import MENDED
from tests.trees import NOW, READING, Memory, api, company, component, group, request, user

REPOS = Path(__file__).parents[1] / "repos"

MESSY = b"""\
# The team that takes payments.
kind: Group   # a team
apiVersion: backstage.io/v1alpha1
metadata:
  # shown in the portal
  title: 'Payments'
  name: payments
spec:
  type: team   # of people
  # nobody above
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop-front}
spec: {owner: payments}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout}
spec:
  type: service
  lifecycle: production
  owner: paymets         # a right hangs on it
  system: 'shop-frnt'    # a slip
"""
MENDED_FILE = b"""\
# The team that takes payments.
apiVersion: backstage.io/v1alpha1
kind: Group   # a team
metadata:
  name: payments
  # shown in the portal
  title: 'Payments'
spec:
  type: team   # of people
  children: []
  # nobody above
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: shop-front}
spec: {owner: payments}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: checkout}
spec:
  type: service
  lifecycle: production
  owner: paymets         # a right hangs on it
  system: 'shop-front'    # a slip
"""


def judge(tree: Source) -> CheckResult:
    return check(tree, READING, NOW)


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        command, ["--root", str(root), "--now", "2026-12-01T06:00:00Z", *arguments], standalone_mode=False
    )


def messy(folder: Path, content: bytes = MESSY) -> Path:
    file = folder / "catalog" / "catalog-info.yaml"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return file


def everything(root: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_mended_and_nothing_else_of_it_changes(tmp_path: Path, line_end: bytes, mark: bytes) -> None:
    file = messy(tmp_path, mark + MESSY.replace(b"\n", line_end))
    file.chmod(0o640)
    result = run(tmp_path, "--fix")
    assert file.read_bytes() == mark + MENDED_FILE.replace(b"\n", line_end)
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert result.return_value == 1
    assert "mended 4 faults in 1 file\n" in result.stdout
    assert "[unknown-reference]" in result.stdout
    assert result.stdout.endswith("1 file, 3 entities: 1 error\n")
    assert os.listdir(file.parent) == [file.name]


def test_the_difference_is_shown_as_a_patch_that_git_takes(tmp_path: Path) -> None:
    file = messy(tmp_path)
    shown = run(tmp_path, "--fix", "--diff")
    assert file.read_bytes() == MESSY
    assert shown.return_value == 1
    assert "would mend 4 faults in 1 file\n" in shown.stdout
    patch = shown.stdout[: shown.stdout.index("would mend")]
    (tmp_path / "a.patch").write_text(patch)
    wire_git(tmp_path, "apply", "a.patch")
    assert file.read_bytes() == MENDED_FILE


def wire_git(root: Path, *arguments: str) -> None:
    from tarmac.adapters.git import run_git

    run_git(root, list(arguments))


def test_a_patch_of_a_file_without_a_last_line_end_applies_too(tmp_path: Path) -> None:
    file = messy(tmp_path, MESSY.rstrip())
    shown = run(tmp_path, "--fix", "--diff").stdout
    (tmp_path / "a.patch").write_text(shown[: shown.index("would mend")])
    wire_git(tmp_path, "apply", "a.patch")
    assert file.read_bytes() == MENDED_FILE.rstrip()


@pytest.mark.parametrize("name", sorted(path.name for path in REPOS.iterdir()))
def test_mending_brings_no_fault_and_a_second_time_changes_nothing(name: str, tmp_path: Path) -> None:
    root = tmp_path / name
    shutil.copytree(REPOS / name, root)
    before, said = everything(root), judge(WorkingTree.at(root)).findings
    run(root, "--fix", "--diff")
    assert everything(root) == before
    run(root, "--fix")
    mended = everything(root)
    run(root, "--fix")
    assert everything(root) == mended
    assert len(judge(WorkingTree.at(root)).findings) <= len(said)
    assert mended.keys() == before.keys()


def test_a_report_that_a_program_reads_stays_one(tmp_path: Path) -> None:
    messy(tmp_path)
    result = run(tmp_path, "--fix", "--format", "json")
    assert [finding["rule"] for finding in json.loads(result.stdout)["findings"]] == ["unknown-reference"]
    assert "mended 4 faults" in result.stderr


def test_with_nothing_to_mend_it_says_so_and_exits_by_what_is_there(tmp_path: Path) -> None:
    messy(tmp_path, MENDED_FILE)
    result = run(tmp_path, "--fix")
    assert result.stdout.startswith("nothing to mend without judgement\n")
    assert result.return_value == 1
    messy(tmp_path / "well", MENDED_FILE.replace(b"paymets ", b"payments"))
    assert run(tmp_path / "well", "--fix").return_value == 0


@pytest.mark.parametrize("arguments", [("--diff",), ("--fix", "--rev", "HEAD"), ("--fix", "--diff", "--rev", "HEAD")])
def test_what_cannot_be_mended_is_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    messy(tmp_path)
    assert isinstance(run(tmp_path, *arguments).exception, UsageError)


def test_an_edit_that_no_safe_place_can_be_found_for_is_said(tmp_path: Path) -> None:
    file = messy(tmp_path, MENDED_FILE.replace(b"'shop-front' ", b'"shop-\\x66rnt"'))
    content = file.read_bytes()
    result = run(tmp_path, "--fix")
    assert file.read_bytes() == content
    assert "catalog/catalog-info.yaml:25:11: left as it is, as no edit of it is safe: system names" in result.stdout


# --- which slips are mended ---------------------------------------------------------------------------------------


def slips(texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """(was, text) of what would be reworded."""
    offered = [edit for finding in judge(Memory(texts)).findings for edit in edits(finding)]
    return [(edit.was, edit.text) for edit in offered if isinstance(edit, Reword)]


def edits(finding: Finding) -> tuple[Edit, ...]:
    return () if finding.fix is None else finding.fix.edits


def test_a_reference_keeps_the_form_in_which_it_is_written() -> None:
    texts = company(
        **{
            "catalog/a.yaml": api("stock-api") + "---\n" + component("stock"),
            "catalog/b.yaml": component(
                "other", "dependsOn: [component:stok, 'Component:default/Stoock'], consumesApis: [stock-apy]"
            ),
            "requests/one/staging/a.yaml": request("a-disk").replace("disk@1.0.0", "dsik@1.0.0"),
        }
    )
    assert slips(texts) == [
        ("component:stok", "component:stock"),
        ("Component:default/Stoock", "Component:default/stock"),
        ("stock-apy", "stock-api"),
        ("dsik@1.0.0", "disk@1.0.0"),
    ]


@pytest.mark.parametrize(
    ("there", "named"),
    [
        (("orders-v2",), "orders-v1"),
        (("payments", "paymentz"), "paymentx"),
        (("cat",), "car"),
        (("orders-api",), "orders"),
        (("orders",), "orders-api"),
        (("stock",), "shock-absorber"),
    ],
)
def test_what_may_mean_something_else_is_left(there: tuple[str, ...], named: str) -> None:
    texts = {f"catalog/{name}.yaml": component(name) for name in there}
    texts["catalog/z.yaml"] = component("user-of-it", f"dependsOn: [component:{named}]")
    assert slips(texts) == []


def test_a_name_that_is_there_in_another_namespace_or_kind_is_left() -> None:
    elsewhere = component("orders").replace("{name: orders}", "{name: orders, namespace: retail}")
    texts = {
        "catalog/a.yaml": elsewhere,
        "catalog/b.yaml": component("order"),
        "catalog/c.yaml": component("user-of-it", "dependsOn: [component:orders]"),
    }
    assert slips(texts) == []


@pytest.mark.parametrize(
    ("name", "meant", "slip"),
    [
        ("paymets", "payments", True),
        ("paymennts", "payments", True),
        ("peyments", "payments", True),
        ("apyments", "payments", True),
        ("paymenst", "payments", True),
        ("payment", "payments", True),
        ("paymnts-", "payments", False),
        ("payments", "payments", False),
        ("stneymap", "payments", False),
        ("orders-1", "orders-2", False),
        ("orders-12", "orders-1", False),
        ("cat", "cart", False),
    ],
)
def test_a_slip_is_one_movement_of_the_hand(name: str, meant: str, slip: bool) -> None:
    assert is_slip(name, meant) is slip


def test_no_field_on_which_a_right_hangs_is_mended() -> None:
    fields = {field for info in load_kinds().values() for field in info.references}
    assert {field.name for field in fields} >= MENDED
    for mended in (field for field in fields if field.name in MENDED):
        assert not {"group", "user"} & {mended.default_kind, *mended.allowed}
        assert not {"owner", "team", "target", "service", "from", "to", "approvers"} & set(mended.path)


def test_slips_in_who_owns_belongs_leads_approves_or_is_exempt_are_said_and_left() -> None:
    texts = company(
        **{
            "teams/two/team.yaml": group("two", "anna, benn", "lead: [user:default/anna]").replace(
                "children: []", "children: [oone, platfrom], parent: platfrom"
            ),
            "teams/two/members.yaml": user("benny", groups="platfrom"),
            "catalog/a.yaml": component("stock", owner="platfrom"),
            "policies/rule.yaml": (
                "apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {name: rule}\n"
                'spec: {when: "true", require: [{from: [group:default/platfrom], count: 1}]}\n'
            ),
            "policies/exemption.yaml": (
                "apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {name: one}\n"
                "spec: {rule: cycle, target: component:default/stok, owner: group:default/platfrom,\n"
                '  approvers: [group:default/platfrom], reason: because, expires: "2027-01-01"}\n'
            ),
        }
    )
    findings = [finding for finding in judge(Memory(texts)).findings if finding.rule == "unknown-reference"]
    named = {finding.message.split()[0] for finding in findings if "did you mean" in finding.message}
    assert named == {"owner", "parent", "children", "members", "memberOf", "roles", "from", "approvers", "target"}
    assert slips(texts) == []


# --- what is written ----------------------------------------------------------------------------------------------


def test_a_file_that_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    file = messy(tmp_path)
    mending = fix.mend(WorkingTree.at(tmp_path), judge, wire.editor())
    file.write_bytes(MESSY + b"# more\n")
    with pytest.raises(OutsideError, match="changed while"):
        fix.write(mending, MendedFolder(tmp_path))
    assert file.read_bytes() == MESSY + b"# more\n"


@pytest.mark.parametrize("what", ["file", "folder"])
def test_nothing_is_written_through_a_link(tmp_path: Path, what: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    file = messy(root)
    mending = fix.mend(WorkingTree.at(root), judge, wire.editor())
    moved = file if what == "file" else file.parent
    shutil.move(moved, outside)
    moved.symlink_to(outside)
    before = everything(tmp_path)
    with pytest.raises(OutsideError):
        fix.write(mending, MendedFolder(root))
    assert everything(tmp_path) == before


def test_an_edit_of_what_is_gone_by_now_is_left_out(tmp_path: Path) -> None:
    file = messy(tmp_path)
    first = judge(WorkingTree.at(tmp_path))
    file.unlink()
    assert fix.mend(WorkingTree.at(tmp_path), lambda tree: first, wire.editor()).files == ()


def test_a_hostile_file_is_shown_as_text(tmp_path: Path) -> None:
    messy(tmp_path, MESSY.replace(b"'Payments'", "'Pay\u202ements\u2028'  # \u200b".encode()))
    shown = run(tmp_path, "--fix", "--diff").stdout
    assert "\\u202e" in shown
    assert all(char.isprintable() or char == "\n" for char in shown)
