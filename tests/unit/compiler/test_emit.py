"""What a leg becomes in Argo: by example. The whole of some manifests is in tests/golden/emit."""

import json
from dataclasses import replace
from typing import Any

import pytest

from headgate.api.nodetype import Trait
from headgate.api.pod import Pod
from headgate.api.workflow import OnError
from headgate.compiler import sizes
from headgate.compiler.emit import Context, Inline, InSecret, emit
from headgate.compiler.emit.doubles import find_doubles
from headgate.compiler.graph import Graph, Loop
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.leg import Bundle, Leg
from headgate_lang.fate import Outcome
from headgate_lang.task import Follower, Prepare, Retry
from support.emitting import CONTEXT, Manifest, emit_first, steps_of, task_of, template_of, with_store
from support.graphs import CORE, HEAVY, LIGHT, chain, child, gate, graph, wide, work

SUCCEEDED = Settled(Outcome.SUCCEEDED)


def parameters(manifest: Manifest, name: str) -> dict[str, str]:
    """What a pod gives: parameter → default."""
    found = template_of(manifest, name)["outputs"]["parameters"]
    return {one["name"]: one["valueFrom"]["default"] for one in found}


def artifacts(manifest: Manifest, name: str) -> dict[str, dict[str, Any]]:
    found = template_of(manifest, name).get("inputs", {}).get("artifacts", [])
    return {one["name"]: one for one in found}


def after(*names: str, **more: Any) -> Context:
    """These nodes have succeeded, in earlier legs."""
    known = Known({Instance.parse(name): SUCCEEDED for name in names})
    return replace(CONTEXT, known=known, documents={Instance(name): Inline({}) for name in names}, **more)


def test_a_leg_has_a_name_that_its_run_and_number_give() -> None:
    assert emit_first(chain(1))["metadata"]["name"] == "hello-7k2xp-5f0c2a9e-1"
    long = replace(CONTEXT, run=replace(CONTEXT.run, name="r" * 40, uid="u" * 36), number=1234567)
    assert len(emit_first(chain(1), long)["metadata"]["name"]) <= 63


def test_a_leg_leads_back_to_its_run_by_uid_and_names_no_person() -> None:
    manifest = emit_first(chain(2, HEAVY))
    labels = {"headgate.dev/run-uid": CONTEXT.run.uid, "headgate.dev/leg": "1"}
    assert manifest["metadata"]["labels"] == labels
    assert manifest["spec"]["podMetadata"]["labels"] == labels
    assert manifest["metadata"]["ownerReferences"][0]["uid"] == CONTEXT.run.uid
    assert "ana" not in str(manifest)


def test_a_leg_says_what_it_claims() -> None:
    manifest = emit_first(graph(work("a"), work("b", "a"), work("c", "b", traits=HEAVY)))
    assert manifest["metadata"]["annotations"] == {"headgate.dev/claims": '[["a","b"],["c"]]'}


def test_argo_neither_retries_nor_gives_up_on_branches_nor_deletes_a_leg() -> None:
    manifest = emit_first(chain(3, HEAVY))
    assert template_of(manifest, "leg")["dag"]["failFast"] is False
    assert "ttlStrategy" not in manifest["spec"]
    assert "retry" not in str(manifest).lower()
    assert manifest["spec"]["podGC"]["strategy"] == "OnPodCompletion"


def test_a_pod_starts_when_all_that_it_waits_for_have_reported() -> None:
    steps = steps_of(emit_first(graph(work("a"), work("b"), work("c", "a", "b", traits=HEAVY))))
    assert [step.get("depends") for step in steps.values()] == [None, "n0.Succeeded"]
    steps = steps_of(emit_first(graph(work("a", traits=HEAVY), work("b", traits=HEAVY), work("c", "a", "b"))))
    assert steps["n2"]["depends"] == "n0.Succeeded && n1.Succeeded"


