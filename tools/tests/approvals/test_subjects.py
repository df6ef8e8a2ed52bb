"""What a change asks approval for, one by one: entities, and files that no entity accounts for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tarmac.approvals.subjects import Subject, subjects
from tarmac.catalog.changes import changes
from tests.approvals.town import README, R, S, catalog, rule, staging, town
from tests.trees import component

T = "requests/one/staging/t.yaml"
BASE = town(**{R: staging()})
NOTES = "catalog/shop/notes.md"
RENAMED = staging(owner="two", name="t").replace("spec:", "spec:\n  previously: [r]")
LIVE = staging(environment="production")
BARE = component("bare")


def found(change: Mapping[str, str | None], **base: str) -> tuple[Subject, ...]:
    before = BASE | base
    after = {path: text for path, text in {**before, **change}.items() if text is not None}
    known, merged = catalog(before), catalog(after)
    return subjects(changes(known, merged), change, known, merged)


def told(change: Mapping[str, str | None], **base: str) -> list[str]:
    """`operation kind paths owners hidden` of each, in order."""
    return [
        f"{one.operation} {one.kind} {' '.join(one.paths)}"
        f" [{' '.join(owner.name for owner in one.owners)}]{' '.join(sorted(one.hidden))}"
        for one in found(change, **base)
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({NOTES: "x\n"}, [f"add File {NOTES} [one]"]),
        ({README: "# x\n"}, [f"change File {README} [platform]"]),
        ({README: None}, [f"remove File {README} [platform]"]),
        # What became of a file outside the root is not known; it is the platform's.
        ({"../notes.md": None}, ["change File ../notes.md [platform]"]),
        ({"requests/new/x.md": "x\n"}, ["add File requests/new/x.md [platform]"]),
        ({S: staging(owner="two", name="s")}, [f"add ResourceRequest {S} [two]"]),
        ({R: staging(20)}, [f"change ResourceRequest {R} [one]"]),
        ({R: None}, [f"remove ResourceRequest {R} [one]"]),
        ({R: staging(owner="two")}, [f"change ResourceRequest {R} [one two]"]),
        ({R: None, T: staging()}, [f"move ResourceRequest {R} {T} [one]"]),
        ({R: None, T: RENAMED}, [f"rename ResourceRequest {R} {T} [one two]"]),
        ({R: "# a comment\n" + staging()}, [f"change File {R} [one]"]),
        ({R: "just: data\n"}, [f"remove ResourceRequest {R} [one]", f"change File {R} [one]"]),
        ({T: staging()}, [f"add File {T} [one]ResourceRequest"]),
        ({T: rule("never", "true")}, [f"add File {T} [one]ApprovalRule"]),
        (
            {R: staging(20) + "---\n" + staging(30)},
            [f"change ResourceRequest {R} [one]", f"change File {R} [one]ResourceRequest"],
        ),
        (
            {README: "# x\n", NOTES: "x\n", S: staging(owner="two", name="s")},
            [f"add ResourceRequest {S} [two]", f"change File {README} [platform]", f"add File {NOTES} [one]"],
        ),
        ({"catalog/new.yaml": component("new", owner="two")}, ["add Component catalog/new.yaml [two]"]),
    ],
)
def test_what_is_asked_about(change: Mapping[str, str | None], expected: list[str]) -> None:
    assert told(change) == expected


def test_a_second_document_of_a_name_that_goes_is_a_file_too() -> None:
    assert told({T: None}, **{T: staging(20)}) == [f"remove File {T} [one]ResourceRequest"]
    assert told({T: "# none\n"}, **{T: staging(20)}) == [f"change File {T} [one]ResourceRequest"]


@pytest.mark.parametrize(
    ("change", "now", "ever"),
    [
        ({S: staging(owner="two", name="s")}, "staging", ("staging",)),
        ({R: staging(20)}, "staging", ("staging",)),
        ({R: LIVE}, "production", ("staging", "production")),
        ({R: None}, "staging", ("staging",)),
        ({R: None, T: RENAMED.replace("environment: staging", "environment: production")}, "production",
         ("staging", "production")),
        ({"catalog/bare.yaml": BARE}, "", ()),
        ({NOTES: "x\n"}, "", ()),
    ],
)  # fmt: skip
def test_the_environments_before_and_after(change: Mapping[str, str | None], now: str, ever: tuple[str, ...]) -> None:
    (one,) = found(change)
    assert (one.environment, one.environments) == (now, ever)
