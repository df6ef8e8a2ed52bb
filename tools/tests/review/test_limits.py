"""However much there is to say, and whatever it is, a review stays within what GitHub takes and says what it leaves
out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tarmac.catalog.reach import Dependent, Impact, Risk
from tarmac.catalog.strength import Strength
from tarmac.model.facts import Decision, State
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tarmac.model.refs import Ref
from tarmac.reports.markdown import CHECK, COMMENT, MARKER, STEP, report
from tarmac.reports.markdown_text import Part, Room, code, folded, plain, utf8
from tarmac.reports.review import ImpactReview, Review
from tarmac.reports.review_links import Links
from tests.review.repository import Repository
from tests.review.test_hostile import TEXTS
from tests.trees import company, request

LINKS = Links("https://github.example/acme/platform", "https://github.example/acme/platform/actions/runs/5")
EMOJI = "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea e\u0301 \u6f22\u5b57 "
WORST = "@#" * 5000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Review:
    base = company()
    made = Repository.of(tmp_path_factory.mktemp("small"), base)
    return made.review({**base, "requests/one/staging/r.yaml": request("r")})


def findings(number: int, texts: Sequence[str]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            "service-name",
            tuple(Severity)[n % 3],
            f"finding {n} {texts[n % len(texts)]}",
            Place(f"requests/{texts[n % len(texts)]}/{n}.yaml", n + 1, 3),
            None,
            Fix(f"write {texts[n % len(texts)]}"),
        )
        for n in range(number)
    )


def reaching(names: Iterable[str]) -> ImpactReview:
    target = Ref("component", "default", "target")
    found = tuple(
        Dependent(Ref("component", "default", name), 1, (Ref("component", "default", name), target), Strength.HARD)
        for name in names
    )
    return ImpactReview("remove", Impact(target, found, (), (), (), Risk.HIGH, "many need it"))


def hostile(small: Review, number: int) -> Review:
    texts = [*TEXTS, EMOJI, WORST, "plain"]
    asks = tuple(
        Decision(text, State.PENDING, text, (text,) * 20, candidates=(text,) * 30, because=(text,) * 30)
        for text in texts
    )
    rules = tuple(Decision(text, State.PENDING, text, children=asks, because=(text,) * 40) for text in texts)
    return replace(
        small,
        reasons=tuple(texts),
        new=findings(number, texts),
        findings=findings(number, texts),
        decision=Decision("change", State.PENDING, WORST, children=rules),
        impacts=(reaching(texts * 30), reaching(f"{text}{n}" for n, text in enumerate(texts * 30))),
        approval=WORST,
        uncommitted=tuple(texts),
        requests=small.requests * 60,
        teams=small.teams * 60,
    )


def in_all(markdown: str, title: str) -> int:
    """How many rows a part shows and leaves out."""
    found = re.search(rf"<summary>{title}.*?</summary>\n\n(.*?)\n\n?</details>", markdown, re.DOTALL)
    assert found is not None, title
    rows = [line for line in found[1].splitlines() if line.startswith("- ")]
    more = re.fullmatch(r"- and (\d+) more", rows[-1])
    return len(rows) if more is None else len(rows) - 1 + int(more[1])


@pytest.mark.parametrize(("number", "room"), [(0, COMMENT), (500, COMMENT), (500, CHECK), (9000, STEP)])
def test_a_review_stays_within_its_limit_and_counts_what_it_leaves_out(small: Review, number: int, room: Room) -> None:
    found = hostile(small, number)
    said = report(found, LINKS, room)
    assert room.measure(said) <= room.limit
    assert len(said) < 65_536 or room is STEP
    assert utf8(said) < {COMMENT: 262_144, CHECK: 65_535, STEP: 1024 * 1024}[room]
    assert said.endswith(MARKER + "\n")
    assert said.count(MARKER) == 1
    assert said.count("<details>") == said.count("</details>")
    if number:
        assert in_all(said, "Findings") == number
    assert in_all(said, "Blast radius") == 2
    assert re.search(r"more lines would not fit here: \[see all of it\]\(" + re.escape(LINKS.run or ""), said)


def test_five_hundred_plain_findings_are_nearly_all_shown(small: Review) -> None:
    said = report(replace(small, new=findings(500, ["a name"])), LINKS)
    assert in_all(said, "Findings") == 500
    assert said.count("finding ") > 200
    assert said.count("- **error** [") == 167
    assert said.index("- **error**") < said.index("- **warning**")


def test_what_is_shown_is_inert_wherever_it_stands(small: Review) -> None:
    said = report(hostile(small, 500), LINKS, STEP)
    shown = MarkdownIt("gfm-like", {"linkify": False}).render(said)
    tags = set(re.findall(r"</?([a-zA-Z0-9]+)", re.sub(r"<!--.*?-->", "", shown)))
    assert tags <= {
        "p", "strong", "br", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "code",
        "pre", "a", "sub",
    }  # fmt: skip
    assert set(re.findall(r'href="([^"#]*)', shown)) <= {
        LINKS.run, *(address.partition("#")[0] for address in re.findall(r"\]\((https://github[^)]*)\)", said))
    }  # fmt: skip
    assert all(address.startswith(LINKS.page + "/") for address in re.findall(r'href="([^"]*)', shown))
    outside = re.sub(r"<code.*?</code>|<a .*?</a>|<pre>.*?</pre>", "", shown, flags=re.DOTALL)
    assert not re.search(r"@\w|(?<![&\w])#\d", html.unescape(outside).replace("\u200b", " "))
    assert shown.count("<pre>") == 1
    assert shown.count('class="language-mermaid"') == 1


def test_the_drawing_is_small_and_takes_no_name_for_syntax(small: Review) -> None:
    said = report(replace(small, impacts=(reaching([*TEXTS, '"] --> evil["', "a b", "end", "`"]),)), LINKS)
    (drawn,) = re.findall(r"```mermaid\n(.*?)\n```", said, re.DOTALL)
    lines = drawn.splitlines()
    assert lines[0] == "flowchart LR"
    for line in lines[1:]:
        assert re.fullmatch(r'  n\d+\["(?:[\w/\-. ]|#\d+;)+"\]|  n\d+ (-->|-\.->) n\d+|  style n\d+ [\w:-]+', line), (
            line
        )
    assert sum("[" in line for line in lines) == 12
    assert f"The drawing leaves out {len(TEXTS) + 4 - 11} of {len(TEXTS) + 4}." in said


def test_a_change_that_reaches_nobody_is_not_drawn(small: Review) -> None:
    assert "```" not in report(replace(small, impacts=(reaching([]),)), LINKS)


def test_places_lead_to_the_head_for_what_is_touched_and_to_the_base_for_the_rest(small: Review) -> None:
    touched = "requests/one/staging/a b(1)#?.yaml"
    found = replace(
        small,
        new=(replace(findings(1, ["x"])[0], place=Place(small.files[0].path, 4)), *findings(1, [touched])),
    )
    said = report(found, LINKS)
    assert f"({LINKS.page}/blob/{small.head}/{small.files[0].path}#L4)" in said
    assert f"/blob/{small.base}/requests/requests/one/staging/a%20b%281%29%23%3F.yaml/0.yaml#L1)" in said
    assert "](" not in report(found)


def test_the_first_five_lines_stand_whatever_there_is_to_warn_of(small: Review) -> None:
    lines = report(hostile(small, 500), LINKS).splitlines()[:5]
    assert [line.lstrip("*").partition(":")[0] for line in lines] == [
        "Verdict",
        "Cost",
        "Budget",
        "Approvals",
        "Expiry",
    ]


@given(st.lists(st.lists(st.text("ab\U0001f600", max_size=40), max_size=30), max_size=8), st.integers(0, 4000))
def test_parts_share_what_room_there_is(texts: list[list[str]], limit: int) -> None:
    parts = [Part(f"part {n}", [f"- {text}" for text in rows]) for n, rows in enumerate(texts)]
    for measure in (len, utf8):
        said, left_out = folded(parts, Room(limit, measure))
        least, _ = folded([Part(part.title, part.rows[:0], ("x",)) for part in parts if part.rows], Room(0, measure))
        assert measure(said) <= max(limit, measure(least) + 30 * len(parts))
        shown = sum(said.count(f"\n- {text}\n") > 0 for rows in texts for text in rows)
        total = sum(map(len, texts))
        assert left_out <= total
        assert shown >= total - left_out - sum(len(rows) - len(set(rows)) for rows in texts)


@given(st.text(), st.integers(10, 300))
def test_a_sentence_is_never_longer_than_it_may_be(text: str, limit: int) -> None:
    said = plain(text, limit)
    assert len(said) <= limit
    assert not re.search(r"&(?!#\d+;)", said)
    assert code(text, limit).startswith("<code>")


def test_what_is_not_known_of_the_cost_is_said_in_its_line(tmp_path: Path) -> None:
    base = company(**{"policies/rates.yaml": "", "README.md": ""})
    del base["policies/rates.yaml"]
    made = Repository.of(tmp_path, base)
    said = report(made.review({**base, "requests/one/staging/r.yaml": request("r")}))
    assert "at least: not all of it is known (r: machine: " in said.splitlines()[1]
