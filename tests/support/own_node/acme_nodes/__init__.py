"""Nodes of a company that is none: what the guide on a node of one's own shows, and a test runs on the cluster."""