def test_a_pod_tells_a_later_one_not_to_start_where_it_can_find_out() -> None:
    manifest = emit_first(chain(2, HEAVY))
    assert task_of(manifest, "n0").go == {"go-n1": (Follower("n1", {"n0": Outcome.SUCCEEDED}),)}
    assert parameters(manifest, "n0")["go-n1"] == "false"
    assert steps_of(manifest)["n1"]["when"] == ("{{=(tasks?.n0?.outputs?.parameters?.['go-n1'] ?? 'false') == 'true'}}")


def test_all_that_can_find_out_must_say_go() -> None:
    manifest = emit_first(graph(work("a", traits=HEAVY), work("b", traits=HEAVY), work("c", "a", "b", traits=HEAVY)))
    assert steps_of(manifest)["n2"]["when"].count(" && ") == 1


def test_a_pod_with_a_member_that_runs_in_any_case_is_not_asked_about() -> None:
    whole = graph(work("a", traits=HEAVY), work("b", "a", traits=HEAVY, accepts=Outcome.ENDED))
    manifest = emit_first(whole)
    assert "when" not in steps_of(manifest)["n1"]
    assert parameters(manifest, "n0").keys() == {"o0", "ends", "report"}


def test_the_items_of_a_loop_cannot_tell_how_the_loop_will_end() -> None:
    manifest = emit_first(graph(work("a", traits=LIGHT, loop=Loop([1, 2], 2)), work("b", "a", traits=HEAVY)))
    assert "when" not in steps_of(manifest)["n2"]


def test_a_reader_is_passed_the_documents_that_it_reads_and_the_ends_that_it_needs() -> None:
    whole = graph(
        work("a", traits=HEAVY),
        work("b", traits=HEAVY),
        work("c", "a", "b", traits=HEAVY, reads=frozenset({"b"})),
    )
    manifest = emit_first(whole)
    assert artifacts(manifest, "n2").keys() == {"n0-ends", "n1-ends", "n1-o0"}
    passed = {one["name"]: one["raw"]["data"] for one in steps_of(manifest)["n2"]["arguments"]["artifacts"]}
    assert passed["n1-o0"] == "{{=tasks?.n1?.outputs?.parameters?.o0 ?? 'null'}}"
    assert task_of(manifest, "n2").sources["a"].documents == ()
    assert task_of(manifest, "n2").sources["b"].documents == ("/in/n1-o0",)
    assert task_of(manifest, "n0").tells == ("a",)


def test_members_of_a_pod_learn_of_each_other_without_files() -> None:
    manifest = emit_first(graph(work("a"), work("b", "a")))
    task = task_of(manifest, "n0")
    assert [member.document for member in task.members] == ["o0", "o1"]
    assert (task.sources, task.tells, artifacts(manifest, "n0")) == ({}, (), {})


def test_a_document_that_nobody_outside_reads_may_be_left_out() -> None:
    manifest = emit_first(graph(work("a"), work("b", "a"), gate("ask", "b")))
    assert [member.is_read for member in task_of(manifest, "n0").members] == [False, True]


def test_what_a_gate_or_a_child_is_given_is_prepared_and_a_loop_counted() -> None:
    whole = graph(
        gate("ask", prepares=True),
        child("run", prepares=True),
        child("runs", prepares=True, loop=Loop("${inputs.x}", 2)),
        work("each", prepares=True, traits=LIGHT, loop=Loop("${inputs.x}", 2), when="${inputs.go}"),
    )
    members = task_of(emit_first(whole), "n0").members
    assert [member.prepare for member in members] == [
        Prepare.PARAMETERS,
        Prepare.PARAMETERS,
        Prepare.ITEMS,
        Prepare.LENGTH,
    ]
    assert members[3].when == "${inputs.go}"


def test_what_only_evaluates_runs_in_the_image_of_the_platform() -> None:
    manifest = emit_first(graph(gate("ask", prepares=True)))
    container = template_of(manifest, "n0")["container"]
    assert (container["image"], container["command"]) == (CORE, ["headgate-node"])


def test_items_are_not_asked_when_again() -> None:
    whole = graph(work("each", traits=HEAVY, loop=Loop("${inputs.x}", 2), when="${inputs.go}", prepares=True))
    known = Known({Instance("each", prepare=True): Settled(Outcome.SUCCEEDED, length=2)})
    (member,) = task_of(emit_first(whole, replace(CONTEXT, known=known)), "n0").members
    assert (member.when, member.loop) == (None, replace(member.loop, only=(0,)) if member.loop else None)


