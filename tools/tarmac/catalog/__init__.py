"""The catalog at one revision: an index by reference, the graph over it, and what changed between two."""
