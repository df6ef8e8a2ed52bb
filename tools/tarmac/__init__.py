"""Tarmac: an internal developer platform that is kept in git."""

__version__ = "0.1.0"
