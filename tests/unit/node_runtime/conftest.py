"""Pods for all tests of the runtime."""

from support.pod_fixtures import control, pods

__all__ = ["control", "pods"]
