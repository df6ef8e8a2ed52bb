"""What short cuts say of the policies that look at a document (model/expressions.py says what these are): of nearly
every document that each of them passes or skips, and of the others which do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tarmac.model.expressions import Sure, Unsure, told_by
from tarmac.rules.policy_reads import named

# What is the same for every document of an owner.
_OF_OWNERS = frozenset({"owner", "platform"})


class Short(Protocol):
    """A policy: what its `when` says, if it has one, what its `require` says, and the short cuts of both."""

    @property
    def when_text(self) -> str | None: ...
    @property
    def require_text(self) -> str: ...
    @property
    def surely_applies(self) -> Sure | None: ...
    @property
    def surely_kept(self) -> Sure | None: ...


class ShortCuts:
    """The short cuts of some policies. Several look at the same things: each `when` is asked once."""

    def __init__(self, policies: Sequence[Short]) -> None:
        self._policies = policies
        ours = [policy for policy in policies if not _OF_OWNERS.issuperset(_names(policy))]
        self._groups = grouped(ours)
        self._owners = grouped([policy for policy in policies if policy not in ours])
        # By the identity of the owner's facts, which are kept too, so that nothing else can get it.
        self._of_owner: dict[int, tuple[object, bool]] = {}
        self._all = all(
            policy.surely_kept and (policy.when_text is None or policy.surely_applies) for policy in policies
        )

    def well(self, plain: dict[str, Any]) -> bool:
        """Whether each policy passes or skips, for sure."""
        if not (self._all and all_well(self._groups, plain)):
            return False
        owner = plain["owner"]
        known = self._of_owner.get(id(owner))
        if known is None:
            known = self._of_owner[id(owner)] = owner, all_well(self._owners, plain)
        return known[1]

    def told(self, plain: dict[str, Any]) -> list[bool | None]:
        """Of each policy whether it passes or (False) skips; None where that is for the engine to say."""
        applied: dict[str, bool | None] = {}
        found: list[bool | None] = []
        for policy in self._policies:
            when, kept = policy.when_text, policy.surely_kept
            if when is not None:
                if when not in applied:
                    applied[when] = told_by(policy.surely_applies, plain)
                if applied[when] is not True:
                    found.append(applied[when])
                    continue
            found.append(told_by(kept, plain) or None)
        return found


# What tells whether `when` holds, where there is one, and what tells of each policy that says it whether it is kept.
Group = tuple[Sure | None, list[Sure]]


def _names(policy: Short) -> frozenset[str]:
    """The facts and functions that are named in what it asks."""
    return named(policy.when_text or "") | named(policy.require_text)


def grouped(policies: Sequence[Short]) -> list[Group]:
    """The short cuts of policies that have one, by their `when`."""
    found: dict[str | None, Group] = {}
    for policy in policies:
        if policy.surely_kept is not None:
            found.setdefault(policy.when_text, (policy.surely_applies, []))[1].append(policy.surely_kept)
    return list(found.values())


def all_well(groups: Sequence[Group], plain: dict[str, Any]) -> bool:
    """Whether each of the policies passes or skips, for sure."""
    try:
        for applies, every in groups:
            if applies is None or applies(plain):
                for kept in every:
                    if not kept(plain):
                        return False
    except Unsure:
        return False
    return True
