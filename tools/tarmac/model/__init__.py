"""The kinds, and the values that the layers above hand each other."""
