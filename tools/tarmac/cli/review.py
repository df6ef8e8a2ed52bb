"""tarmac review"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import Command, option
from tarmac.cli.options import cache_option, look_at_cache, no_cache_option, now_option, root_option
from tarmac.cli.publishing import ask, judging, tell
from tarmac.errors import ExitCode, UsageError

_HEAD = "HEAD"


@click.command(cls=Command)
@root_option
@option("--base", required=True, metavar="REV", help="What it is to be merged into; it judges.")
@option("--head", default=_HEAD, show_default=True, metavar="REV", help="What is to be merged.")
@option(
    "--reviews",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The pull request, its reviews and commits as JSON, as GitHub's REST answers have them.",
)
@option(
    "--publish",
    is_flag=True,
    help="Ask GitHub for the reviews, and tell the pull request of this head: comment, check run, labels.",
)
@cache_option("what `tarmac check --write-cache` keeps of the base")
@no_cache_option("Read everything")
@now_option
@option(
    "--format",
    "form",
    type=click.Choice(("markdown", "json", "text")),
    show_default="text on a terminal, markdown elsewhere",
    help="How to answer.",
)
def command(
    root: Path,
    base: str,
    head: str,
    reviews: Path | None,
    publish: bool,
    cache: Path | None,
    no_cache: bool,
    now: datetime | None,
    form: str | None,
) -> int:
    """What does a change mean?

    What is added, changed, removed and renamed, what it costs a month, what the budgets say, who must approve by
    which rule and who has, what breaks and how far that reaches. Read from git objects alone; judged by what the base
    holds.
    Exit code 1 when the change brings an error or a budget blocks it, never because an approval is missing; 4 when
    --publish fails: the review is shown all the same.
    """
    from contextlib import ExitStack

    from tarmac.app import wire
    from tarmac.app.review import review
    from tarmac.model.shown import visible
    from tarmac.reports.review_words import uncommitted_line
    from tarmac.reports.reviews import load

    if publish and reviews is not None:
        raise UsageError("--publish asks GitHub for the reviews, and --reviews has them in a file: choose one")
    look_at_cache(no_cache, cache)
    git, states = wire.git_and_recorded(root, base, head)
    pull, fault = None if reviews is None else wire.reviews(reviews), None
    with ExitStack() as stack:
        desk = stack.enter_context(wire.desk()) if publish else None
        commit = "" if desk is None else git.commit(head).id
        with judging(desk, commit):
            if desk is not None:
                pull, fault = ask(desk, commit)
            working = wire.source(root, None) if head == _HEAD else None
            instant, histories = wire.clock(now).now(), wire.histories(root)
            kept = None if no_cache else wire.cache_reader(root, cache)
            result = review(git, wire.reading(), base, head, instant, states, pull, working, histories, kept)
            unseen = uncommitted_line(result)
            if unseen is not None:
                click.echo(f"tarmac: {visible(unseen, 1000)}", err=True)
            click.echo(load(form or ("text" if wire.terminal().out else "markdown"))(result), nl=False)
            if fault is not None:
                raise fault
        if desk is not None and pull is not None:
            tell(desk, result, pull)
    return ExitCode.VERDICT if result.failed else ExitCode.OK
