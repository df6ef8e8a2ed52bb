"""The town with what a review looks at besides: who approves, what is asked for and made, scores, CODEOWNERS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from random import Random

from tarmac.adapters.reviews_file import parse_reviews
from tarmac.app.load import load
from tarmac.model.forge import PullRequest
from tarmac.model.ledger import Phase, RequestState
from tarmac.planning.desired import desired, subject_of
from tarmac.planning.identity import uid_of
from tests.incremental.town import Town
from tests.trees import READING, Memory

PLATFORM_UID = "7c1f6e0a-94d2-4b5f-a3c8-5b6d0e2f9147"
OWNERS = ".github/CODEOWNERS"
_WHEN = (
    "change.kind == 'ResourceRequest'",
    "change.kind == 'Component' && owner.memberCount > 1",
    "change.pathOwners.exists(it, it == 'group:default/group-1')",
    "cost.monthlyIncrease > 0 || !cost.complete",
    "change.operation != 'add' && object.metadata.name != old.metadata.name",
    "budget.exists && budget.approvalRequired",
    "object.spec.nothing == 1",
)
_REQUIRE = (
    "[{from: [owner]}]",
    "[{from: [owner], role: lead}]",
    "[{from: [code-owners]}, {from: [group:default/group-0]}]",
    "[{from: [group:default/group-2], count: 2}]",
)
_SCORES = (
    "object.?spec.?system.hasValue()",
    "dependents(ref).size() < 2",
    "owner.?email.orValue('') != ''",
    "!has(git.changed) || now - timestamp(git.changed) < days(5)",
    "targets(ref, 'dependsOn').size() * 20",
)
_BOTH = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: both, title: Both}
spec:
  owner: group:default/group-0
  category: database
  environments: {staging: {ttl: {default: 7d, max: 30d}}, production: {}}
  versions:
    - {name: 1.0.0, schema: {type: object, properties: {gb: {type: integer, default: 1}}}}
  compose:
    - {name: first, type: disk@1.0.0, config: {gb: "${config.gb}"}}
    - {name: second, type: disk@1.0.0, config: {gb: 2}, needs: [first]}
"""


