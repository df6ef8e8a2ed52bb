"""Who could approve what, who has, and why others have not: as the base knows the teams."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tarmac.approvals.asks import Ask
from tarmac.approvals.owners import parent_of, platform_owner
from tarmac.approvals.subjects import Subject
from tarmac.catalog.people import members, roles
from tarmac.catalog.view import ReviewView
from tarmac.model.facts import GHOST, Decision, GivenReview, Ignored, Opinion, ReviewFacts, State
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

_BOT = "[bot]"
# The last of these that somebody says is what counts of them.
WORDS = (Opinion.APPROVED, Opinion.CHANGES_REQUESTED)


class People(Frozen):
    """Who is behind an ask, by login (a person without one by reference, who can be named and cannot review).

    `holders` are meant by it, `able` those of them who may approve this change; `instead` are the groups that are
    asked because too few were left; `fault` says why it can never be met.
    """

    holders: frozenset[str]
    able: frozenset[str]
    instead: tuple[str, ...] = ()
    fault: str | None = None


class Panel:
    """Everybody who reviewed one change, and everybody who could."""

    def __init__(self, base: ReviewView, review: ReviewFacts) -> None:
        self._base, self._review = base, review
        platform = base.platform()
        self._bots = frozenset(name.lower() for name in platform.texts("spec", "approvingBots")) if platform else ()
        self._owner = platform_owner(base)
        self._known: dict[Ask, People] = {}
        # Of these groups all that may be asked has been looked up.
        self._ahead: set[Ref] = set()
        self._behind: dict[tuple[Ref, str], tuple[str, ...]] = {}
        self._said = frozenset((given.login, given.opinion) for given in review.reviews)
        # Of everybody who said something: the last of it, by name.
        said = {given.login: given for given in review.reviews}
        self._last = {name: said[name] for name in sorted(said)}
        # Who approved without being asked is told the same at each ask.
        why = "is not one of those who are asked here"
        self._strangers = {name: Ignored(name, review.authors.get(name, why)) for name in self._last}
        self._words: dict[str, GivenReview] = {}
        for given in review.reviews:
            if given.opinion in WORDS:
                self._words[given.login] = given
        approved = (name for name in self._last if name in self._words)
        self._unasked = tuple(
            self._strangers[name] for name in approved if self._words[name].opinion is Opinion.APPROVED
        )
        members_ = () if self._owner is None else self._logins(self._owner, "")
        self._vouching = frozenset(name for name in members_ if self._may(name) and not _is_bot(name))

    @property
    def menders(self) -> tuple[str, ...]:
        """Who of the platform's owner made nothing of this change."""
        return tuple(sorted(self._vouching))

    def ahead(self, asks: Iterable[Ask]) -> None:
        """Who is behind these will be asked: what that rests on is looked up at once."""
        groups = dict.fromkeys(group for ask in asks for group in ask.groups if group not in self._ahead)
        self._ahead |= groups.keys()
        self._base.ahead(groups)
        self._base.ahead_sources(groups, "user", "memberOf")
        self._base.ahead_logins(user for group in groups for user in members(self._base, group))

    def people(self, ask: Ask) -> People:
        """Who is behind an ask."""
        if ask not in self._known:
            self._known[ask] = self._people(ask)
        return self._known[ask]

    def leaf(self, ask: Ask, subjects: Sequence[Subject]) -> Decision:
        """The decision on one ask about some subjects, each of which needs it."""
        about, people = tuple(dict.fromkeys(subject.name for subject in subjects)), self.people(ask)
        nobody = people.holders.isdisjoint(self._last)
        ignored = self._unasked if nobody else tuple(self._ignored(people, subjects))
        per_subject = [self.approving(ask, subject) for subject in subjects]
        counted = frozenset[str]().union(*per_subject)
        done = frozenset.intersection(*per_subject)
        candidates = tuple(sorted(people.able - done))
        rest = (about, tuple(sorted(counted)), ignored)
        against = self.against(ask)
        if against:
            reason = f"{_names(against)} asked for changes: mend them and ask again, or have the request dismissed"
            return Decision(ask.name, State.REJECTED, reason, *rest, candidates)
        if people.fault is not None:
            return Decision(ask.name, State.ERROR, people.fault, *rest, candidates)
        if all(len(names) >= ask.count for names in per_subject):
            return Decision(ask.name, State.APPROVED, f"approved by {_names(counted)}", *rest)
        return Decision(ask.name, State.PENDING, self._waiting(ask, per_subject), *rest, candidates)

    def approving(self, ask: Ask, subject: Subject) -> frozenset[str]:
        """Whose approval counts for the subject."""
        return frozenset(name for name in self.people(ask).able if self._against_counting(name, (subject,)) is None)

    def against(self, ask: Ask) -> frozenset[str]:
        """Who of those that are meant asks for changes; who made the change may do so too."""
        return frozenset(
            name
            for name in self.people(ask).holders
            if name in self._words and self._words[name].opinion is Opinion.CHANGES_REQUESTED
        )

    def gone(self) -> Decision | None:
        """Whether somebody whose account is gone asked for changes: it may have been one of those who are asked."""
        if all(word != (GHOST, Opinion.CHANGES_REQUESTED) for word in self._said):
            return None
        reason = "somebody whose account is gone asked for changes: have that request dismissed"
        return Decision("account gone", State.PENDING, reason)

    def unknown(self, paths: Iterable[str]) -> Decision | None:
        """Whether somebody of the platform's owner vouches for what nobody knows the author of, among `paths`."""
        about = tuple(path for path in dict.fromkeys(paths) if path in self._review.unknown)
        if not about:
            return None
        why = _some([self._review.unknown[path] for path in about])
        name = "unknown authors"
        if not self._vouching:
            return Decision(name, State.ERROR, f"{why}; nobody of the platform's owner can vouch for it", about)
        vouched = [self._vouched(path) for path in about]
        counted = tuple(sorted(frozenset[str]().union(*vouched)))
        if all(vouched):
            return Decision(name, State.APPROVED, f"{why}; {_names(counted)} approved it", about, counted)
        reason = f"{why}: somebody of {self._owner} who has no commit here must approve before any approval counts"
        return Decision(name, State.PENDING, reason, about, counted, candidates=self.menders)

    def _people(self, ask: Ask) -> People:
        holders = {name for group in ask.groups for name in self._logins(group, ask.role)}
        able = {name for name in holders if self._may(name)}
        instead: list[str] = []
        made = len(holders) - len({name for name in holders if name not in self._review.authors})
        if len(able) < ask.count and ask.owned and made and len(holders) >= ask.count:
            for group, role in self._above(ask):
                more = {name for name in self._logins(group, role) if self._may(name)}
                if more - able:
                    instead.append(f"role {role} of {group}" if role else str(group))
                    able |= more
                    holders |= more
                if len(able) >= ask.count:
                    break
        fault = None if len(able) >= ask.count else self._fault(ask, holders, able, made)
        return People(frozenset(holders), frozenset(able), tuple(instead), fault)

    def _fault(self, ask: Ask, holders: set[str], able: set[str], made: int) -> str:
        unknown = [group for group in ask.groups if self._base.get(group) is None]
        if not ask.groups:
            why = "nobody owns what is touched"
        elif unknown:
            why = f"{', '.join(map(str, unknown))} is not known to the base"
        elif not holders:
            why = "nobody there has that role" if ask.role else "nobody is a member"
        elif made:
            why = f"of the {len(holders)} who could approve, {made} made this change"
        elif len(able) < len(holders):
            why = "bots may approve only where the platform's spec.approvingBots names them"
        else:
            why = f"only {len(holders)} could approve, and {ask.count} are asked for"
        return why if self._owner is None else f"{why}; in their place: {self._owner}"

    def _above(self, ask: Ask) -> Iterator[tuple[Ref, str]]:
        """Who is asked next: the groups above, in the same role, then the platform's owner."""
        seen = set(ask.groups)
        waiting = list(ask.groups)
        for group in waiting:
            above = parent_of(self._base, group)
            if above is not None and above not in seen:
                seen.add(above)
                waiting.append(above)
                yield above, ask.role
        if self._owner is not None:
            yield self._owner, ""

    def _logins(self, who: Ref, role: str) -> tuple[str, ...]:
        """The people behind a reference: a user itself, a group's members, or those of its members with the role."""
        if (who, role) not in self._behind:
            self._behind[who, role] = tuple(self._look_for(who, role))
        return self._behind[who, role]

    def _look_for(self, who: Ref, role: str) -> Iterator[str]:
        entity = self._base.get(who)
        if entity is None:
            return
        found: Sequence[Ref] = (who,)
        if entity.kind != "User":
            found = members(self._base, who)
            if role:
                # A holder who is no member is a fault of the team's document, and does not count.
                found = [holder for holder in roles(entity).get(role, ()) if holder in found]
        if who not in self._ahead:
            self._ahead.add(who)
            self._base.ahead_logins(found)
        for user in found:
            yield self._base.login_of(user) or str(user)

    def _may(self, name: str) -> bool:
        return name not in self._review.authors and (name in self._bots or not _is_bot(name))

    def _against_counting(self, name: str, subjects: Iterable[Subject]) -> str | None:
        """Why the word of somebody who is asked does not count as an approval of all subjects; None where it does."""
        word = self._words.get(name)
        if name in self._review.authors:
            return self._review.authors[name]
        if _is_bot(name) and name not in self._bots:
            return "a bot that the platform's spec.approvingBots does not name"
        if word is None:
            return "has not approved"
        if word.opinion is not Opinion.APPROVED:
            return "asks for changes"
        if not word.person and name not in self._bots:
            return "a bot that the platform's spec.approvingBots does not name"
        if word.void is not None:
            return word.void
        paths = [path for subject in subjects for path in subject.paths]
        changed = [path for path in paths if path in word.stale]
        if changed:
            return f"what was approved has changed since: {_some(changed)}"
        unknown = [path for path in paths if path in self._review.unknown and not self._vouched(path)]
        return f"nobody vouches yet for {_some(unknown)}, whose author is not known" if unknown else None

    def _vouched(self, path: str) -> frozenset[str]:
        """Who of the platform's owner approved the path, unknown author or not."""
        return frozenset(
            name
            for name in self._vouching
            if (word := self._words.get(name)) is not None
            and word.opinion is Opinion.APPROVED
            and word.person
            and word.void is None
            and path not in word.stale
        )

    def _ignored(self, people: People, subjects: Sequence[Subject]) -> Iterator[Ignored]:
        """Every approval that does not count, and why."""
        last = self._last
        for name in last:
            word = self._words.get(name)
            if name in people.holders:
                reason = self._against_counting(name, subjects)
                if word is None and name not in self._review.authors:
                    dismissed = last[name].opinion is Opinion.DISMISSED
                    reason = "the review was dismissed" if dismissed else "a comment approves nothing"
            elif word is None or word.opinion is not Opinion.APPROVED:
                continue
            else:
                yield self._strangers[name]
                continue
            if reason is not None:
                yield Ignored(name, reason)

    def _waiting(self, ask: Ask, per_subject: Sequence[frozenset[str]]) -> str:
        given = min(map(len, per_subject))
        most = max(map(len, per_subject))
        said = "nobody has approved yet" if not most else f"{given} of {ask.count} have approved"
        if most and not given:
            said = "approved in part only"
        instead = self.people(ask).instead
        return f"{said}; too few there did not make this change, so next is {', '.join(instead)}" if instead else said


def _is_bot(name: str) -> bool:
    return name.endswith(_BOT)


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _some(paths: Sequence[str]) -> str:
    found = list(dict.fromkeys(paths))
    return ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
