"""Nodes for tests of local Runs: each does as its parameter says. What differs is only what their types claim."""
