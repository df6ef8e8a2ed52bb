"""Figures about how the company works: scorecards, and what is made from git, the ledger and surveys."""
