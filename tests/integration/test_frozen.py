"""What must never change, refused by the CRDs' own rules: a further wall behind the admission policies."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from headgate.names import API_VERSION

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("crds")]

RUN = """
kind: Run
metadata: {name: r}
spec: {workflow: w, inputs: {a: 1, b: {c: [2]}}, requester: ana}
"""
REQUEST = """
kind: ApprovalRequest
metadata: {name: r}
spec:
  type: Approval
  message: Publish?
  requester: ana
  run: r
  node: review
  values: {notes: Text}
  binding:
    digest: sha256:91c2f0a6d1b34e0c
    revision: 9b1de77c02aa
    form: {notes: {type: string}}
    policy: {name: p, hash: "sha256:4d0be1a7c3f2", stages: [{name: s, groups: [g], votes: 2}]}
"""

OF_A_RUN = {
    "{workflow: other}": "spec.workflow",
    "{inputs: {a: 2}}": "spec.inputs",
    "{inputs: {b: {c: [3]}}}": "spec.inputs",
    "{inputs: {d: 1}}": "spec.inputs",
    "{inputs: null}": "inputs cannot",
    "{environment: prod}": "environment cannot",
    "{from: {run: other}}": "from cannot",
    "{ttl: 1h}": "ttl cannot",
    "{requester: bea}": "spec.requester",
}
OF_A_REQUEST = {
    "{type: Clarification}": "spec.type",
    "{message: Burn}": "spec.message",
    "{requester: bea}": "spec.requester",
    "{requester: null}": "requester cannot",
    "{run: other}": "spec.run",
    "{node: other}": "spec.node",
    "{values: {notes: Other}}": "spec.values",
    "{values: null}": "values cannot",
    "{binding: {digest: 'sha256:000000000000'}}": "spec.binding",
    "{binding: {expiresAt: '2036-01-01T00:00:00Z'}}": "spec.binding",
    "{binding: {policy: {stages: [{name: s, groups: [g], votes: 1}]}}}": "spec.binding",
    "{binding: {policy: {stages: [{name: s, groups: [g, mine], votes: 2}]}}}": "spec.binding",
    "{binding: {policy: {onTimeout: Approve}}}": "spec.binding",
    "{binding: {form: {notes: null, other: {type: string}}}}": "spec.binding",
}
VOTES = {
    "{bea: {verdict: Answer}}": "Approval is answered by Approve, Reject, Withdraw",
    "{me: {verdict: Approve}}": "`me` was not replaced: install Headgate's admission policies",
}


def create(kubectl: Kubectl, namespace: str, text: str) -> str:
    document = {"apiVersion": API_VERSION, **yaml.safe_load(text)}
    kubectl("create", "-n", namespace, "-f", "-", stdin=json.dumps(document))
    return f"{document['kind'].lower()}/{document['metadata']['name']}"


def patch(kubectl: Kubectl, namespace: str, name: str, spec: object) -> str:
    words = ("patch", name, "-n", namespace, "--type=merge", "-p", json.dumps({"spec": spec}))
    return kubectl(*words, "--dry-run=server")


@pytest.mark.parametrize(
    ("text", "changes", "remedy"),
    [(RUN, OF_A_RUN, "create another Run"), (REQUEST, OF_A_REQUEST, "only votes can")],
    ids=["Run", "ApprovalRequest"],
)
def test_what_was_asked_for_is_never_changed(
    text: str, changes: dict[str, str], remedy: str, kubectl: Kubectl, namespace: str
) -> None:
    name = create(kubectl, namespace, text)
    for change, where in changes.items():
        with pytest.raises(CommandError) as refused:
            patch(kubectl, namespace, name, yaml.safe_load(change))
        assert where in str(refused.value), change
        assert f"cannot be changed: {remedy}" in str(refused.value), change


def test_a_vote_fits_the_question_and_has_a_name(kubectl: Kubectl, namespace: str) -> None:
    name = create(kubectl, namespace, REQUEST)
    for votes, told in VOTES.items():
        with pytest.raises(CommandError) as refused:
            patch(kubectl, namespace, name, {"votes": yaml.safe_load(votes)})
        assert told in str(refused.value)


def test_what_people_declare_and_how_they_vote_may_change(kubectl: Kubectl, namespace: str) -> None:
    run, request = create(kubectl, namespace, RUN), create(kubectl, namespace, REQUEST)
    for name, spec in (
        (run, {"state": "Paused", "declaredBy": "bea"}),
        (run, {"attempt": 2}),
        (request, {"votes": {"bea@example.com": {"verdict": "Approve", "reason": "checked"}}}),
        (request, {"votes": {"bea@example.com": {"verdict": "Withdraw"}}}),
    ):
        assert "patched" in patch(kubectl, namespace, name, spec)


def test_an_attempt_only_grows(kubectl: Kubectl, namespace: str) -> None:
    name = create(kubectl, namespace, RUN.replace("requester:", "attempt: 3, requester:"))
    with pytest.raises(CommandError, match="can only grow"):
        patch(kubectl, namespace, name, {"attempt": 2})


def test_only_an_admission_policy_sees_an_input_exchanged_for_another(kubectl: Kubectl, namespace: str) -> None:
    """Kubernetes 1.36 compares objects of open shape by the keys that both have, and by their number. When this test
    fails, it has learnt better, and the policy for Runs may trust the CRD."""
    name = create(kubectl, namespace, RUN)
    assert "patched" in patch(kubectl, namespace, name, {"inputs": {"b": None, "z": 1}})


BUILT, REBUILT = (f"headgate/core@sha256:{digit * 64}" for digit in "12")
NODE_TYPE: dict[str, Any] = {"description": "d", "image": BUILT, "params": {"a": {"type": "string"}}, "timeout": "5s"}


@pytest.fixture
def node_type(kubectl: Kubectl) -> Iterator[Callable[..., None]]:
    """Applies a NodeType with changes; None takes a field out."""
    name = f"headgate-test-{uuid.uuid4().hex[:8]}.v1"

    def apply(**changes: object) -> None:
        spec = {field: value for field, value in (NODE_TYPE | changes).items() if value is not None}
        kubectl.apply({"apiVersion": API_VERSION, "kind": "NodeType", "metadata": {"name": name}, "spec": spec})

    apply()
    yield apply
    kubectl("delete", "nodetype", name)


@pytest.mark.parametrize(
    "change", [{"image": f"elsewhere/core@sha256:{'1' * 64}"}, {"image": None, "gate": "Timer"}], ids=str
)
def test_a_node_type_never_changes_what_it_is(change: dict[str, Any], node_type: Callable[..., None]) -> None:
    with pytest.raises(CommandError, match="a NodeType never changes what it is: make the next version"):
        node_type(**change)


def test_a_node_type_may_be_built_anew_and_said_more_of(node_type: Callable[..., None]) -> None:
    node_type(image=REBUILT, description="Better said.", docs="More.", deprecated="use the next one")


def test_a_node_type_has_a_version_and_either_an_image_or_a_gate(kubectl: Kubectl) -> None:
    for name, spec, told in (
        ("http", {"gate": "Timer"}, "the name ends in its version"),
        (f"headgate-test-{uuid.uuid4().hex[:8]}.v1", {}, "give an image, or a gate, and not both"),
    ):
        head = {"apiVersion": API_VERSION, "kind": "NodeType", "metadata": {"name": name}}
        with pytest.raises(CommandError, match=told):
            kubectl.apply({**head, "spec": {"description": "d", **spec}})


def test_a_run_has_a_short_name(kubectl: Kubectl, namespace: str) -> None:
    with pytest.raises(CommandError, match="at most 40 characters"):
        create(kubectl, namespace, RUN.replace("name: r", f"name: {'r' * 41}"))
