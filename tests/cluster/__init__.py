"""A real Kubernetes cluster with Argo Workflows, from packages alone, in one command.

`make cluster` calls `python -m cluster up`; the tests reach the cluster through the kubeconfig it
writes. The folder is a package on `tests/`, next to the tests that use it.
"""
