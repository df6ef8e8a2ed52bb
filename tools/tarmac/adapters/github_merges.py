"""GitHub, asked which pull requests were merged; each commit once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tarmac.adapters.github import GitHub
from tarmac.adapters.merges_file import merged_pull
from tarmac.errors import ForgeError, UsageError
from tarmac.model.forge import MergedPull


@dataclass(slots=True)
class GitHubMerges:
    """The merged pull requests of one repository; GitHub is opened when it is first asked. Raises ForgeError."""

    opened: Callable[[], AbstractContextManager[GitHub]]
    _known: dict[str, tuple[MergedPull, ...]] = field(default_factory=dict)

    def merged(self, commit: str) -> tuple[MergedPull, ...]:
        """The pull requests whose merge made this commit, and not those that only have it."""
        if commit not in self._known:
            with self.opened() as github:
                found = [self._told(github, number) for number in github.pulls_of(commit)]
            self._known[commit] = tuple(one for one in found if one is not None and one.commit == commit)
        return self._known[commit]

    def _told(self, github: GitHub, number: int) -> MergedPull | None:
        try:
            return merged_pull(github.answers(number))
        except UsageError as fault:
            raise ForgeError(f"GitHub's answers about #{number}: {fault}") from None
