"""What may decide about what comes after it, and so holds that up while nobody has proved it."""

from __future__ import annotations

import pytest

from tarmac.approvals.subjects import Subject
from tarmac.approvals.trust import deciding
from tarmac.model import KINDS
from tarmac.model.refs import Ref

ONE, TWO = Ref.of("group", "one"), Ref.of("group", "two")
ASKED = {"API", "Component", "Domain", "Location", "Resource", "ResourceRequest", "System"}
MEASURED = {"AlertCondition", "AlertNotificationTarget", "AlertPolicy", "DataSource", "SLA", "SLI", "SLO", "Service"}


def subject(kind: str = "Component", operation: str = "change", owners: tuple[Ref, ...] = (ONE,)) -> Subject:
    return Subject(kind, operation, ("catalog/shop/x.yaml",), owners=owners)


@pytest.mark.parametrize(
    ("path", "decides"),
    [
        (".github/workflows/x.yml", True),
        ("policies/x.md", True),
        ("teams/one/x.md", True),
        ("templates/x/skeleton/y", True),
        ("tools/tarmac/x.py", True),
        (".tarmac/x", True),
        (".gitattributes", True),
        ("Makefile", True),
        ("pyproject.toml", True),
        ("catalog/x.yaml", False),
        ("catalog/tools/x.py", False),
        ("requests/one/staging/r.yaml", False),
        ("toolshed/x.py", False),
    ],
)
def test_paths_that_decide(path: str, decides: bool) -> None:
    said = f"it changes {path}, which may decide about whatever comes after it"
    assert deciding((), [path]) == (said if decides else None)
    assert deciding((), ["catalog/a.yaml", path]) == (said if decides else None)


def test_of_several_the_first_by_name_is_told() -> None:
    said = deciding((), ["tools/x", "Makefile", "policies/x.yaml"])
    assert said == "it changes Makefile, which may decide about whatever comes after it"


@pytest.mark.parametrize("kind", [*KINDS, "File", "Whatever", "component"])
def test_a_document_decides_unless_it_is_only_asked_for_or_described(kind: str) -> None:
    said = f"it changes catalog/shop/x.yaml, and a {kind} may decide about whatever comes after it"
    harmless = kind in {*ASKED, *MEASURED, "File"}
    assert deciding([subject(), subject(kind)], ["catalog/shop/x.yaml"]) == (None if harmless else said)


@pytest.mark.parametrize(
    ("kind", "operation", "owners", "decides"),
    [
        ("Component", "change", (ONE, TWO), True),
        ("Component", "remove", (ONE,), True),
        ("System", "remove", (), True),
        ("Component", "add", (ONE,), False),
        ("Component", "rename", (ONE,), False),
        ("Component", "change", (), False),
        ("ResourceRequest", "change", (ONE, TWO), False),
        ("ResourceRequest", "remove", (ONE,), False),
        ("File", "change", (ONE, TWO), False),
        ("File", "remove", (ONE,), False),
    ],
)
def test_who_is_asked_later_is_decided_by_who_owns_a_thing(
    kind: str, operation: str, owners: tuple[Ref, ...], decides: bool
) -> None:
    said = "it changes who owns catalog/shop/x.yaml, and with that who approves what comes after it"
    assert deciding([subject(kind, operation, owners)], ["catalog/shop/x.yaml"]) == (said if decides else None)
