"""Every hostile case that has to stay within the bounds of one file."""

from __future__ import annotations

from tests.hostile import folders, meanings, sizes, volumes, writings

CASES = (*sizes.CASES, *volumes.CASES, *writings.CASES, *folders.CASES, *meanings.CASES)
