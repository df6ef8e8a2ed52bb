"""Whatever a repository holds, a review shows it and does nothing with it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.shown import visible
from tarmac.reports.markdown import MARKER
from tarmac.reports.markdown_text import code
from tarmac.reports.reviews import REVIEWS, load
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import company, request

TEXTS = [
    "@everyone",
    "@acme/security",
    "acme/secret#12 GH-1 #99",
    "<script>alert(1)</script>",
    "<!-- tarmac:review -->",
    "</details></summary><details open>",
    "```\n# heading",
    "`code` **bold** _it_ ~~no~~ | cell | ![x](y) [x](y)",
    "http://evil.example www.evil.example WWW.evil.example",
    "$x$ $$y$$ \\| \\` :smile:",
    "\x1b[31mred\x1b[0m\x07",
    "\u202egnp.exe \u200b \u2028 \ufeff",
    "&lt;b&gt; &#64;everyone",
]


def hostile(text: str) -> dict[str, str]:
    """A change that says the text wherever a repository can say one."""
    quoted = json.dumps(text)
    body = request("r", f"{quoted}: 1").replace("it is needed", quoted).replace("component:default/shop", quoted)
    named = request("x").replace("name: x", f"name: {quoted}, title: {quoted}, labels: {{{quoted}: {quoted}}}")
    return {
        "requests/one/staging/r.yaml": body,
        "requests/one/staging/x.yaml": named.replace("group:default/one", quoted).replace("disk@1.0.0", quoted),
        "policies/rules.yaml": rule("strict", "true").replace("strict", quoted),
    }


def outside_code(markdown: str) -> str:
    return re.sub(r"<code>.*?</code>", "CODE", markdown)


@pytest.mark.parametrize("text", TEXTS)
def test_a_review_of_it_is_inert_in_every_format(tmp_path: Path, text: str) -> None:
    base = company(**{"policies/rules.yaml": rule("strict", "true")})
    found = Repository.of(tmp_path, base).review({**base, **hostile(text)})
    markdown = load("markdown")(found)
    assert markdown.count(MARKER) == 1
    assert markdown.endswith(MARKER + "\n")
    bare = outside_code(markdown)
    assert set(re.findall(r"<(?!!--)[^>]*>", bare)) <= {
        "<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>",
    }  # fmt: skip
    assert bare.count("<details>") == bare.count("</details>")
    assert "`" not in markdown
    assert not re.search(r"@\w|&#(64|35);\w|https?://|www\.", bare, re.IGNORECASE)
    assert "@" not in markdown
    for form in REVIEWS:
        shown = load(form)(found)
        assert all(char.isprintable() or char == "\n" for char in shown), form
    assert json.loads(load("json")(found))["version"] == 1


@given(st.text())
def test_code_is_one_inert_line_that_reads_as_what_it_shows(text: str) -> None:
    shown = code(text, 1000)
    inner = shown.removeprefix("<code>").removesuffix("</code>")
    assert html.unescape(inner) == visible(text, 1000).replace("\0", "")
    assert not set("<`@#|*_[]\\$~\n") & set(inner.replace("&#", "&"))
    assert re.fullmatch(r"(?:[^&]|&#[0-9]+;)*", inner)