def test_only_the_inputs_that_members_read_are_told() -> None:
    whole = graph(work("a", inputs=frozenset({"x"})))
    context = replace(CONTEXT, inputs={"x": 1, "y": 2})
    assert task_of(emit_first(whole, context), "n0").inputs == {"x": 1}


def test_a_failure_that_is_forgiven_looks_skipped_as_well() -> None:
    whole = graph(work("a", on_error=OnError.CONTINUE), work("b", "a", accepts=Outcome.FAILED))
    context = replace(CONTEXT, known=Known({Instance("a"): Settled(Outcome.FAILED)}))
    end = task_of(emit_first(whole, context), "n0").sources["a"].end
    assert end is not None
    assert end.outcome is Outcome.FORGIVEN


def test_documents_kept_in_a_secret_are_mounted_each_secret_once() -> None:
    whole = graph(work("a"), work("b"), work("c", "a", "b"))
    kept = {Instance("a"): InSecret("leg-1", "n0-o0"), Instance("b"): InSecret("leg-1", "n1-o0")}
    template = template_of(emit_first(whole, replace(after("a", "b"), documents=kept)), "n0")
    (source,) = template["volumes"][0]["projected"]["sources"]
    assert [item["key"] for item in source["secret"]["items"]] == ["n0-o0", "n1-o0"]


def test_with_a_store_a_large_document_is_an_artifact_that_may_be_missing() -> None:
    manifest = emit_first(chain(2, HEAVY), with_store())
    (given,) = template_of(manifest, "n0")["outputs"]["artifacts"]
    taken = artifacts(manifest, "n1")["n0-o0-large"]
    assert given["s3"] == taken["s3"] == {"key": "headgate/5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11/1/n0/o0"}
    assert given["optional"] is taken["optional"] is True
    assert (given["path"], taken["path"]) == ("/out/large/o0", "/in/large/n0-o0")
    assert task_of(manifest, "n0").has_store


def test_main_is_confined_and_has_no_token() -> None:
    manifest = emit_first(chain(1))
    container = template_of(manifest, "n0")["container"]
    patch = json.loads(manifest["spec"]["podSpecPatch"])
    assert patch["automountServiceAccountToken"] is patch["enableServiceLinks"] is False
    assert {one["name"] for key in ("initContainers", "containers") for one in patch[key]} == {"init", "wait"}
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/out", "/tmp"}
    assert [variable["name"] for variable in container["env"]] == ["HEADGATE_TASK"]


def resources(pod: dict[str, Any] | None, traits: frozenset[Trait] = HEAVY) -> dict[str, Any]:
    node = work("a", traits=traits, pod=Pod.model_validate(pod) if pod is not None else None)
    found: dict[str, Any] = template_of(emit_first(graph(node)), "n0")["container"]["resources"]
    return found


def test_a_pod_is_bounded_whatever_its_node_says() -> None:
    assert resources(None)["limits"] == {"cpu": "1", "memory": "512Mi"}
    assert resources({})["limits"] == {"cpu": "1", "memory": "512Mi"}
    asked = resources({"resources": {"requests": {"memory": "2Gi"}, "limits": {"cpu": 4}}})
    assert asked == {"requests": {"cpu": "4", "memory": "2Gi"}, "limits": {"cpu": "4", "memory": "2Gi"}}


def test_a_type_that_needs_a_gpu_gets_one_and_shared_memory() -> None:
    assert resources(None, frozenset({Trait.GPU}))["limits"]["nvidia.com/gpu"] == "1"
    assert resources({"gpu": 2})["limits"]["nvidia.com/gpu"] == "2"
    template = template_of(emit_first(graph(work("a", traits=frozenset({Trait.GPU})))), "n0")
    assert {"name": "shm", "mountPath": "/dev/shm"} in template["container"]["volumeMounts"]


