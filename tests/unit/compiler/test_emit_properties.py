"""What holds of every leg that is emitted: whatever a pod is told about is there, and nothing dangles."""

import json
import re
from dataclasses import replace

from hypothesis import given

from headgate.compiler.emit import Context, Inline, emit
from headgate.compiler.known import Instance
from headgate.compiler.legs import cut
from headgate_lang.task import Task
from support.argo import read_as_argo
from support.emitting import CONTEXT, Manifest, steps_of, task_of, template_of, with_store
from support.ready import Situation, situations
from support.trying import times

_REFERENCE = re.compile(r"tasks\?\.(n\d+)\?\.outputs\?\.parameters\?\.(?:\['([a-z0-9-]+)'\]|([a-z0-9]+))")


def emit_all(situation: Situation, context: Context) -> list[Manifest]:
    whole = situation.graph
    documents = {ended: Inline({}) for ended in situation.known.settled if not ended.prepare}
    context = replace(context, known=situation.known, documents=documents)
    return [emit(whole, leg, context) for leg in cut(whole, situation.bundles)]


def pods_of(manifest: Manifest) -> list[str]:
    return [template["name"] for template in manifest["spec"]["templates"][1:]]


def files_of(manifest: Manifest, pod: str) -> set[str]:
    template = template_of(manifest, pod)
    return {artifact["path"] for artifact in template.get("inputs", {}).get("artifacts", [])}


def given_by(manifest: Manifest, pod: str) -> set[str]:
    return {one["name"] for one in template_of(manifest, pod)["outputs"]["parameters"]}


@times(1.5)
@given(situations())
def test_every_file_that_a_task_names_is_there_and_every_need_has_an_answer(situation: Situation) -> None:
    for manifest in emit_all(situation, CONTEXT):
        for pod in pods_of(manifest):
            task = task_of(manifest, pod)
            inside = {member.node for member in task.members if member.prepare is None}
            for member in task.members:
                assert member.needs.keys() <= inside | task.sources.keys()
            for source in task.sources.values():
                assert source.end or source.ends
                assert {*source.ends, *source.documents} <= files_of(manifest, pod)


@times(1.5)
@given(situations())
def test_every_reference_is_to_what_a_pod_gives_that_is_waited_for(situation: Situation) -> None:
    for manifest in emit_all(situation, CONTEXT):
        for step in steps_of(manifest).values():
            waited_for = set(re.findall(r"n\d+", step.get("depends", "")))
            written = json.dumps([step.get("when"), step.get("arguments")])
            references = [(pod, bracketed or plain) for pod, bracketed, plain in _REFERENCE.findall(written)]
            assert len(references) == written.count("tasks?")
            for pod, parameter in references:
                assert pod in waited_for
                assert parameter in given_by(manifest, pod)


@times(1.5)
@given(situations())
def test_a_pod_gives_what_its_task_tells_it_to_write(situation: Situation) -> None:
    for manifest in emit_all(situation, CONTEXT):
        for pod in pods_of(manifest):
            task = task_of(manifest, pod)
            assert given_by(manifest, pod) == {"report", *task.go, *(["ends"] if task.tells else []), *documents(task)}


def documents(task: Task) -> list[str]:
    return [member.document for member in task.members]


@times(1.5)
@given(situations())
def test_every_instance_is_claimed_once_and_run_by_the_pod_that_claims_it(situation: Situation) -> None:
    claimed: list[str] = []
    for manifest in emit_all(situation, CONTEXT):
        claims = json.loads(manifest["metadata"]["annotations"]["headgate.dev/claims"])
        for pod, instances in zip(pods_of(manifest), claims, strict=True):
            claimed += instances
            assert {Instance.parse(instance).node for instance in instances} == {
                member.node for member in task_of(manifest, pod).members
            }
    assert sorted(claimed) == sorted(map(str, situation.ready))


@given(situations())
def test_argo_s_own_models_understand_every_field_of_it(situation: Situation) -> None:
    for manifest in emit_all(situation, with_store()):
        assert read_as_argo(manifest) == manifest
