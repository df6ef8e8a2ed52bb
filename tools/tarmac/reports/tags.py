"""The tags of what a request makes, for people."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.catalog.tags import Tag


def tags_line(tags: Mapping[str, Tag]) -> str:
    """`team=payments, environment=staging`, in order of key."""
    return ", ".join(f"{key}={tag.value}" for key, tag in tags.items())
