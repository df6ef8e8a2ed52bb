"""A decision for people as a tree, and for programs as JSON, version 1."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tarmac.model.facts import Decision, Ignored, State
from tarmac.model.shown import visible

_WIDE = 400
_NOT_ASKED = "is not one of those who are asked here"
# What people read of everybody of whom that holds in every rule.
UNASKED = "approved without being asked, so it does not count"


def json_report(decision: Decision) -> str:
    """State, and every rule with who counted, who did not and why, and who could approve now; ASCII alone."""
    rules = [
        {
            "rule": rule.name,
            "state": rule.state.value,
            "reason": rule.reason,
            "counted": counted(rule),
            "ignored": [{"login": one.login, "reason": one.reason} for one in ignored(rule)],
            "candidates": candidates(rule),
        }
        for rule in decision.children
    ]
    return json.dumps({"version": 1, "state": decision.state.value, "rules": rules}, indent=2) + "\n"


def error_report(message: str) -> str:
    """The same for a question that could not be answered."""
    fault = Decision("input", State.ERROR, message)
    return json_report(Decision("approvals", State.ERROR, message, children=(fault,)))


def text_report(decision: Decision) -> str:
    """The tree: state, name and reason, below each what it asks for."""
    skipped = [rule.name for rule in decision.children if rule.state is State.SKIPPED]
    lines = [f"{decision.state.value}: {visible(decision.reason, _WIDE)}"]
    lines += [line for rule in decision.children if rule.state is not State.SKIPPED for line in _lines(rule, "  ")]
    strangers = unasked(decision)
    if strangers:
        lines.append(f"  {UNASKED}: {_list(strangers)}")
    if skipped:
        lines.append(f"  do not apply: {_list(skipped)}")
    return "\n".join(lines) + "\n"


def _lines(node: Decision, indent: str) -> Iterator[str]:
    own = "" if node.children else f": {visible(node.reason, _WIDE)}"
    yield f"{indent}{node.state.value} {visible(node.name, _WIDE)}{own}"
    inner = indent + "  "
    yield from (f"{inner}because {visible(reason, _WIDE)}" for reason in node.because)
    if node.about and not node.children:
        yield f"{inner}for {_list(node.about)}"
    if not node.children:
        yield from (
            f"{inner}does not count: {visible(one.login)}, {visible(one.reason, _WIDE)}" for one in unheard(node)
        )
    if node.candidates and not any(child.candidates for child in node.children):
        # What is wrong with the base is about no part of the change, and approving is no help.
        what = "approve" if node.about or node.state is not State.ERROR else "mend it"
        yield f"{inner}could {what}: {_list(node.candidates)}"
    for child in node.children:
        yield from _lines(child, inner)


def counted(rule: Decision) -> list[str]:
    """Whose approval counts anywhere below."""
    return sorted({name for leaf in rule.leaves() for name in leaf.counted})


def ignored(rule: Decision) -> list[Ignored]:
    """Whose approval does not count, and why; who counts for one thing is not told to be unasked for another."""
    found = {one for leaf in rule.leaves() for one in leaf.ignored}
    heard = {*counted(rule), *(one.login for one in found if one.reason != _NOT_ASKED)}
    kept = (one for one in found if one.reason != _NOT_ASKED or one.login not in heard)
    return sorted(kept, key=lambda one: (one.login, one.reason))


def unheard(ask: Decision) -> list[Ignored]:
    """Whose approval is asked for and does not count, and why."""
    return [one for one in ignored(ask) if one.reason != _NOT_ASKED]


def unasked(decision: Decision) -> list[str]:
    """Who approved and is asked nowhere. Told once for the whole: a rule names many who are none of its business."""
    found = {one for leaf in decision.leaves() for one in leaf.ignored}
    asked = {*counted(decision), *(one.login for one in found if one.reason != _NOT_ASKED)}
    return sorted({one.login for one in found} - asked)


def candidates(rule: Decision) -> list[str]:
    """Who could approve now; nobody where nothing is missing."""
    if rule.state in (State.APPROVED, State.SKIPPED):
        return []
    waiting = [leaf for leaf in rule.leaves() if leaf.state is not State.APPROVED]
    return sorted({name for leaf in waiting for name in leaf.candidates})


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(visible(name) for name in names[:20])
    return shown + (f" and {len(names) - 20} more" if len(names) > 20 else "")


APPROVALS: Mapping[str, Callable[[Decision], str]] = MappingProxyType({"text": text_report, "json": json_report})
