"""A leg as `emit` makes it, carried out by a real Argo in a namespace that enforces restricted pods.

The runtime's part is played by a few lines of shell: they write down what they were told. Hostile texts are in all that
a pod is told and in what it reads; they must come out as they went in.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from e2e.manifests import has_ended
from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.emit import Context, Inline, InSecret
from headgate.compiler.graph import Graph, Node
from headgate.compiler.known import Instance, Known, Settled
from headgate_lang import documents, report, task
from headgate_lang.fate import Outcome
from headgate_lang.report import Phase
from support.emitting import CONTEXT, emit_first, with_store
from support.graphs import HEAVY, graph, work
from support.hostile import hostile

pytestmark = pytest.mark.e2e

HOSTILE = [text for text in hostile() if len(text) < 200]
"""What is long is left out: with all of it, the pod's template would be larger than Argo may make it."""

REPORTS = """
settles() { printf '{"version":1,"instances":{"%s":{"phase":"%s"}}}' "$1" "$2" > /out/report; }
ends() { printf '{"%s":{"outcome":["%s"]}}' "$1" "$2" > /out/ends; }
"""
PASSES_ON = f"""{REPORTS}
cat /in/d0 > /out/o0
ends first Succeeded; settles first Succeeded
printf true > /out/go-n1; printf false > /out/go-n2
"""
TELLS = f"""{REPORTS}
exists() {{ test -e $1 && echo true || echo false; }}
writes() {{ (echo > $1/x) 2>/dev/null && echo true || echo false; }}
encoded() {{ base64 < $1 | tr -d '\\n'; }}
printf '{{"task":"%s","read":"%s","kept":"%s","ends":"%s","user":%s,"token":%s,"root":%s,"tmp":%s,"links":"%s"}}' \\
  "$HEADGATE_TASK" "$(encoded /in/n0-o0)" "$(encoded /kept/earlier/text)" "$(encoded /in/n0-ends)" "$(id -u)" \\
  "$(exists /var/run/secrets)" "$(writes /)" "$(writes /tmp)" "$(env | grep -c _SERVICE_HOST)" > /out/o0
settles second Succeeded
"""
DIES = f"{REPORTS} settles dies Running; exit 3"
NEVER = "exit 1"


def node(image: str, name: str, script: str, *needs: str, **more: Any) -> Node:
    kind = NodeTypeSpec.model_construct(description="", image=image, command=("sh", "-c", script), traits=())
    return work(name, *needs, traits=HEAVY, type=kind, **more)


def carry_out(kubectl: Kubectl, namespace: str, whole: Graph, context: Context) -> Mapping[str, Any]:
    """What became of each pod, by its name in Argo."""
    run = replace(context.run, namespace=namespace)
    platform = replace(context.platform, executor_account="workflow")
    manifest = emit_first(whole, replace(context, run=run, platform=platform))
    del manifest["metadata"]["ownerReferences"]
    kubectl.apply(manifest)
    ended = kubectl.wait("workflow", manifest["metadata"]["name"], "-n", namespace, until=has_ended, seconds=180)
    return {node["displayName"]: node for node in ended["status"]["nodes"].values() if node["type"] != "DAG"}


def phases(nodes: Mapping[str, Any]) -> Mapping[str, str]:
    for name, one in nodes.items():
        print(name, one["phase"], one.get("message", ""))
    return {name: one["phase"] for name, one in nodes.items()}


def outputs(node: Mapping[str, Any]) -> Mapping[str, str]:
    return {one["name"]: one["value"] for one in node["outputs"]["parameters"]}


@pytest.fixture
def restricted(kubectl: Kubectl, namespace: str) -> str:
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    return namespace


