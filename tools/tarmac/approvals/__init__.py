"""Who must agree to a change: approval rules judged by the base, code owners, and the decision with its reasons."""
