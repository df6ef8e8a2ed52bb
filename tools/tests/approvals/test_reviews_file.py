"""The file of reviews is hostile: what is not as GitHub answers is refused and explained, and nothing is guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.reviews_file import parse_reviews, read_reviews
from tarmac.errors import UsageError
from tarmac.model.facts import Opinion
from tarmac.model.forge import CommitLogins, PullRequest
from tarmac.model.values import parse_instant

ID = "a1" * 20
SAID = Path(__file__).with_name("refused.txt")


def told() -> dict[str, Any]:
    """What is right, with more fields than are needed."""
    return {
        "pull": {"number": 7, "user": {"login": "Dev", "id": 1}, "draft": False, "title": "x", "head": {"sha": ID}},
        "reviews": [
            {
                "id": 11,
                "user": {"login": "Ben-1", "type": "User"},
                "state": "APPROVED",
                "commit_id": ID,
                "submitted_at": "2026-11-30T00:00:00Z",
                "body": "fine",
            }
        ],
        "commits": [{"sha": ID, "author": {"login": "dev"}, "committer": None, "commit": {"author": {"email": "x"}}}],
    }


def test_what_is_right_is_read() -> None:
    found = parse_reviews(json.dumps(told()).encode())
    assert (found.number, found.author, found.draft, found.head) == (7, "dev", False, ID)
    (review,) = found.reviews
    assert (review.login, review.person, review.opinion, review.commit) == ("ben-1", True, Opinion.APPROVED, ID)
    assert (found.commits[ID].author, found.commits[ID].committer) == ("dev", None)


Edit = Callable[[dict[str, Any]], object]
# (what is done to what is right, words of the explanation)
EDITS: list[tuple[str, Edit, str]] = [
    ("no pull", lambda d: d.pop("pull"), "lack pull in the file"),
    ("an error message", lambda d: [d.popitem(), d.popitem(), d.popitem()], "is it an error message"),
    ("no reviews", lambda d: d.pop("reviews"), "lack reviews"),
    ("no commits", lambda d: d.pop("commits"), "lack commits"),
    ("reviews are an error message", lambda d: d.update(reviews={"message": "Not Found"}), "reviews must be a list"),
    ("reviews are null", lambda d: d.update(reviews=None), "reviews must be a list"),
    ("commits are null", lambda d: d.update(commits=None), "commits must be a list"),
    ("pull is a list", lambda d: d.update(pull=[]), "pull must be an object"),
    ("no author", lambda d: d["pull"].pop("user"), "lack user in pull"),
    ("the author is gone", lambda d: d["pull"].update(user=None), "pull.user must be an object"),
    ("the author has no login", lambda d: d["pull"]["user"].pop("login"), "lack login in pull.user"),
    ("no number", lambda d: d["pull"].pop("number"), "lack number"),
    ("the number is true", lambda d: d["pull"].update(number=True), "pull.number"),
    ("the number is zero", lambda d: d["pull"].update(number=0), "pull.number"),
    ("the number is a text", lambda d: d["pull"].update(number="7"), "pull.number"),
    ("the number is no whole one", lambda d: d["pull"].update(number=7.5), "pull.number"),
    ("nobody says whether it is a draft", lambda d: d["pull"].pop("draft"), "lack draft"),
    ("draft is a text", lambda d: d["pull"].update(draft="false"), "pull.draft"),
    ("draft is null", lambda d: d["pull"].update(draft=None), "pull.draft"),
    ("the head is a text", lambda d: d["pull"].update(head="main"), "pull.head"),
    ("the head is a branch", lambda d: d["pull"].update(head={"sha": "main"}), "full id"),
    ("a review is a text", lambda d: d.update(reviews=["APPROVED"]), "reviews[0] must be an object"),
    ("a review without a user", lambda d: d["reviews"][0].pop("user"), "lack user in reviews[0]"),
    ("a review without a state", lambda d: d["reviews"][0].pop("state"), "lack state"),
    ("a review of an unknown state", lambda d: d["reviews"][0].update(state="LGTM"), "must be one of APPROVED"),
    ("a review of a state in small letters", lambda d: d["reviews"][0].update(state="approved"), "must be one of"),
    ("a review whose state is a list", lambda d: d["reviews"][0].update(state=["APPROVED"]), "must be a text"),
    ("a review without a commit", lambda d: d["reviews"][0].pop("commit_id"), "lack commit_id"),
    ("a review of HEAD", lambda d: d["reviews"][0].update(commit_id="HEAD"), "full id"),
    ("a review of a short id", lambda d: d["reviews"][0].update(commit_id=ID[:12]), "full id"),
    ("a review of an option", lambda d: d["reviews"][0].update(commit_id="--all"), "full id"),
    ("a review of an id and more", lambda d: d["reviews"][0].update(commit_id=ID + "\n"), "full id"),
    ("a review of an id in capitals", lambda d: d["reviews"][0].update(commit_id=ID.upper()), "full id"),
    ("a review without a time", lambda d: d["reviews"][0].pop("submitted_at"), "lack submitted_at"),
    ("a review at null", lambda d: d["reviews"][0].update(submitted_at=None), "must be a text"),
    ("a review at no time", lambda d: d["reviews"][0].update(submitted_at="yesterday"), "an instant"),
    (
        "a review at a time without an offset",
        lambda d: d["reviews"][0].update(submitted_at="2026-11-30T00:00:00"),
        "an",
    ),
    ("a review edited at no time", lambda d: d["reviews"][0].update(updated_at="soon"), "an instant"),
    ("a review by a text", lambda d: d["reviews"][0].update(user="ben-1"), "must be an object"),
    ("a review by nobody's type", lambda d: d["reviews"][0]["user"].pop("type"), "lack type"),
    ("a review by a type that is null", lambda d: d["reviews"][0]["user"].update(type=None), "must be a text"),
    ("a login that is none", lambda d: d["reviews"][0]["user"].update(login="ben 1"), "a login"),
    ("an empty login", lambda d: d["reviews"][0]["user"].update(login=""), "a login"),
    ("a login with a line behind", lambda d: d["reviews"][0]["user"].update(login="ben-1\n"), "a login"),
    ("a login with another alphabet's k", lambda d: d["reviews"][0]["user"].update(login="\u212ai"), "a login"),
    ("a login with a dotless i", lambda d: d["reviews"][0]["user"].update(login="b\u0130"), "a login"),
    ("a login with half a letter", lambda d: d["reviews"][0]["user"].update(login="\ud800"), "a login"),
    ("a login that is a reference", lambda d: d["reviews"][0]["user"].update(login="user:default/ana"), "a login"),
    ("a login that is a number", lambda d: d["reviews"][0]["user"].update(login=1), "must be a text"),
    (
        "one review said in two ways",
        lambda d: d["reviews"].append({**d["reviews"][0], "state": "DISMISSED"}),
        "11 says",
    ),
    ("a commit without an id", lambda d: d["commits"][0].pop("sha"), "lack sha"),
    ("a commit without an author", lambda d: d["commits"][0].pop("author"), "lack author"),
    ("a commit without a committer", lambda d: d["commits"][0].pop("committer"), "lack committer"),
    ("a commit whose author is a text", lambda d: d["commits"][0].update(author="dev"), "must be an object"),
    ("a commit whose author has no login", lambda d: d["commits"][0].update(author={"id": 1}), "lack login"),
    ("a commit of a short id", lambda d: d["commits"][0].update(sha="abc"), "full id"),
    ("a user that is a list", lambda d: d["reviews"][0].update(user=[]), "must be an object"),
    ("a user without a login", lambda d: d["reviews"][0]["user"].pop("login"), "lack login"),
    ("a user without a type", lambda d: d["reviews"][0]["user"].pop("type"), "lack type"),
    ("a user whose type is a number", lambda d: d["reviews"][0]["user"].update(type=1), "must be a text"),
    ("a login of a hundred and one", lambda d: d["reviews"][0]["user"].update(login="a" * 101), "a login"),
    ("a login that begins with a line", lambda d: d["reviews"][0]["user"].update(login="-ana"), "a login"),
    ("a review without an instant", lambda d: d["reviews"][0].pop("submitted_at"), "lack submitted_at"),
    ("a review at no instant", lambda d: d["reviews"][0].update(submitted_at="soon"), "an instant"),
    ("edited at no instant", lambda d: d["reviews"][0].update(updated_at="soon"), "when it was edited"),
    ("edited at a number", lambda d: d["reviews"][0].update(last_edited_at=1), "when it was edited"),
    ("the second review is wrong", lambda d: d["reviews"].append({"id": 12}), "reviews[1]"),
    ("the second commit is wrong", lambda d: d["commits"].append({}), "commits[1]"),
    ("a commit that is a text", lambda d: d["commits"].append("x"), "commits[1] must be an object"),
    ("the author is a list", lambda d: d["pull"].update(user=[]), "pull.user must be an object"),
    ("the author's login is a number", lambda d: d["pull"]["user"].update(login=7), "pull.user.login"),
    ("the head's id is a number", lambda d: d["pull"].update(head={"sha": 7}), "pull.head.sha must be a text"),
    ("a commit of capitals", lambda d: d["commits"][0].update(sha="A1" * 20), "full id"),
    ("a commit of 41 digits", lambda d: d["commits"][0].update(sha="a" * 41), "full id"),
    ("a commit said in two ways", lambda d: d["commits"].append({**d["commits"][0], "author": None}), "elsewhere"),
]


@pytest.mark.parametrize(("edit", "words"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_what_is_not_right_is_refused(edit: Edit, words: str) -> None:
    data = told()
    edit(data)
    with pytest.raises(UsageError) as refused:
        parse_reviews(json.dumps(data).encode())
    assert words in str(refused.value)


def refusals() -> str:
    """Each of these with what is said of it."""
    found = []
    for name, edit, _ in EDITS:
        data = told()
        edit(data)
        with pytest.raises(UsageError) as refused:
            parse_reviews(json.dumps(data).encode())
        found.append(f"{name}: {refused.value}")
    return "\n".join(found) + "\n"


def test_every_refusal_says_what_it_said() -> None:
    """`python -m tests.approvals.test_reviews_file` writes the file anew."""
    assert refusals().splitlines() == SAID.read_text("utf-8").splitlines()


RIGHT = json.dumps(told())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"{",
        b"\xff\xfe{}",
        b"{}\0",
        b"[" * 100_000,
        b'{"pull": ' * 5000,
        RIGHT.encode()[:-20],
        RIGHT.replace('"APPROVED"', "NaN").encode(),
        RIGHT.replace("7,", "Infinity,").encode(),
        RIGHT.replace("7,", "1e999,").encode(),
        RIGHT.replace("7,", "9" * 10_000 + ",").encode(),
        RIGHT.replace('"state": "APPROVED"', '"state": "COMMENTED", "state": "APPROVED"').encode(),
        (RIGHT + RIGHT).encode(),
        RIGHT.encode("utf-16"),
    ],
    ids=range(18),
)
def test_what_is_no_json_of_a_pull_request_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        parse_reviews(content)


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        (lambda d: None, [("ben-1", True)]),
        (lambda d: d["reviews"].clear(), []),
        (lambda d: d["reviews"].append(dict(d["reviews"][0])), [("ben-1", True)]),
        (lambda d: d["reviews"][0].update(user=None), [(None, False)]),
        (lambda d: d["reviews"][0].update(state="PENDING", submitted_at=None), []),
        (lambda d: d["reviews"][0]["user"].update(type="Bot"), [("ben-1", False)]),
        (lambda d: d["reviews"][0]["user"].update(type="Mannequin"), [("ben-1", False)]),
        (lambda d: d["reviews"][0]["user"].update(login="Good[bot]"), [("good[bot]", False)]),
        (lambda d: d["reviews"][0]["user"].update(login="ben_acme"), [("ben_acme", True)]),
        (lambda d: d["commits"][0].update(author={}), [("ben-1", True)]),
        (lambda d: d["pull"].pop("head"), [("ben-1", True)]),
    ],
    ids=range(11),
)
def test_what_github_answers_is_read(edit: Edit, found: list[tuple[str | None, bool]]) -> None:
    data = told()
    edit(data)
    pull = parse_reviews(json.dumps(data).encode())
    assert [(review.login, review.person) for review in pull.reviews] == found


def review(number: int, at: str, state: str = "APPROVED", **more: object) -> dict[str, object]:
    user = {"login": f"r{number}", "type": "User"}
    return {"id": number, "user": user, "state": state, "commit_id": ID, "submitted_at": at, **more}


def read(*reviews: dict[str, object]) -> PullRequest:
    return parse_reviews(json.dumps({**told(), "reviews": reviews}).encode())


def test_what_each_review_says() -> None:
    at = "2026-11-30T00:00:00Z"
    states = ("APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING")
    found = read(*(review(number, at, state) for number, state in enumerate(states)))
    assert {one.login: one.opinion for one in found.reviews} == {
        "r0": Opinion.APPROVED,
        "r1": Opinion.CHANGES_REQUESTED,
        "r2": Opinion.COMMENTED,
        "r3": Opinion.DISMISSED,
    }


def test_reviews_are_in_the_order_they_were_given_in_and_of_one_instant_an_objection_is_last() -> None:
    first, then = "2026-11-30T00:00:00Z", "2026-11-30T00:00:01Z"
    found = read(review(1, then), review(2, first, "CHANGES_REQUESTED"), review(3, first), review(4, first))
    assert [one.login for one in found.reviews] == ["r3", "r4", "r2", "r1"]


@pytest.mark.parametrize("field", ["updated_at", "last_edited_at"])
@pytest.mark.parametrize(
    ("at", "edited"),
    [(None, False), ("2026-11-29T00:00:00Z", False), ("2026-11-30T00:00:00Z", False), ("2026-11-30T00:00:01Z", True)],
)
def test_an_approval_that_was_edited_afterwards_is_known(field: str, at: str | None, edited: bool) -> None:
    more: dict[str, Any] = {field: at}
    (one,) = read(review(1, "2026-11-30T00:00:00Z", **more)).reviews
    assert one.edited is edited


def test_the_first_pull_request_has_the_number_one() -> None:
    assert parse_reviews(json.dumps({**told(), "pull": {**told()["pull"], "number": 1}}).encode()).number == 1


def test_what_may_be_left_unsaid() -> None:
    (one,) = read(review(1, "2026-11-30T00:00:00Z", commit_id=None)).reviews
    assert (one.commit, one.submitted_at) == (None, parse_instant("2026-11-30T00:00:00Z"))
    longer = {**told(), "commits": [{"sha": "b" * 64, "author": {"login": "A" * 100}, "committer": {}}]}
    assert parse_reviews(json.dumps(longer).encode()).commits == {"b" * 64: CommitLogins("a" * 100, None)}
    twice = {**told(), "commits": told()["commits"] * 2}
    assert list(parse_reviews(json.dumps(twice).encode()).commits) == [ID]
    heads: tuple[dict[str, str] | None, ...] = (None, {})
    for head in heads:
        without = {**told(), "pull": {**told()["pull"], "head": head}}
        assert parse_reviews(json.dumps(without).encode()).head is None


def test_reviews_without_a_number_are_each_their_own() -> None:
    one = review(1, "2026-11-30T00:00:00Z")
    del one["id"]
    assert len(read(one, one).reviews) == 2
    assert len(read({**one, "id": "x"}, {**one, "id": "x"}).reviews) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (RIGHT.replace("7,", "NaN,").encode(), "NaN is no number"),
        (b"-" + b"1" * 100, "a number has more than 100 digits"),
        (b'{"a": 1, "a": 1}', "an object says one thing twice"),
        (b'{"' + b"a" * 300, "Unterminated string starting at: line 1 column 2 (char 1)"),
    ],
)
def test_why_it_is_no_json(content: bytes, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_reviews(content)
    assert str(refused.value) == f"the reviews are no JSON: {said}"


def test_a_number_may_have_a_hundred_digits() -> None:
    number = int("1" * 100)
    assert parse_reviews(RIGHT.replace("7,", f"{number},").encode()).number == number


def test_a_list_is_no_pull_request() -> None:
    with pytest.raises(UsageError) as refused:
        parse_reviews(b"[]")
    assert str(refused.value) == "the reviews are not as they should be: the file must be an object"


def test_a_mark_at_the_beginning_is_no_fault() -> None:
    assert parse_reviews(b"\xef\xbb\xbf" + RIGHT.encode()).number == 7


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "/: Is a directory"),
        ("/no/such.json", "/no/such.json: No such file or directory"),
        ("a\0b", "a\\u0000b: embedded null byte"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(path: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_reviews(Path(path))
    assert str(refused.value) == f"the reviews cannot be read from {said}"


def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    """What is exactly as long as may be is read."""
    path = tmp_path / "large.json"
    most = 32 * 1024 * 1024
    path.write_bytes(RIGHT.encode().ljust(most))
    assert read_reviews(path).number == 7
    with path.open("ab") as file:
        file.write(b" ")
    with pytest.raises(UsageError) as refused:
        read_reviews(path)
    assert str(refused.value) == "the reviews are more than 32 MiB: name the file of one pull request"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def _places(data: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    found = [path] if path else []
    steps = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in steps:
        found += _places(value, (*path, key))
    return found


@given(st.sampled_from(_places(told())), JSON)
def test_whatever_stands_at_any_place_it_is_read_or_refused(place: tuple[Any, ...], value: object) -> None:
    data: Any = told()
    here = data
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = value
    refused = ""
    try:
        logins = [review.login for review in parse_reviews(json.dumps(data).encode()).reviews]
    except UsageError as fault:
        logins, refused = [], str(fault)
    assert refused.isprintable()
    assert all(login is None or login.lower() == login for login in logins)


if __name__ == "__main__":
    SAID.write_text(refusals(), "utf-8")
