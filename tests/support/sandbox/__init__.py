"""Probes of the `code` node's sandbox, as data, and what runs them: in the unit tier and in a pod alike."""
