"""Fixtures of the benchmarks that need the whole cluster."""

from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace, testbox
from support.pod_fixtures import control, pods

__all__ = ["cluster_settings", "control", "kubectl", "namespace", "new_namespace", "pods", "testbox"]
