"""Words for made-up entities, and picks among them that are the same in every run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Item = TypeVar("Item")

PLACES = (
    "amber", "basalt", "cedar", "delta", "ember", "fjord", "granite", "harbour", "indigo", "juniper", "kelp", "lagoon",
    "meadow", "nimbus", "orchid", "pebble", "quartz", "ridge", "saffron", "tundra", "umber", "valley", "willow",
)  # fmt: skip
TASKS = (
    "orders", "ledger", "routing", "pricing", "search", "catalogue", "billing", "shipping", "identity", "metrics",
    "alerts", "refunds", "invoices", "planning", "stock", "quotes", "audit",
)  # fmt: skip
SENTENCES = (
    "Takes what its neighbours send and answers within the time that they expect",
    "Keeps the record that the monthly statement is made from",
    "Turns many small messages into few large ones and loses none of them",
    "Answers the questions that the front pages ask on every visit",
    "Holds what was promised to a customer until it is paid for or let go",
    "Compares what was planned with what happened and tells who wants to know",
    "Moves files from where they are made to where they are read, once each",
)
FIRST = ("Ada", "Bruno", "Carla", "Deniz", "Edda", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaja", "Liam", "Mina")
LAST = ("Aalto", "Berg", "Costa", "Dahl", "Eklund", "Farkas", "Grant", "Holm", "Ivanov", "Jansen", "Keller")

_SPREAD = 2_654_435_761  # Knuth's multiplicative hash: neighbours in, strangers out


def pick(choices: Sequence[Item], seed: int) -> Item:
    """One of the choices, always the same for a seed, with neighbouring seeds far apart."""
    return choices[number(len(choices), seed)]


def number(below: int, seed: int) -> int:
    """A whole number from 0 to `below` - 1, always the same for a seed."""
    return ((seed + 1) * _SPREAD >> 9) % below
