"""How many examples a property test tries."""

from __future__ import annotations

from hypothesis import settings

_USUAL = 100


def examples(number: int) -> int:
    """So many where every test is run. Where the long ones are left out, fewer: in proportion to what the profile that
    is loaded (tests/conftest.py) says of a test that asks for none."""
    return max(1, number * settings().max_examples // _USUAL)