@pytest.mark.parametrize(("traits", "network"), [(LIGHT, "internet"), (HEAVY, "none")])
def test_a_pod_says_which_network_it_may_reach(traits: frozenset[Trait], network: str) -> None:
    labels = template_of(emit_first(graph(work("a", traits=traits))), "n0")["metadata"]["labels"]
    assert labels == {"headgate.dev/network": network}


def test_the_workflow_s_parallelism_bounds_pods_and_what_runs_in_them() -> None:
    manifest = emit_first(replace(chain(2), parallelism=3))
    assert manifest["spec"]["parallelism"] == 3
    assert task_of(manifest, "n0").parallelism == 3


def test_kubernetes_ends_a_pod_long_after_the_runtime_should_have() -> None:
    def deadline(**more: Any) -> int:
        return int(template_of(emit_first(graph(work("a", traits=HEAVY, **more))), "n0")["activeDeadlineSeconds"])

    assert deadline(timeout=60.0) == 600 + 2 * 60
    assert deadline(timeout=60.0, retry=Retry(limit=2, cap=10.0)) == 600 + 2 * (3 * 60 + 2 * 10)
    loop = work("a", loop=Loop([1] * 10, 5), timeout=60.0)
    assert template_of(emit_first(graph(loop)), "n0")["activeDeadlineSeconds"] == str(600 + 2 * 2 * 60)


def limit_of(whole: Graph, name: str, number: int = 0) -> int:
    manifest = emit_first(whole)
    return task_of(manifest, name).members[number].limit


def test_a_document_may_be_as_large_as_there_is_room_for_it_and_its_readers() -> None:
    few = graph(work("a", traits=HEAVY), work("b", "a", traits=HEAVY))
    many = graph(work("a", traits=HEAVY), *(work(f"n{i}", "a", traits=HEAVY) for i in range(50)))
    joined = graph(*(work(f"n{i}", traits=HEAVY) for i in range(15)), work("all", *(f"n{i}" for i in range(15))))
    assert limit_of(few, "n0") == sizes.MAX_DOCUMENT
    assert sizes.MIN_DOCUMENT < limit_of(many, "n0") < 20 * sizes.KIB
    assert sizes.MIN_DOCUMENT < limit_of(joined, "n0") < sizes.MAX_TEMPLATE / 15 / sizes.ESCAPING


def test_what_nobody_reads_gets_what_is_left_over() -> None:
    assert 0 < limit_of(wide(190, HEAVY), "n0") < sizes.MIN_DOCUMENT


def test_an_estimated_leg_is_not_smaller_than_the_real_one() -> None:
    whole = graph(
        *(work(f"n{i}", *([f"n{i - 1}"] if i else []), traits=HEAVY, params={"text": "é" * 200}) for i in range(60))
    )
    manifest = emit_first(whole)
    pods = len(manifest["spec"]["templates"]) - 1
    estimated = sum(sizes.pod_bytes([node], 1, 1) for node in whole.nodes[:pods])
    assert pods > 50
    assert len(str(manifest)) + 800 * pods < estimated


def test_of_a_schema_only_its_doubles_are_told() -> None:
    schema = {
        "type": "object",
        "description": "long",
        "properties": {
            "score": {"type": "number", "minimum": 0},
            "name": {"type": "string"},
            "rows": {"type": "array", "items": {"properties": {"x": {"type": "number"}}}},
        },
    }
    doubles = {
        "properties": {
            "score": {"type": "number"},
            "name": {},
            "rows": {"items": {"properties": {"x": {"type": "number"}}}},
        }
    }
    assert find_doubles(schema) == doubles
    assert find_doubles({"properties": {"a": {"type": "integer"}}}) is None
    told = task_of(
        emit_first(graph(work("a"), work("b", "a")), replace(after("a"), schemas={"a": schema, "z": schema})), "n0"
    )
    assert told.schemas == {"a": doubles}


def test_the_same_leg_is_emitted_the_same() -> None:
    whole = chain(5, HEAVY)
    leg = Leg((Bundle((Instance("n0"),)), Bundle((Instance("n1"),), (0,))))
    assert emit(whole, leg, CONTEXT) == emit(whole, leg, CONTEXT)
