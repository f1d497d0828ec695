"""Nodes for tests of the runtime: they do what real nodes do once in a while, on demand."""
