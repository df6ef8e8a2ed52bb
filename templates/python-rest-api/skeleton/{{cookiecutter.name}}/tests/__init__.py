"""Tests; run them with `python -m unittest`."""
