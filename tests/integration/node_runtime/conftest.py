"""Pods of tests in which processes die, or are not of ours."""

from support.pod_fixtures import control, pods

__all__ = ["control", "pods"]
