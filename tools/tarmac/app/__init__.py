"""Use cases: one file each, named as its verb."""
