"""A company to approve things in, and a repository in which branches are made, reviewed and decided on.

Teams: one (ana leads, ben), two (cam leads, dee), finops (fay), security (sid), platform (pat leads, pia); works, with
wes as its lead, stands above one and two. Whoever opens a pull request is dev, who is in no team.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tarmac.adapters.reviews_file import parse_reviews
from tarmac.app import wire
from tarmac.app.approvals import Decided, approvals
from tarmac.app.load import Known, load
from tarmac.catalog.index import Catalog
from tarmac.model.facts import Decision
from tests.trees import NOW, READING, Memory, company, component, group, request, user

R = "requests/one/staging/r.yaml"
S = "requests/two/staging/s.yaml"
README = "README.md"
# A request in one line, whose file another one can name as its data.
ONE_LINE = (
    '{"apiVersion": tarmac/v1, "kind": ResourceRequest, metadata: {name: r}, spec: {type: disk@1.0.0, '
    "owner: group:default/one, environment: staging, config: {}, reason: it is needed}}\n"
)
RULES = "policies/rules.yaml"


def rule(name: str, when: str, require: str = "[{from: [group:default/platform]}]", more: str = "") -> str:
    asks = "auto: true" if require == "auto" else f"require: {require}"
    return (
        f"apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {{name: {name}}}\n"
        f"spec:\n  when: >-\n    {when}\n  {asks}\n{more}"
    )


NEVER = rule("never", 'change.kind == "Nothing"')


def team(name: str, members: str, lead: str = "", parent: str = "") -> str:
    roles = f"lead: [user:default/{lead}]" if lead else ""
    text = group(name, members, roles)
    return text.replace("children: []", f"parent: {parent}, children: []") if parent else text


def town(*rules: str, **more: str) -> dict[str, str]:
    """The files of the base; without rules there is one that never applies, so that code owners are asked."""
    people = {"one": "ana ben", "two": "cam dee", "finops": "fay", "security": "sid", "platform": "pat pia"}
    files = company(
        **{
            "teams/one/team.yaml": team("one", "ana, ben", "ana", "works"),
            "teams/two/team.yaml": team("two", "cam, dee", "cam", "works"),
            "teams/works/team.yaml": team("works", "wes", "wes"),
            "teams/works/members.yaml": user("wes", "wes-1"),
            "teams/security/team.yaml": group("security", "sid"),
            "teams/platform/team.yaml": team("platform", "pat, pia", "pat"),
            "teams/empty/team.yaml": group("empty"),
            "catalog/shop/catalog-info.yaml": component("shop"),
            README: "# Acme\n",
        }
    )
    for name, members in people.items():
        files[f"teams/{name}/members.yaml"] = "---\n".join(user(one, f"{one}-1") for one in members.split())
    files[RULES] = "---\n".join((*rules, NEVER))
    return files | more


_PARSED: Known = {}


def catalog(texts: Mapping[str, str]) -> Catalog:
    """The catalog of these files; what is the same in many is parsed once."""
    return load(Memory(texts), READING, None, _PARSED).catalog


def address(who: str) -> str:
    """The e-mail address that commits of somebody carry; what holds an @ is one already."""
    if "@" in who:
        return who
    return f"77+{who}@users.noreply.github.com" if who == "dev" else f"{who}@acme.example"


@dataclass(slots=True)
class World:
    """One pull request in a repository that others use as well. `main` and `head` are commit ids; `told_head` is the
    head that the forge tells of, where it does; `checked_out` are files beside the objects while it is decided on."""

    path: Path
    files: Mapping[str, str]
    main: str = ""
    head: str = ""
    author: str = "dev"
    draft: bool = False
    reviews: list[dict[str, object]] = field(default_factory=list)
    commits: list[dict[str, object]] = field(default_factory=list)
    fork: str = ""
    told_head: str = ""
    checked_out: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.main = self.commit((), self.files, "pat")
        self.head = self.fork = self.main

    def git(self, *arguments: str, stdin: bytes = b"", accept: tuple[int, ...] = (0,)) -> str:
        return git(self.path, *arguments, stdin=stdin, accept=accept)

    def commit(
        self,
        parents: Iterable[str],
        files: Mapping[str, str | None],
        by: str,
        *,
        committer: str | None = None,
        message: str = "change",
        tree: str | None = None,
        modes: Mapping[str, str] | None = None,
        when: int = 1796000000,
    ) -> str:
        """Write a commit: what its first parent has (or `tree`), and these files (None: gone)."""
        known = list(parents)
        first, others = (known[0] if known else None), known[1:]
        who = f"Somebody <{address(by)}> {when} +0000"
        then = f"Somebody <{address(committer or by)}> {when} +0000"
        text = message.encode()
        lines = [b"commit refs/made\nmark :1", f"author {who}\ncommitter {then}".encode(), _data(text)]
        lines += [f"from {first}".encode()] if first else []
        lines += [f"merge {other}".encode() for other in others]
        lines += [f'M 040000 {tree} ""'.encode()] if tree else []
        for name, content in files.items():
            if content is None:
                lines.append(f"D {_quoted(name)}".encode())
            else:
                mode = (modes or {}).get(name, "100644")
                if mode == "160000":
                    lines.append(f"M {mode} {content} {_quoted(name)}".encode())
                    continue
                lines.append(f"M {mode} inline {_quoted(name)}".encode() + b"\n" + _data(content.encode()))
        script = b"\n".join(lines) + b"\n"
        if first is None:
            script = b"reset refs/made\n" + script
        marks = self.path / "marks"
        self.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=script)
        return marks.read_text("ascii").split()[1]

    def push(self, files: Mapping[str, str | None], by: str = "dev", **more: str) -> str:
        """Go on with the branch; the forge's list of commits says what addresses say."""
        self.head = self.commit(
            [self.head], files, by, committer=more.get("committer"), message=more.get("message", "x")
        )
        return self.head

    def go_on(self, files: Mapping[str, str | None]) -> str:
        """Go on with the base."""
        self.main = self.commit([self.main], files, "pat")
        return self.main

    def take_the_base_in(self, by: str = "dev", edits: Mapping[str, str | None] | None = None) -> str:
        """Merge the base into the branch, and edit that by hand where there are edits."""
        tree = self.git("merge-tree", "--write-tree", self.head, self.main, accept=(0, 1)).split()[0]
        self.head = self.commit([self.head, self.main], edits or {}, by, tree=tree)
        return self.head

    def rewrite(self, files: Mapping[str, str | None], by: str = "dev") -> str:
        """Throw the branch away and begin it again."""
        self.head = self.commit([self.fork], files, by)
        return self.head

    def says(self, login: str, state: str = "APPROVED", at: str | None = None, **more: object) -> None:
        """A review, of the head unless told otherwise."""
        number = len(self.reviews)
        self.reviews.append(
            {
                "id": number + 1,
                "user": {"login": login, "type": "User"},
                "state": state,
                "commit_id": at or self.head,
                "submitted_at": f"2026-11-30T{number // 60:02}:{number % 60:02}:00Z",
                **more,
            }
        )

    def told(self) -> bytes:
        """What the forge tells, as JSON."""
        pull: dict[str, object] = {"number": 7, "user": {"login": self.author}, "draft": self.draft}
        pull |= {"head": {"sha": self.told_head}} if self.told_head else {}
        return json.dumps({"pull": pull, "reviews": self.reviews, "commits": self.commits}).encode()

    def decided(self) -> Decided:
        pull = parse_reviews(self.told())
        for name, text in self.checked_out.items():
            (self.path / name).write_text(text, "utf-8")
        try:
            return approvals(wire.git(self.path), READING, self.main, self.head, pull, NOW)
        finally:
            for name in self.checked_out:
                (self.path / name).unlink()

    def decide(self) -> Decision:
        return self.decided().decision


def git(path: Path, *arguments: str, stdin: bytes = b"", accept: tuple[int, ...] = (0,)) -> str:
    """What git says; any other end than those accepted is a failure."""
    # One of the attempts replaces an object, in the repository that all share.
    settings = os.environ | {"GIT_NO_REPLACE_OBJECTS": "1"}
    done = subprocess.run(["git", *arguments], cwd=path, capture_output=True, check=False, input=stdin, env=settings)
    assert done.returncode in accept, done.stderr.decode()
    return done.stdout.decode().strip()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)


def staging(gb: int = 10, owner: str = "one", name: str = "r", environment: str = "staging") -> str:
    """A request for a disk."""
    return request(name, f"gb: {gb}", owner=owner, environment=environment)


def _quoted(name: str) -> str:
    """A path as git quotes it: every byte in octal."""
    return '"' + "".join(f"\\{byte:03o}" for byte in name.encode("utf-8", "surrogateescape")) + '"'
