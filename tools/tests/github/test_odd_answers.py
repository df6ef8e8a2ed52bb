"""One odd answer of GitHub's, wherever it comes: what somebody objects to never becomes a success."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from tarmac.adapters.git_history import GitHistory
from tarmac.adapters.github import GitHub
from tarmac.app import wire
from tarmac.app.publish import Desk, publish
from tarmac.app.queue import publish_queue, queue
from tarmac.app.review import review
from tarmac.errors import TarmacError
from tests.approvals.town import R, World, git, rule, staging, town
from tests.github.forge_server import Hub, serving
from tests.github.test_github import Time, access
from tests.github.test_publish import LINKS
from tests.trees import NOW, READING

Answer = tuple[int, Any] | None
ODD: dict[str, Callable[[Hub], Answer]] = {
    "as it should be": lambda hub: None,
    "an empty list": lambda hub: (200, []),
    "only the approval": lambda hub: (200, hub.reviews[:1]),
    "a part of it": lambda hub: (206, hub.reviews[:1]),
    "somebody else's words": lambda hub: (203, hub.reviews[:1]),
    "later": lambda hub: (202, []),
    "nothing": lambda hub: (204, None),
    "null": lambda hub: (200, None),
    "an object": lambda hub: (200, {}),
    "a text": lambda hub: (200, "x"),
    "as before": lambda hub: (304, None),
    "not found": lambda hub: (404, {"message": "Not Found"}),
    "not allowed": lambda hub: (401, {"message": "Bad credentials"}),
}


@dataclass
class Odd(Hub):
    """Answers oddly to one request, told by how many came before it."""

    at: int = -1
    odd: Callable[[Hub], Answer] = ODD["as it should be"]
    count: int = 0

    def answer(self, method: str, path: str, query: Any, body: Any) -> tuple[int, Any]:
        self.count += 1
        odd = self.odd(self) if self.count == self.at + 1 else None
        return odd or super().answer(method, path, query, body)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A request that one of its team has to agree to."""
    place = tmp_path_factory.mktemp("odd")
    git(place, "init", "-q", "-b", "main")
    made = World(place, town(rule("owner", 'change.kind == "ResourceRequest"', "[{from: [owner]}]")))
    made.push({R: staging()})
    return made


def alone(world: World, forge: GitHub) -> None:
    """The pull request gets its verdict."""
    pull = forge.pull_with_head(world.head)
    found = review(wire.git(world.path), READING, world.main, world.head, NOW, (), pull)
    publish(Desk(forge, LINKS, lambda text: None), found, pull)


def queued(world: World, forge: GitHub) -> None:
    """The merge queue's commit of it does."""
    tip = world.commit([world.main], {R: staging()}, "web-flow")
    found = queue(GitHistory.find(world.path), READING, forge, world.main, tip, NOW)
    publish_queue(Desk(forge, LINKS, lambda text: None), found)


def told(
    world: World, verb: Callable[[World, GitHub], None], at: int, odd: Callable[[Hub], Answer], *objections: str
) -> list[str | None]:
    """The conclusions that are published of a change that ana approves, and others object to."""
    with serving(Odd(at=at, odd=odd)) as hub:
        hub.add_pull(7, world.head)
        hub.add_review("ana-1", "APPROVED", world.head)
        for login in objections:
            hub.add_review(login, "CHANGES_REQUESTED", world.head)
        with suppress(TarmacError), GitHub(access(hub), Time().waiting()) as forge:
            verb(world, forge)
        return [check.get("conclusion") for check in hub.checks]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("verb", [alone, queued])
def test_no_odd_answer_makes_a_success_of_what_somebody_objects_to(
    world: World, verb: Callable[[World, GitHub], None], name: str
) -> None:
    # So many questions are asked before the verdict is told, and telling it is the next.
    for at in range(9 if verb is alone else 8):
        assert "success" not in told(world, verb, at, ODD[name], "ben-1"), at


@pytest.mark.parametrize("verb", [alone, queued])
def test_without_the_objection_it_is_one(world: World, verb: Callable[[World, GitHub], None]) -> None:
    assert told(world, verb, -1, ODD["an empty list"]) == ["success"]
    assert told(world, verb, -1, ODD["an empty list"], "ben-1") == ["failure"]
