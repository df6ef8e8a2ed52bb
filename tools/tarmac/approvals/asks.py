"""What a requirement asks for of one subject: its words (owner, parent, code-owners) with people in place."""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.approvals.owners import PathOwners, parent_of, platform_owner
from tarmac.approvals.rule import CODE_OWNERS, OWNER, PARENT, WORDS, Requirement
from tarmac.approvals.subjects import Subject
from tarmac.catalog.view import ReviewView
from tarmac.model.frozen import Frozen
from tarmac.model.refs import BadReference, Ref


class Ask(Frozen, order=True):
    """`count` people of any of the groups (users stand for themselves), of the role there if one is named.

    `owned` says that they are asked because something is theirs: where too few of them are left who did not make the
    change, those above them are asked.
    """

    groups: tuple[Ref, ...]
    role: str
    count: int
    owned: bool

    @property
    def name(self) -> str:
        who = " or ".join(str(group) for group in self.groups) or "nobody that can be named"
        what = f"role {self.role} of {who}" if self.role else who
        return what if self.count == 1 else f"{self.count} of {what}"


class Asker:
    """Who a requirement means, as one base knows owners and teams."""

    def __init__(self, base: ReviewView) -> None:
        self._base = base
        self.paths = PathOwners(base)
        self._platform = platform_owner(base)

    def asks(self, requirement: Requirement, subject: Subject) -> tuple[Ask, ...]:
        """One for each who must be asked: the earlier owner's word does not stand for the new one's, nor the word of
        one path's owner for another's. Never empty."""
        fixed = [ref for source in requirement.sources if (ref := _ref(source)) is not None]
        each = list(dict.fromkeys(self._owners(requirement, subject)))
        return tuple(
            Ask(tuple(sorted({*group, *fixed})), requirement.role or "", requirement.count, owned=bool(each))
            for group in each or [()]
        )

    def known(self, ask: Ask) -> bool:
        """Whether the base has all of an ask's groups: nobody is a member yet of what it does not have."""
        return all(self._base.get(group) is not None for group in ask.groups)

    def platform(self, count: int = 1) -> Ask:
        """So many of the platform's owner."""
        return Ask(() if self._platform is None else (self._platform,), "", count, owned=True)

    def _owners(self, requirement: Requirement, subject: Subject) -> Iterator[tuple[Ref, ...]]:
        if OWNER in requirement.sources:
            yield from self._whose(subject)
        if PARENT in requirement.sources:
            for group in self._whose(subject):
                yield tuple(sorted({above for owner in group for above in self._above(owner)}))
        if CODE_OWNERS in requirement.sources:
            yield from (self.paths.of(path) for path in subject.paths)

    def _whose(self, subject: Subject) -> Iterator[tuple[Ref, ...]]:
        """The owners of a subject, and whoever owns its place: what is new says itself whose it is."""
        yield from ((owner,) for owner in subject.owners)
        yield from (self.paths.of(path) for path in subject.paths)

    def _above(self, owner: Ref) -> tuple[Ref, ...]:
        above = parent_of(self._base, owner) or self._platform
        return () if above is None else (above,)


def _ref(source: str) -> Ref | None:
    if source in WORDS:
        return None
    try:
        return Ref.parse(source, default_kind="group")
    except BadReference:
        return Ref.of("group", source or "?")
