"""Whose a commit is: the people behind its author, committer and co-authors, by e-mail address and as the forge says.

git lets everybody write any address, so what cannot be told counts as somebody who must not go unseen, and never as
nobody. Only the forge's own committer of what is edited in its pages is nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tarmac.catalog.people import address as normal
from tarmac.catalog.people import login
from tarmac.catalog.view import ReviewView
from tarmac.model.commits import Contribution
from tarmac.model.forge import CommitLogins
from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily

# GitHub commits what is edited or merged in its pages under this address and login.
_WEB_EMAIL = "noreply@github.com"
_WEB_LOGIN = "web-flow"
# `ID+login@` since 2017, `login@` before. Source: GitHub, "Setting your commit email address".
_NOREPLY = lazily(r"(?:[0-9]+\+)?([a-z0-9][a-z0-9_-]*(?:\[bot\])?)@users\.noreply\.github\.com")
# Anywhere in the message, and not only at its end as git has it: whoever is named is no impartial reviewer.
_CO_AUTHORED = "co-authored-by"
_TRAILER = lazily(rf"^[ \t]*{_CO_AUTHORED}[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
# Whatever some page or editor shows as the end of a line: git ends lines with LF alone, and whoever is named behind
# another is named all the same.
_LINE_END = lazily(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_FOLDED = lazily(r"\n[ \t]+(?=\S)")
_ADDRESS = lazily(r"<([^<>]*)>")


class Makers(Frozen):
    """Who made one commit, login to how; `unknown` says of whom nobody can tell."""

    known: Mapping[str, str]
    unknown: tuple[str, ...]


class Identities:
    """The people of one base by e-mail address. `trusted` are logins that are real though no team has them."""

    def __init__(self, base: ReviewView, trusted: Iterable[str] = ()) -> None:
        self._base = base
        self._trusted = frozenset(trusted)

    def knows(self, name: str) -> bool:
        """Whether the base has a user of that login; one without a login goes by the reference."""
        if self._base.with_login(name):
            return True
        user = self._base.get(name)
        return user is not None and user.ref.kind == "user" and str(user.ref) == name and login(user) is None

    def makers(self, commit: Contribution, told: CommitLogins | None) -> Makers:
        """Who made a commit. `told` is what the forge says of it, None where it does not list it."""
        found: dict[str, str] = {}
        unknown: list[str] = []
        short = commit.id[:12]
        by_forge = (None, None) if told is None else (told.author, told.committer)
        sides = [(commit.author_email, by_forge[0], "author")]
        if normal(commit.committer_email) != _WEB_EMAIL:
            sides.append((commit.committer_email, by_forge[1], "committer"))
        sides += [(address, None, "co-author") for address in _co_authors(commit.message)]
        for address, said, what in sides:
            said = None if said == _WEB_LOGIN else said
            names, sure = self._of(address, said)
            for name in names:
                found.setdefault(name, f"is the {what} of {short}")
            if not sure:
                unknown.append(f"the {what} of {short} ({address or 'no address'}) is nobody that the base knows")
        return Makers(found, tuple(dict.fromkeys(unknown)))

    def _of(self, address: str, said: str | None) -> tuple[set[str], bool]:
        """The logins behind an address, and whether they are sure to be all."""
        key = normal(address)
        names = {login(user) or str(user.ref) for user in self._base.with_email(key)} if key else set()
        sure = bool(names)
        anonymous = _NOREPLY.fullmatch(key)
        if anonymous is not None:
            names.add(anonymous[1])
            # Whoever writes such an address can write one that no account has.
            sure = sure or anonymous[1] in self._trusted or self.knows(anonymous[1])
        if said is not None:
            names.add(said)
            sure = True
        return names, sure


def _co_authors(message: str) -> list[str]:
    """The address of each, or the whole text where it has none."""
    if _CO_AUTHORED not in message.lower():
        # As nearly every one. No other letter is one of these in lower case.
        return []
    unfolded = _FOLDED.sub(" ", _LINE_END.sub("\n", message))
    found = []
    for stated in _TRAILER.findall(unfolded):
        addresses = _ADDRESS.findall(stated)
        found += addresses or [stated.strip()]
    return found
