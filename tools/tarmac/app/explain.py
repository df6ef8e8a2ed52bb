"""explain: what a rule means, built-in or a policy of the repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tarmac.app.deps import Reading
from tarmac.app.generated import Files
from tarmac.app.generated import stale as stale_files
from tarmac.app.generated import write as write_files
from tarmac.app.load import load
from tarmac.errors import UsageError
from tarmac.model.shown import nearest, shown
from tarmac.model.trees import Source
from tarmac.reports.rule_pages import index_markdown, page_markdown
from tarmac.rules.pages import Page, page, pages
from tarmac.rules.policy_page import policy_page

# Where the generated pages lie.
FOLDER = "tools/docs/rules"


def policies(tree: Source, reading: Reading) -> tuple[Page, ...]:
    """The pages of the policies of a tree, in order of their names."""
    found = (policy_page(policy) for policy in load(tree, reading).catalog.of_kind("policy"))
    return tuple(sorted(found, key=lambda one: (one.id, one.place)))


def explain(rule: str, own: Callable[[], tuple[Page, ...]]) -> tuple[Page, ...]:
    """The page of a rule; `own` gives those of the repository's policies, and is asked only where it matters.

    Raises:
        UsageError: there is no such rule.
    """
    built_in = page(rule)
    if built_in is not None:
        return (built_in,)
    mine = own()
    found = tuple(one for one in mine if one.id == rule)
    if not found:
        near = nearest(rule, [one.id for one in (*pages(), *mine)])
        hint = f"did you mean {near}?" if near else "`tarmac explain` lists them all"
        raise UsageError(f"there is no rule {shown(rule)}: {hint}")
    return found


def everything(own: tuple[Page, ...]) -> tuple[Page, ...]:
    """Every page: the built-in ones, then the policies'."""
    return (*pages(), *own)


def files() -> Mapping[str, bytes]:
    """The generated pages and their index, by path from the root of the source tree."""
    texts = {f"{FOLDER}/{one.id}.md": page_markdown(one) for one in pages()}
    texts[f"{FOLDER}/README.md"] = index_markdown(pages())
    return {path: text.encode("utf-8") for path, text in texts.items()}


def stale(folder: Files) -> tuple[str, ...]:
    """The generated pages that are missing, not what the rules say, or of no rule any more, sorted.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    return stale_files(files(), folder, FOLDER, ".md")


def write(folder: Files) -> tuple[str, ...]:
    """Write what is stale; the paths that were touched.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    return write_files(files(), folder, FOLDER, ".md")