def test_hostile_texts_pass_through_argo_unchanged_and_pods_are_confined(
    kubectl: Kubectl, restricted: str, testbox: str
) -> None:
    whole = graph(
        work("before"),
        work("text"),
        node(testbox, "first", PASSES_ON, "before"),
        node(testbox, "second", TELLS, "first", "text", inputs=frozenset({"hostile"}), params={"texts": HOSTILE}),
    )
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "earlier", "namespace": restricted},
        "stringData": {"text": documents.encode(HOSTILE)},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "neighbour", "namespace": restricted},
        "spec": {"ports": [{"port": 80}]},
    }
    kubectl.apply(secret, service)
    context = replace(
        CONTEXT,
        known=Known({Instance(name): Settled(Outcome.SUCCEEDED) for name in ("before", "text")}),
        documents={Instance("before"): Inline(HOSTILE), Instance("text"): InSecret("earlier", "text")},
        inputs={"hostile": HOSTILE},
    )
    nodes = carry_out(kubectl, restricted, whole, context)
    assert phases(nodes) == {"n0": "Succeeded", "n1": "Succeeded"}
    told = documents.decode(outputs(nodes["n1"])["o0"])
    assert documents.decode(outputs(nodes["n0"])["o0"]) == HOSTILE
    assert base64.b64decode(told["read"]).decode() == documents.encode(HOSTILE)
    assert base64.b64decode(told["kept"]).decode() == documents.encode(HOSTILE)
    assert report.decode_ends(base64.b64decode(told["ends"]).decode())["first"].outcome is Outcome.SUCCEEDED
    read = task.decode(told["task"])
    assert read.inputs["hostile"] == read.members[0].with_["texts"] == HOSTILE
    # Kubernetes tells every pod of itself, and of no neighbour.
    confined = {"user": 65532, "token": False, "root": False, "tmp": True, "links": "1"}
    assert {key: told[key] for key in confined} == confined


def test_pods_start_only_if_told_so_and_a_pod_that_dies_still_tells(
    kubectl: Kubectl, restricted: str, testbox: str
) -> None:
    whole = graph(
        work("before"),
        node(testbox, "first", PASSES_ON, "before"),
        node(testbox, "second", f"{REPORTS} settles second Skipped", "first"),
        node(testbox, "handler", NEVER, "first", accepts=Outcome.FAILED),
        node(testbox, "join", NEVER, "handler", accepts=Outcome.NOT_FAILED),
        node(testbox, "dies", DIES),
        node(testbox, "after", NEVER, "dies", accepts=Outcome.ENDED),
    )
    known = Known({Instance("before"): Settled(Outcome.SUCCEEDED)})
    context = replace(CONTEXT, known=known, documents={Instance("before"): Inline({})})
    nodes = carry_out(kubectl, restricted, whole, context)
    assert phases(nodes) == {
        "n0": "Succeeded",
        "n1": "Succeeded",
        "n2": "Skipped",
        "n3": "Omitted",
        "n4": "Failed",
        "n5": "Omitted",
    }
    assert report.decode(outputs(nodes["n1"])["report"], ["second"]).instances["second"].phase is Phase.SKIPPED
    assert outputs(nodes["n1"])["o0"] == "null"
    assert report.decode(outputs(nodes["n4"])["report"], ["dies"]).instances["dies"].phase is Phase.RUNNING


def test_a_document_too_large_for_argo_goes_by_way_of_the_store(
    kubectl: Kubectl, restricted: str, testbox: str
) -> None:
    make = f"""{REPORTS}
mkdir -p /out/large && head -c 3000000 /dev/zero | tr '\\0' x > /out/large/o0
ends large Succeeded; settles large Succeeded; printf true > /out/go-n2
"""
    small = (
        f"{REPORTS} printf '{{}}' > /out/o0; ends small Succeeded; settles small Succeeded; printf true > /out/go-n2"
    )
    read = f"""{REPORTS}
printf '{{"large":%s,"inline":%s,"small":%s}}' "$(wc -c < /in/large/n0-o0)" "$(cat /in/n0-o0)" \\
  "$(test -e /in/large/n1-o0 && echo true || echo false)" > /out/o0
settles read Succeeded
"""
    whole = graph(
        node(testbox, "large", make), node(testbox, "small", small), node(testbox, "read", read, "large", "small")
    )
    nodes = carry_out(kubectl, restricted, whole, with_store())
    assert phases(nodes) == dict.fromkeys(("n0", "n1", "n2"), "Succeeded")
    assert json.loads(outputs(nodes["n2"])["o0"]) == {"large": 3_000_000, "inline": None, "small": False}
