"""The outside: one file each for git, files, clock, ledger, YAML, schema checks, expressions."""
