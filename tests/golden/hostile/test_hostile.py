"""Nothing that a user wrote can become a template of Argo, and all of it arrives as it was written.

Each hostile text stands in each field that is a user's, one after the other. The manifest must be the same as with a
harmless text there, but for the inside of the task documents and of documents passed on; and these must give the text
back, byte for byte.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from pydantic import ValidationError

from headgate.api.pod import Pod
from headgate.compiler.emit import Context, Inline
from headgate.compiler.graph import Graph, Loop
from headgate.compiler.known import Instance, Known, Settled
from headgate_lang import documents, task
from headgate_lang.fate import Outcome
from headgate_lang.report import Error, Failure
from support.emitting import CONTEXT, Manifest, emit_first, task_of, template_of
from support.figures import record
from support.graphs import HEAVY, LIGHT, graph, work
from support.hostile import hostile

HOSTILE = hostile()
HARMLESS = "harmless"

ENDED = Known(
    {
        Instance("before"): Settled(Outcome.SUCCEEDED),
        Instance("failed"): Settled(Outcome.FAILED),
        Instance("loop"): Settled(Outcome.SUCCEEDED),
        Instance("loop", prepare=True): Settled(Outcome.SUCCEEDED, length=1),
    }
)


@dataclass(frozen=True)
class Place:
    """A field of a user: how a text gets there, and where it is found again in the pod."""

    put: Callable[[str], tuple[Graph, Context]]
    find: Callable[[Manifest], Any]


def leg(text: str = HARMLESS, /, *, context: Context = CONTEXT, **node: Any) -> tuple[Graph, Context]:
    """Two pods, the first of which has the text in it, after nodes that have ended."""
    whole = graph(
        work("before"),
        work("failed"),
        work("loop", traits=LIGHT, loop=Loop("${before.list}", 1), prepares=True),
        work(
            "first",
            traits=HEAVY,
            needs={"before": Outcome.SUCCEEDED, "failed": Outcome.FAILED, "loop": Outcome.SUCCEEDED},
            inputs=frozenset({"x"}),
            **node,
        ),
        work("second", "first", traits=HEAVY),
    )
    found = {Instance("before"): Inline({}), Instance("loop", 0): Inline({}), **context.documents}
    return whole, replace(context, known=ENDED, documents=found, errors={"failed": Error("Any", text)})


def member(manifest: Manifest) -> task.Member:
    return task_of(manifest, "n0").members[0]


def document(manifest: Manifest, name: str) -> Any:
    artifacts = template_of(manifest, "n0")["inputs"]["artifacts"]
    return documents.decode(next(one["raw"]["data"] for one in artifacts if one["name"] == name))


def in_context(**fields: Any) -> tuple[Graph, Context]:
    return leg(context=replace(CONTEXT, **fields))


def failing_item(text: str) -> tuple[Graph, Context]:
    return in_context(failed_items={"loop": (Failure(0, Error("Any", text), {text: [text]}),)})


PLACES: Mapping[str, Place] = {
    "a parameter": Place(lambda text: leg(params={"text": text}), lambda m: member(m).with_["text"]),
    "a key inside a parameter": Place(
        lambda text: leg(params={"map": {text: 1}}), lambda m: next(iter(member(m).with_["map"]))
    ),
    "a text deep in a parameter": Place(
        lambda text: leg(params={"a": [{"b": [text]}]}), lambda m: member(m).with_["a"][0]["b"][0]
    ),
    "when": Place(lambda text: leg(when=text), lambda m: member(m).when),
    "forEach.in": Place(lambda text: leg(loop=Loop([text], 1)), lambda m: loop_of(m).items[0]),
    "retry.reasons": Place(lambda text: leg(retry=task.Retry(1, (text,))), lambda m: member(m).retry.reasons[0]),
    "an input": Place(lambda text: in_context(inputs={"x": text}), lambda m: task_of(m, "n0").inputs["x"]),
    "a var": Place(lambda text: in_context(vars={"v": text}), lambda m: task_of(m, "n1").vars["v"]),
    "the requester": Place(
        lambda text: in_context(run=replace(CONTEXT.run, requester=text)), lambda m: task_of(m, "n1").run.requester
    ),
    "a document of an earlier leg": Place(
        lambda text: in_context(documents={Instance("before"): Inline({"text": text})}),
        lambda m: document(m, "d0")["text"],
    ),
    "a key in a document": Place(
        lambda text: in_context(documents={Instance("before"): Inline({text: {text: 1}})}),
        lambda m: next(iter(next(iter(document(m, "d0").values())))),
    ),
    "the message of an error": Place(leg, lambda m: source_error(m, "failed").message),
    "an item that failed": Place(failing_item, lambda m: failed_item(m).item[failed_item(m).error.message][0]),
    "a field in the schema of an input": Place(
        lambda text: in_context(schemas={"inputs": {"properties": {text: {"type": "number"}}}}),
        lambda m: next(iter(task_of(m, "n0").schemas["inputs"]["properties"])),
    ),
}


def loop_of(manifest: Manifest) -> task.Loop:
    loop = member(manifest).loop
    assert loop is not None
    return loop


def source_error(manifest: Manifest, node: str) -> Error:
    end = task_of(manifest, "n0").sources[node].end
    assert end is not None
    assert end.error is not None
    return end.error


def failed_item(manifest: Manifest) -> Failure:
    end = task_of(manifest, "n0").sources["loop"].end
    assert end is not None
    return end.failed[0]


def without_documents(manifest: Manifest) -> Manifest:
    """The manifest less what is inside its encoded documents."""
    bare = copy.deepcopy(manifest)
    for template in bare["spec"]["templates"][1:]:
        template["container"]["env"][0]["value"] = ""
        for artifact in template.get("inputs", {}).get("artifacts", ()):
            if "raw" in artifact:
                artifact["raw"]["data"] = ""
    return bare


@cache
def find_changed(name: str) -> list[str]:
    """The texts that changed something else in the manifest, or did not arrive."""
    place = PLACES[name]
    usual = without_documents(emit_first(*place.put(HARMLESS)))
    changed = []
    for text in HOSTILE:
        manifest = emit_first(*place.put(text))
        if without_documents(manifest) != usual or place.find(manifest) != text or has_template(manifest):
            changed.append(text)
    return changed


def has_template(manifest: Manifest) -> bool:
    """Whether a document that is passed inline holds what Argo or the kubelet would expand."""
    raw = [
        artifact["raw"]["data"]
        for template in manifest["spec"]["templates"][1:]
        for artifact in template.get("inputs", {}).get("artifacts", ())
        if "raw" in artifact
    ]
    return any("{{" in data or "$" in data or not data.isascii() or "\x7f" in data for data in raw)


@pytest.mark.parametrize("name", PLACES)
def test_a_hostile_text_changes_nothing_but_itself_and_arrives_as_it_was_written(name: str) -> None:
    assert find_changed(name) == []


def in_pod(path: str, text: str) -> dict[str, Any]:
    """A `pod` with a text at one place."""
    key, _, rest = path.partition(".")
    if key.isdecimal():
        return [in_pod(rest, text)]  # type: ignore[return-value]
    if key == "KEY":
        return {text: "1"}
    return {key: in_pod(rest, text) if rest else text}


def text_in_pod(value: Any, path: str) -> Any:
    key, _, rest = path.partition(".")
    if key == "KEY":
        return next(iter(value))
    found = value[int(key) if key.isdecimal() else key]
    return text_in_pod(found, rest) if rest else found


POD_FIELDS = (
    "nodeSelector.KEY",
    "nodeSelector.zone",
    "tolerations.0.key",
    "tolerations.0.value",
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.0.topologyKey",
    "resources.requests.KEY",
    "resources.limits.memory",
    "priority",
    "queue",
    "runtimeClass",
)
IN_THE_MANIFEST = {
    "priority": lambda template: template["priorityClassName"],
    "queue": lambda template: template["metadata"]["labels"]["kueue.x-k8s.io/queue-name"],
    "runtimeClass": lambda template: documents.decode(template["podSpecPatch"])["runtimeClassName"],
}
"""Where a field of `pod` has another place or name; the others are found under their own."""


@pytest.mark.parametrize("field", POD_FIELDS)
def test_what_may_stand_in_pod_is_no_template_and_arrives_as_it_was_written(field: str) -> None:
    accepted = []
    for text in HOSTILE:
        try:
            pod = Pod.model_validate(filled(in_pod(field, text), field))
        except ValidationError:
            continue
        accepted.append(text)
        template = template_of(emit_first(*leg(pod=pod)), "n0")
        if field in IN_THE_MANIFEST:
            found = IN_THE_MANIFEST[field](template)
        elif field.startswith("resources"):
            asked = template["container"]["resources"]
            found = text if text in asked["requests"] or text == asked["limits"]["memory"] else None
        else:
            found = text_in_pod(template, field)
        assert found == text
    assert not [text for text in accepted if set(text) & set("{}$()`\\\n\"'")]


def filled(pod: dict[str, Any], field: str) -> dict[str, Any]:
    """What must stand beside a field for the whole to be valid."""
    if "topologyKey" in field:
        (term,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        term["labelSelector"] = {}
    return pod


def test_every_place_was_tried_with_more_than_two_hundred_texts() -> None:
    changed = sum(len(find_changed(name)) for name in PLACES)
    note = f"in {len(PLACES)} fields each, and in {len(POD_FIELDS)} of `pod` as far as these accept them"
    record("hostile_strings", len(HOSTILE), ">= 200", "texts", n=len(HOSTILE) * len(PLACES), note=note)
    record("hostile_strings_changed", changed, "== 0", "texts", n=len(HOSTILE) * len(PLACES), note=note)
    assert len(HOSTILE) >= 200
    assert changed == 0
