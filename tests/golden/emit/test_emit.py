"""What legs look like in Argo, read in review: `NAME.yaml` holds the manifest, and after it the task of each pod.

The graphs are made by hand, each for a shape that a leg can have. What whole workflows become is in `../examples`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headgate.api.pod import Pod
from headgate.api.workflow import OnError
from headgate.compiler.emit import Context, Inline, InSecret, InStore
from headgate.compiler.graph import Graph, Loop
from headgate.compiler.known import Instance, Known, Settled
from headgate_lang import strict
from headgate_lang.fate import Outcome
from headgate_lang.report import Error, Failure
from headgate_lang.task import Retry, Tolerance
from support.argo import read_as_argo
from support.emitting import CONTEXT, as_yaml, emit_first, task_of, with_store
from support.golden import Golden
from support.graphs import HEAVY, LIGHT, chain, child, gate, graph, render, work

FOLDER = Path(__file__).parent
Case = tuple[Graph, Context]

SUCCEEDED = Settled(Outcome.SUCCEEDED)


def hello() -> Case:
    """One pod for a chain of light nodes and the outputs."""
    whole = graph(
        work("greet", params={"text": "Hello, ${inputs.name}!"}, inputs=frozenset({"name"})),
        work("shout", "greet", params={"text": "${greet.text.upperAscii()}"}),
        render("shout"),
    )
    return whole, replace(CONTEXT, inputs={"name": "world", "secret": "read by nobody"}, vars={"db": "staging"})


def error_branch() -> Case:
    """Three pods: the second starts if the first succeeded, the third if it failed; neither without a report."""
    whole = graph(
        work("train", traits=HEAVY, on_error=OnError.CONTINUE, retry=Retry(2, ("Timeout",)), timeout=3600.0),
        work("publish", "train", traits=LIGHT, credentials=("blog",), params={"credential": "blog"}),
        work("complain", "train", traits=LIGHT, accepts=Outcome.FAILED, credentials=("chat",)),
    )
    return whole, CONTEXT


def gate_and_child() -> Case:
    """What a gate shows and a child Run is given is computed in the pod that computes what they read."""
    whole = graph(
        work("draft", traits=LIGHT, credentials=("model",)),
        gate("review", "draft", prepares=True, params={"edit": {"notes": "${draft.text}"}}, when="${draft.ready}"),
        child("translate", "draft", prepares=True, params={"text": "${draft.text}"}),
    )
    return whole, CONTEXT


def light_loop() -> Case:
    """Seven items in three pods; who follows reads the documents of all three."""
    loop = Loop("${ids.list}", 3, Tolerance(percent=5))
    whole = graph(
        work("ids"),
        work("fetch", "ids", traits=LIGHT, loop=loop, prepares=True, params={"url": "https://example/${item}"}),
        work("store", "fetch", traits=LIGHT, credentials=("db",)),
    )
    settled = {Instance("ids"): SUCCEEDED, Instance("fetch", prepare=True): Settled(Outcome.SUCCEEDED, length=7)}
    return whole, replace(CONTEXT, known=Known(settled), documents={Instance("ids"): Inline({"list": [*range(7)]})})


def earlier_legs() -> Case:
    """What earlier legs left: in the manifest, in a Secret, in the store; a failure; a loop with failed items."""
    whole = graph(
        work("answer"),
        work("text"),
        work("film"),
        work("broken", on_error=OnError.CONTINUE),
        work("fetch", traits=LIGHT, loop=Loop([1, 2, 3], 3, Tolerance(1))),
        work(
            "tell",
            traits=HEAVY,
            needs={
                "answer": Outcome.SUCCEEDED,
                "text": Outcome.SUCCEEDED,
                "film": Outcome.SUCCEEDED,
                "broken": Outcome.FAILED,
                "fetch": Outcome.SUCCEEDED,
            },
        ),
    )
    names = ("answer", "text", "film", "fetch")
    context = replace(
        CONTEXT,
        number=2,
        known=Known({Instance("broken"): Settled(Outcome.FAILED), **{Instance(name): SUCCEEDED for name in names}}),
        documents={
            Instance("answer"): Inline({"by": "ana", "values": {"notes": "{{workflow.name}} $(PATH)"}}),
            Instance("text"): InSecret("hello-7k2xp-5f0c2a9e-1", "n0-o1"),
            Instance("film"): InStore("headgate/5f0c2a9e/1/n1/o0"),
            Instance("fetch", 0): InSecret("hello-7k2xp-5f0c2a9e-1", "n2-o0"),
            Instance("fetch", 2): InSecret("hello-7k2xp-5f0c2a9e-1", "n2-o0"),
        },
        errors={"broken": Error("HttpStatus", "404", 3)},
        failed_items={"fetch": (Failure(1, Error("HttpStatus", "404"), 2),)},
    )
    return whole, context


def store() -> Case:
    """With an artifact store, a document that is too large for Argo goes there, and its readers look there."""
    return chain(2, HEAVY), with_store()


def scheduling() -> Case:
    """All that a node can say of its pod, on a node with a GPU."""
    asks = {
        "resources": {"requests": {"cpu": 2, "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        "gpu": 1,
        "nodeSelector": {"example.com/pool": "gpu"},
        "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {
            "podAntiAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": [
                    {"labelSelector": {"matchLabels": {"app": "db"}}, "topologyKey": "kubernetes.io/hostname"}
                ]
            }
        },
        "priority": "batch",
        "queue": "gpus",
        "runtimeClass": "gvisor",
    }
    whole = graph(work("train", traits=HEAVY, pod=Pod.model_validate(asks)))
    platform = replace(CONTEXT.platform, pull_secrets=("registry",))
    return replace(whole, parallelism=4), replace(CONTEXT, platform=platform)


def in_finally() -> Case:
    """What runs when all else has ended, and reads how."""
    whole = graph(work("a", traits=HEAVY), work("beat", "a", traits=LIGHT, accepts=Outcome.ENDED, final=True))
    run = replace(CONTEXT.run, phase="Failed", failed=("a",))
    known = Known({Instance("a"): Settled(Outcome.FAILED)})
    return whole, replace(CONTEXT, run=run, known=known, errors={"a": Error("OutOfMemory", "main: OOMKilled")})


CASES: Mapping[str, Callable[[], Case]] = {
    "hello": hello,
    "error-branch": error_branch,
    "gate-and-child": gate_and_child,
    "light-loop": light_loop,
    "earlier-legs": earlier_legs,
    "store": store,
    "scheduling": scheduling,
    "finally": in_finally,
}


@pytest.mark.parametrize("name", CASES)
def test_a_leg_is_emitted_as_it_is_stored(name: str, golden: Golden) -> None:
    manifest = emit_first(*CASES[name]())
    pods = [template["name"] for template in manifest["spec"]["templates"][1:]]
    tasks: dict[str, Any] = {pod: strict.encode(task_of(manifest, pod)) for pod in pods}
    golden.check(FOLDER / f"{name}.yaml", as_yaml(manifest, {"tasks": tasks}))


@pytest.mark.parametrize("name", CASES)
def test_argo_s_own_models_understand_every_field_of_it(name: str) -> None:
    manifest = emit_first(*CASES[name]())
    assert read_as_argo(manifest) == manifest


def test_nothing_else_is_stored(golden: Golden) -> None:
    golden.check_folder(FOLDER, {Path(__file__).name, "__pycache__", *(f"{name}.yaml" for name in CASES)})
