"""A git repository to review, made commit by commit."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tarmac.app import wire
from tarmac.app.review import review
from tarmac.reports.review import Review
from tests.trees import NOW, READING, company


@dataclass(frozen=True, slots=True)
class Repository:
    """`main` holds the base; `commit` writes a whole tree to a branch."""

    path: Path

    @classmethod
    def of(cls, path: Path, files: Mapping[str, str] | None = None) -> Repository:
        made = cls(path)
        made.git("init", "--quiet", "--initial-branch=main")
        made.commit(company() if files is None else files, at="2026-01-02T00:00:00Z")
        return made

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True, env=os.environ | environment
        )
        return done.stdout.strip()

    def commit(
        self, files: Mapping[str, str], branch: str = "main", onto: str | None = None, at: str = "2026-11-30T00:00:00Z"
    ) -> str:
        """Make the tree of `branch` exactly `files`; a new branch starts at `onto`."""
        if onto is not None:
            self.git("checkout", "--quiet", "-b", branch, onto)
        for old in self.git("ls-files", "-z").split("\0"):
            if old and old not in files:
                (self.path / old).unlink()
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=change", GIT_COMMITTER_DATE=at, GIT_AUTHOR_DATE=at)
        return self.git("rev-parse", "HEAD")

    def review(self, head: Mapping[str, str], base: Mapping[str, str] | None = None) -> Review:
        """Review a branch with the tree `head`, made from main; `base` is what main then goes on to hold."""
        self.commit(head, "feature", onto="main")
        self.git("checkout", "--quiet", "main")
        if base is not None:
            self.commit(base)
        return review(wire.git(self.path), READING, "main", "feature", NOW)
