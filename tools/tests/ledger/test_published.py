"""What the ledger publishes and exports, and how its states come back from its log."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.ledger import REF, GitLedger
from tarmac.adapters.ledger_counts import figures_file
from tarmac.adapters.ledger_figures import LedgerFigures
from tarmac.adapters.ledger_json import hash_of
from tarmac.adapters.schema_check import Gate
from tarmac.adapters.yaml_reader import read_documents
from tarmac.app import wire
from tarmac.app.check import check
from tarmac.app.ledger import export, rebuild
from tarmac.cli.main import tarmac
from tarmac.errors import LedgerError
from tarmac.model.figures import Figures, Gauges
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, Recorded
from tarmac.model.plan import Result, Verb, part_of
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tarmac.reports.backstage_resource import catalog_location, resource_entity
from tarmac.reports.ledger_export import COLUMNS, csv_lines
from tests.ledger.test_git_ledger import life, run, written
from tests.planning.worlds import DAY, NOW, OURS, entry, subject_of, wish
from tests.reconcile.company import Company


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    run(tmp_path, "init", "-q", "-b", "main", str(root))
    run(root, "commit", "-q", "--allow-empty", "-m", "begin")
    return root


def blob(root: Path, path: str) -> str:
    return run(root, "cat-file", "blob", f"{REF}:{path}")


def entity_path(name: str) -> str:
    uid = uid_of(OURS, wish(name).request, 1)
    return f"backstage/{uid[:2]}/{uid}.yaml"


def listed(root: Path) -> list[str]:
    return run(root, "ls-tree", "-r", "--name-only", REF).splitlines()


def test_what_is_ready_is_a_backstage_resource_and_what_is_gone_is_none(repository: Path) -> None:
    written(repository, life("one"), life("two", until=Verb.EXPIRE))
    assert json.loads(blob(repository, entity_path("one"))) == {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Resource",
        "metadata": {
            "name": "one",
            "namespace": "default",
            "description": "postgres@1.1.0 in staging, asked for in requests/payments/staging/one.yaml",
            "labels": {"environment": "staging", "cost-center": "CC-1001"},
            "annotations": {
                "tarmac/request": "resourcerequest:default/one",
                "tarmac/uid": uid_of(OURS, wish("one").request, 1),
                "tarmac/type-version": "1.1.0",
            },
        },
        "spec": {"type": "postgres", "owner": "group:default/payments"},
    }
    assert entity_path("two") not in listed(repository)
    location = json.loads(blob(repository, "catalog-info.yaml"))
    assert location["spec"]["targets"] == ["./backstage/*/*.yaml"]


def test_entities_are_what_a_portal_can_read(repository: Path) -> None:
    want = wish("shop", service="component:default/checkout")
    for request in (want.request, part_of(want.request, "db")):
        subject = replace(subject_of(want, uid_of(OURS, request, 1)), request=request)
        (state,) = fold({}, [entry(subject, Verb.CREATE, Event.OUTCOME, result=Result.DONE)]).values()
        text = resource_entity(state)
        assert text is not None
        for content in (text, catalog_location()):
            (document,), findings = read_documents("x.yaml", content.encode())
            assert findings == ()
            assert Gate().problems(document) == ()
        assert json.loads(text)["spec"]["dependencyOf"] == ["component:default/checkout"]
    assert re.fullmatch(r"shop-db-[0-9a-f]{8}", json.loads(text or "")["metadata"]["name"])


PAIRS = [
    ("a", ""),
    ("a", "b-c"),
    ("a-b", "c"),
    ("a-b-c", ""),
    ("shop." + "x" * 58, ""),
    ("shop." + "x" * 58, "d" * 63),
    ("shop." + "x" * 58, "d" * 62 + "e"),
    ("s" * 53 + "." + "x" * 9, "db"),
    ("s" * 53 + "-" + "x" * 9, "db"),
    ("1_x.Y", "queue"),
]


def test_every_entity_passes_our_own_check_and_no_two_have_one_name(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    odd = "requests/platform/x \"' #\u2028\udcff: [y].yaml"
    for number, (name, part) in enumerate(PAIRS):
        want = wish(name, owner="group:default/platform", service="component:default/shop")
        request = f"resourcerequest:default/{name.lower()}"
        subject = subject_of(want, f"uid-{number}")
        subject = replace(subject, request=part_of(request, part) if part else request, path=odd)
        (state,) = fold({}, [entry(subject, Verb.CREATE, Event.OUTCOME, result=Result.DONE)]).values()
        text = resource_entity(state)
        assert text is not None
        company.write(f"catalog/backstage/{number}.yaml", text)
    company.write("catalog/backstage/catalog-info.yaml", catalog_location())
    result = check(wire.source(company.root, None), wire.reading(), NOW)
    assert [finding for finding in result.findings if finding.place.path.startswith("catalog/backstage/")] == []
    names = [entity.ref for entity in result.catalog.of_kind("resource")]
    assert len(names) == len(PAIRS)


def test_an_entity_that_somebody_changed_is_a_fault_and_written_anew(repository: Path) -> None:
    ledger, head = written(repository, life("one"), life("two"))
    path = entity_path("one")
    state = path.replace("backstage/", "state/").replace(".yaml", ".json")
    commit = ledger.branch.commit(head.commit, {path: b"{}", state: None, "state/ff/odd.json": b"{}"}, "tampered", NOW)
    tampered = replace(head, commit=commit)
    with pytest.raises(LedgerError):
        ledger.states(tampered)
    mended, wrong = ledger.rebuild(tampered)
    assert wrong == 3
    assert ledger.verify(mended) == ()
    assert run(repository, "rev-parse", f"{REF}^{{tree}}") == run(repository, "rev-parse", f"{head.commit}^{{tree}}")
    assert ledger.rebuild(mended) == (mended, 0)
    only_entity = replace(mended, commit=ledger.branch.commit(mended.commit, {path: b"{}"}, "tampered", NOW))
    assert [fault.file for fault in ledger.verify(only_entity)] == [path]


def test_figures_come_back_from_the_log_too(repository: Path) -> None:
    ledger, head = written(repository, life("one"), life("two", until=Verb.EXPIRE))
    head = LedgerFigures(ledger).keep(head, Gauges(queue=3), NOW)
    right = blob(repository, "figures.json")
    assert ledger.verify(head) == ()
    for wrong in (b"{", figures_file(Figures(now=Gauges(queue=3)))):
        tampered = replace(head, commit=ledger.branch.commit(head.commit, {"figures.json": wrong}, "tampered", NOW))
        assert [fault.file for fault in ledger.verify(tampered)] == ["figures.json"]
        head, count = ledger.rebuild(tampered)
        assert count == 1
        assert ledger.verify(head) == ()
    # How things stood is in no line: what could be read of it is kept.
    assert blob(repository, "figures.json") == right
    gone = replace(head, commit=ledger.branch.commit(head.commit, {"figures.json": None}, "old", NOW))
    assert ledger.verify(gone) == ()
    assert ledger.rebuild(gone)[1] == 1


def test_a_broken_log_rebuilds_nothing(repository: Path) -> None:
    ledger, head = written(repository, life("one"), life("two"))
    log = next(path for path in listed(repository) if path.startswith("log/"))
    lines = blob(repository, log).splitlines()
    commit = ledger.branch.commit(head.commit, {log: f"{lines[0]}\n".encode()}, "tampered", NOW)
    with pytest.raises(LedgerError, match="the log is broken"):
        ledger.rebuild(replace(head, commit=commit))


def test_nothing_is_rebuilt_from_nothing(repository: Path) -> None:
    ledger = GitLedger.at(repository)
    assert rebuild(ledger) == (ledger.head(), 0)


def test_exported_lines_are_the_chained_ones(repository: Path) -> None:
    ledger, head = written(repository, life("one"), life("two", until=Verb.DELETE))
    lines = [wire.ledger_line(record) for record in export(ledger, None)]
    previous = "0" * 64
    for line in lines:
        assert json.loads(line)["previous"] == previous
        previous = hash_of(line.encode())
    assert (len(lines), previous) == (6, head.hash)
    assert len(list(export(ledger, NOW + DAY))) == 2


def test_a_spreadsheet_gets_cells_and_no_formulas() -> None:
    subject = subject_of(wish("db"), "uid")
    evil = entry(subject, Verb.CREATE, Event.OUTCOME, result=Result.FAILED, reason='=1+1,"\n', message="\t@x\x1b[1m")
    header, row = csv_lines([Recorded(1, "0", "1", evil, "file")])
    assert header == ",".join(COLUMNS)
    (cells,) = csv.reader(io.StringIO(row))
    said = dict(zip(COLUMNS, cells, strict=True))
    assert (said["reason"], said["message"]) == ("'=1+1,\" ", "' @x [1m")
    assert (said["request"], said["result"], said["at"]) == (
        "resourcerequest:default/db",
        "failed",
        "2026-12-01T06:00:00Z",
    )


def test_on_the_command_line(repository: Path) -> None:
    written(repository, life("one"))
    for arguments, said in (
        (["export"], '"action":"create"'),
        (["export", "--format", "csv"], "sequence,at,run"),
        (["rebuild"], "All is as the log says. Ledger: 2 lines, head "),
    ):
        done = CliRunner().invoke(tarmac, ["ledger", *arguments, "--root", str(repository)], standalone_mode=False)
        assert done.exit_code == 0, done.output
        assert said in done.output
