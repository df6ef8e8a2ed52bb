"""Desired state against actual state: the plan, the ends of TTLs, the guard on deletions, the life of a request."""
