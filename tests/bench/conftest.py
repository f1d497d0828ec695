"""Fixtures of the benchmarks that need the whole cluster."""

from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace, testbox

__all__ = ["cluster_settings", "kubectl", "namespace", "new_namespace", "testbox"]
