"""The page of a policy, made from what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from tarmac.model.documents import Entity
from tarmac.model.findings import Severity
from tarmac.model.json_value import JsonValue, text
from tarmac.model.shown import one_of, shown, visible
from tarmac.rules.pages import Page

TOPIC = "policies of this repository"
_MATCHED = ("kinds", "types", "environments")
_LONGEST_TITLE = 200


def policy_page(policy: Entity) -> Page:
    """Description, severity, what it looks at, `when`, `require`, message, fix, controls and tests, as Markdown."""
    stated = policy.text("spec", "severity")
    severity = Severity(stated) if stated in tuple(Severity) else Severity.ERROR
    said = policy.text("metadata", "description") or policy.text("metadata", "title") or policy.text("spec", "message")
    title = " ".join((said or f"What policy {policy.name} asks for.").split())
    whole = (title,) if len(title) > _LONGEST_TITLE else ()
    parts = [visible(title, _LONGEST_TITLE), *whole, *_parts(policy, severity)]
    return Page(
        id=policy.name,
        severity=severity,
        topic=TOPIC,
        text="\n\n".join(part.rstrip() for part in parts) + "\n",
        place=policy.place(),
        policy=policy.mapping("spec"),
    )


def _parts(policy: Entity, severity: Severity) -> Iterator[str]:
    observed = policy.text("spec", "mode") == "observe"
    yield f"Severity: {severity}" + (", only observed: it blocks nothing yet" if observed else "")
    matched = ((name, policy.texts("spec", "match", name)) for name in _MATCHED)
    looks = [f"{name} {one_of(found)}" for name, found in matched if found]
    yield f"Looks at: {', '.join(looks) or 'every entity'}"
    for field, words in (("when", "Where this is true:"), ("require", "Requires:"), ("message", "Says otherwise:")):
        said = policy.text("spec", field)
        if said is not None:
            yield f"{words}\n\n{indent(said.strip(), '    ')}"
    fix = policy.text("spec", "fix")
    if fix is not None:
        yield f"What to do: {fix.strip()}"
    controls = policy.texts("spec", "controls")
    if controls:
        yield f"Controls: {', '.join(controls)}"
    tests = policy.items("spec", "tests")
    if tests:
        yield "Tests:\n\n" + "\n".join(f"    {_case(case, number)}" for number, case in enumerate(tests, 1))
    yield f"Stands in: {policy.place()}"


def _case(case: JsonValue, number: int) -> str:
    return f"{text(case, 'name') or f'case {number}'}: {text(case, 'expect') or shown(None)}"
