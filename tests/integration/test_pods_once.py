"""No pod of a node starts twice: the API server refuses one whose node has begun to leave a result."""

import pytest

from cluster.kubectl import Kubectl
from support.chart import find_helm
from support.pod_guard import build_result, guard_pods, try_pod

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)


def test_a_pod_whose_node_has_begun_to_leave_a_result_is_refused_and_no_other(kubectl: Kubectl, namespace: str) -> None:
    with guard_pods(kubectl, namespace):
        assert try_pod(kubectl, namespace, "r-1-n0") == "pod/tried\n", "there is no result at all"
        kubectl.apply(build_result("r-1-n0", namespace), build_result("r-1-n1", namespace))
        deadline = 50
        while (told := try_pod(kubectl, namespace, "r-1-n0")) == "pod/tried\n" and deadline:
            deadline -= 1
        assert "a pod of this node was there before, and is gone: Headgate decides whether the node runs again" in told
        assert try_pod(kubectl, namespace, "r-1-n2") == "pod/tried\n"
        assert try_pod(kubectl, namespace, "r-1-n0", label="somebody.example/uid") == "pod/tried\n"
