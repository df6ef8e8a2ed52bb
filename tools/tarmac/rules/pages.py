"""The page of every rule id that Tarmac can give: what is wrong, where it points, what to write instead.

A built-in rule's page is its module's docstring; what is found before any rule runs has its page in form_pages. The
policies of a repository explain themselves: policy_page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from tarmac.model.findings import Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Place
from tarmac.rules import exemption, rules
from tarmac.rules.form_pages import FILES, FORM, READING, TESTS


class Page(Frozen):
    """One rule's page. `severity` is that of its gravest finding, `topic` the part of the list that it belongs to,
    `text` Markdown: a title in one line, the problem, `Points at:`, `Wrong:` and `Right:` with an example each.

    Of a policy, `place` is where it stands and `policy` its spec.
    """

    id: str
    severity: Severity
    topic: str
    text: str
    place: Place | None = None
    policy: Mapping[str, JsonValue] | None = None

    @property
    def title(self) -> str:
        """What is wrong, in one sentence."""
        return self.text.partition("\n")[0].strip()

    @property
    def mended(self) -> bool:
        """Whether `check --fix` mends some of its findings."""
        return "\nMended by " in self.text


def page(rule: str) -> Page | None:
    """The page of a rule id, None where there is none."""
    return _pages().get(rule)


def pages() -> tuple[Page, ...]:
    """Every page: reading first, then form, then rules, each in order of their ids."""
    return tuple(_pages().values())


@lru_cache(maxsize=1)
def _pages() -> Mapping[str, Page]:
    topics = (("how files are read", READING), ("how documents are formed", FORM))
    found = [Page(id_, Severity.ERROR, topic, texts[id_]) for topic, texts in topics for id_ in sorted(texts)]
    others = [(exemption.ID, exemption.PAGE or ""), *TESTS.items()]
    judging = [(rule.id, rule.severity, rule.page) for rule in rules()]
    judging += [(id_, Severity.ERROR, text) for id_, text in others]
    judging += [(id_, Severity.WARNING, text) for id_, text in FILES.items()]
    found += [Page(id_, severity, "what documents say", text) for id_, severity, text in sorted(judging)]
    return {one.id: one for one in found}