class ReviewedTown(Town):
    """The files as they are; every edit changes a few of them."""

    def __init__(self, random: Random) -> None:
        super().__init__(random)
        self.write("catalog/types/both.yaml", _BOTH)
        for number in range(3):
            self.rule(number)
        self.card()

    def edit(self) -> str:
        """Do something, and say what."""
        if self.random.random() < 0.5:
            return super().edit()
        deeds = (self.asked, self.asked, self.asked, self.renamed, self.owners, self.card, self.removal, self.going)
        deed = self.random.choice((*deeds, lambda: self.rule(self.random.randrange(4))))
        deed()
        return getattr(deed, "__name__", "rule")

    def rule(self, number: int) -> None:
        asks = self.random.choice(("auto: true", *(f"require: {one}" for one in _REQUIRE)))
        self.write(
            f"policies/rule-{number}.yaml",
            f"apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {{name: rule-{number}}}\n"
            f'spec:\n  when: "{self.random.choice(_WHEN)}"\n  {asks}\n',
        )

    def card(self) -> None:
        kind = self.random.choice(("Component", "Component, API"))
        one, two = self.random.choice(_SCORES), self.random.choice(_SCORES)
        self.write(
            "policies/card.yaml",
            f"apiVersion: tarmac/v1\nkind: Scorecard\nmetadata: {{name: card, title: Card}}\nspec:\n"
            f"  owner: group:default/group-0\n  levels: [low, high]\n  appliesTo: {{kinds: [{kind}]}}\n  rules:\n"
            f'    - {{name: one, title: One, level: low, weight: 1, score: "{one}", fix: do}}\n'
            f'    - {{name: two, title: Two, level: high, weight: 2, score: "{two}", fix: do}}\n',
        )

    def asked(self) -> None:
        """A request that depends on others, tells of earlier names, or is of a composed type."""
        name = self.a("request")
        more = self.random.choice(("", f"  dependsOn: [resourcerequest:{self.a('request')}]\n"))
        more += self.random.choice(("", "", f"  previously: [{self.a('request')}]\n"))
        text = self.document("request", name) + more
        if self.random.random() < 0.3:
            text = text.replace("disk@1.0.0", "both@1.0.0").replace("gb: -1", "gb: 3")
        self.write(f"catalog/{name}.yaml", text)

    def renamed(self) -> None:
        """A request under another name, in the same file or in another one."""
        old, new = self.a("request"), self.a("request")
        text = self.files.pop(f"catalog/{old}.yaml", b"").replace(old.encode(), new.encode())
        if text:
            path = self.random.choice((f"catalog/{old}.yaml", f"catalog/{new}.yaml"))
            self.files[path] = text

    def going(self) -> None:
        """A request goes."""
        self.files.pop(f"catalog/{self.a('request')}.yaml", None)

    def owners(self) -> None:
        self.write(OWNERS, f"* @acme/{self.a('group')}\ncatalog/ @acme/{self.a('group')}\n")

    def removal(self) -> None:
        self.write(
            "policies/removal.yaml",
            "apiVersion: tarmac/v1\nkind: DeletionApproval\nmetadata: {name: removal}\nspec:\n"
            f"  requests: ['catalog/{self.a('request')}.yaml']\n  reason: it goes\n  expires: \"2027-01-20\"\n"
            "  owner: group:default/group-0\n",
        )

    def states(self, files: Mapping[str, bytes]) -> list[RequestState]:
        """What a ledger may say of what these files ask for."""
        texts = {path: content.decode("utf-8", "replace") for path, content in files.items()}
        found = []
        for wish in desired(load(Memory(texts), READING).catalog, {}):
            if self.random.random() < 0.6:
                since = self.now - timedelta(days=self.random.randrange(1, 40))
                subject = subject_of(PLATFORM_UID, wish, uid_of(PLATFORM_UID, wish.request, 1), 1)
                phase = self.random.choice((Phase.READY, Phase.READY, Phase.EXPIRED, Phase.DEPROVISIONED))
                found.append(RequestState(subject, phase, since, ready_at=since))
        return found

    def pull(self, commits: list[str]) -> PullRequest:
        """What a forge may say of a change whose last commits these are."""
        reviews = [
            {
                "user": {"login": self.random.choice((f"user-{number}", "same")), "type": "User"},
                "state": self.random.choice(("APPROVED", "APPROVED", "CHANGES_REQUESTED", "DISMISSED")),
                "commit_id": self.random.choice(commits),
                "submitted_at": "2026-12-01T06:00:00Z",
            }
            for number in range(5)
        ]
        told = {"pull": {"number": 1, "user": {"login": "dev"}, "draft": False}, "reviews": reviews, "commits": []}
        return parse_reviews(json.dumps(told).encode())


class History:
    """A repository whose commits are written without a working tree."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._git("init", "--quiet", "--initial-branch=main", str(root))
        self.commits: list[str] = []

    def commit(self, files: Mapping[str, bytes], parent: int | None, who: str, at: int) -> str:
        """Write a commit; `parent` is the number of an earlier one."""
        stream = b"commit refs/heads/made\n"
        stream += (
            f"author {who} <{who}@town.example> {at} +0000\ncommitter {who} <{who}@town.example> {at} +0000\n".encode()
        )
        stream += b"data 0\n" + (b"" if parent is None else f"from {self.commits[parent]}\n".encode()) + b"deleteall\n"
        for path, content in files.items():
            stream += f'M 100644 inline "{path}"\ndata {len(content)}\n'.encode() + content + b"\n"
        self._git("fast-import", "--quiet", "--force", stdin=stream)
        self.commits.append(self._git("rev-parse", "refs/heads/made"))
        return self.commits[-1]

    def _git(self, *arguments: str, stdin: bytes = b"") -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, input=stdin)
        return done.stdout.decode().strip()
