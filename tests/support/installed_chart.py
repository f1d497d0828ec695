"""Installs what the chart renders and waits until it holds: the API server takes up an admission policy a moment after
it was created, and until then nobody is stamped and nobody refused. Called by tests that let people act at once."""

import json
import time

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from headgate.names import API_VERSION
from support.chart import Manifest

LAST = ("-runs", "-run-stamp")
"""Policies are taken up in the order in which they came: when these two hold, all do."""
PROBE = {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": "probe"}, "spec": {"workflow": "probe"}}
FORGED = {**PROBE, "spec": {"workflow": "probe", "requester": "somebody-else"}}
HOLDS_WITHIN = 30.0


def install(kubectl: Kubectl, namespace: str, *documents: Manifest) -> None:
    """`namespace`: one in which the policies hold."""
    kubectl.apply(*sorted(documents, key=lambda one: one["metadata"]["name"].endswith(LAST)))
    wait_until_in_force(kubectl, namespace)


def wait_until_in_force(kubectl: Kubectl, namespace: str) -> None:
    deadline = time.monotonic() + HOLDS_WITHIN
    while not (_stamps(kubectl, namespace) and _refuses(kubectl, namespace)):
        assert time.monotonic() < deadline, "the admission policies did not come into force"
        time.sleep(0.1)


def _stamps(kubectl: Kubectl, namespace: str) -> bool:
    made = kubectl(*_CREATE, "-n", namespace, stdin=json.dumps(PROBE), check=False)
    return bool(made) and "requester" in json.loads(made)["spec"]


def _refuses(kubectl: Kubectl, namespace: str) -> bool:
    try:
        kubectl(*_CREATE, "-n", namespace, stdin=json.dumps(FORGED))
    except CommandError as refused:
        return "cannot ask in the name of" in str(refused)
    return False


_CREATE = ("create", "--dry-run=server", "-o", "json", "-f", "-")
