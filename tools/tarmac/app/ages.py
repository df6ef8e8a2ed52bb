"""When files were last changed by a person: asked of git only where a policy or scorecard reads it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeAlias

from tarmac.catalog.view import CatalogView
from tarmac.model.ages import Ages
from tarmac.rules.unknown_age import reading_ages

# Asks git, given the authors who are bots.
History: TypeAlias = Callable[[Collection[str]], Ages]


def ages_for(base: CatalogView, history: History | None) -> Ages | None:
    """The ages that the documents of `base` judge by; None where none of them asks, or there is no git to ask.

    Raises:
        GitError: git fails.
    """
    if history is None or next(reading_ages(base), None) is None:
        return None
    platform = base.platform()
    return history(() if platform is None else platform.texts("spec", "bots"))
