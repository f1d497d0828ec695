"""Headgate: AI workflows for Kubernetes, with people at the gates."""
