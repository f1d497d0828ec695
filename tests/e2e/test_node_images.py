"""The images as Argo starts them: a task goes in, the runtime runs it in a restricted pod, a report comes out."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from e2e.manifests import build_pod, has_ended
from headgate_lang.task import VARIABLE, VERSION, Http, Member, Model, Run, Task, encode

IMAGES = ("core", "code")
RUN = Run("images-1", "default", "00000000-0000-4000-8000-000000000000", "images", "0" * 12, "2026-11-21T05:30:00Z")
POD = {
    "securityContext": {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    },
    "automountServiceAccountToken": False,
}
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
TEXTS = {"type": "array", "items": {"type": "string"}}
SEES = """
import os
found = []
for path in ("/proc/1/environ", "/out/report", "/in", "/opt/headgate/lib"):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path).read()
    except OSError:
        continue
    found.append(path)
return {"names": sorted(os.environ), "files": found}
"""

RunTask = Callable[..., dict[str, Any]]
"""From an image, the members of a task and whatever else a task holds to what came of it."""


@pytest.fixture(scope="module")
def home(kubectl: Kubectl) -> Iterator[str]:
    """A namespace that takes restricted pods only."""
    name = f"images-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield name
    kubectl("delete", "namespace", name, "--wait=false", check=False)


@pytest.fixture(scope="module")
def run_task(kubectl: Kubectl, home: str, cluster_settings: Settings) -> RunTask:
    """Run a task in a pod of an image; give what is in its report, and the documents that it wrote."""
    images = build_images(read_settings(), names=list(IMAGES))
    import_images(images, cluster_settings.containerd_socket)
    references = {image.name: image.reference for image in images}

    def run(image: str, members: Sequence[Member], **more: Any) -> dict[str, Any]:
        documents = " ".join(member.document for member in members)
        show = f"cat report; for one in {documents}; do echo; cat $one 2> /dev/null; done"
        command = f"headgate-node headgate_{image} > /out/log; cd /out; {show}"
        task = encode(Task(version=VERSION, run=RUN, members=tuple(members), **more))
        name = f"{image}-{uuid.uuid4().hex[:6]}"
        container = {
            "securityContext": RESTRICTED,
            "env": [{"name": VARIABLE, "value": task}],
            "resources": {"limits": {"memory": "768Mi"}},
            "volumeMounts": [{"name": name, "mountPath": f"/{name}"} for name in ("tmp", "out")],
        }
        volumes: list[dict[str, Any]] = [{"name": name, "emptyDir": {}} for name in ("tmp", "out")]
        pod = build_pod(name, references[image], command, home, **POD, container=container, volumes=volumes)
        kubectl.apply(pod)
        kubectl.wait("pod", name, "-n", home, until=has_ended)
        report, *written = kubectl("logs", "-n", home, name).splitlines()
        return {"report": json.loads(report), "documents": [json.loads(one) for one in written if one]}

    return run


def test_the_code_image_runs_programs_of_both_languages_that_see_nothing_of_the_pod(run_task: RunTask) -> None:
    adds = {"source": "return {'sum': args['a'] + args['b']}", "args": {"a": 1, "b": 2}, "returns": {"sum": {}}}
    joins = {"language": "javascript", "source": "return {text: args.words.join(' ')}", "args": {"words": ["a", "b"]}}
    looks = {"source": SEES, "returns": {"names": TEXTS, "files": TEXTS}}
    found = run_task(
        "code",
        [
            Member("adds", "code.v1", "o0", 65_536, is_read=True, with_=adds),
            Member("joins", "code.v1", "o1", 65_536, is_read=True, with_={**joins, "returns": {"text": {}}}),
            Member("looks", "code.v1", "o2", 65_536, is_read=True, with_=looks),
        ],
    )
    added, joined, seen = found["documents"]
    assert (added, joined) == ({"sum": 3}, {"text": "a b"})
    assert seen["files"] == []
    assert set(seen["names"]) <= {"HOME", "LC_CTYPE", "TMPDIR"}


def test_the_core_image_has_what_its_callers_stand_on(run_task: RunTask) -> None:
    asks = {"model": "small", "prompt": "?"}
    says = {"credential": "mine", "channel": "docs", "text": "Published."}
    found = run_task(
        "core",
        [
            Member("reaches", "http.v1", "o0", 65_536, with_={"url": "http://169.254.169.254/"}, on_error="Continue"),
            Member("asks", "llm.v1", "o1", 65_536, with_=asks, on_error="Continue"),
            Member("says", "slack.v1", "o2", 65_536, with_=says, on_error="Continue"),
            Member(
                "opens", "pagerduty.v1", "o3", 65_536, with_={"credential": "mine", "summary": "x"}, on_error="Continue"
            ),
        ],
    )
    assert _read_reasons(found) == {
        "reaches": "AddressRefused",
        "asks": "ModelMissing",
        "says": "CredentialMissing",
        "opens": "CredentialMissing",
    }


@pytest.fixture(scope="module")
def neighbour(kubectl: Kubectl, home: str, testbox: str) -> str:
    """The address of a pod that serves HTTP: 404 to whoever asks for what it has not, 501 to whoever posts."""
    serve = "httpd -f -p 8080 -h /tmp"
    kubectl.apply(build_pod("neighbour", testbox, serve, home, **POD, container={"securityContext": RESTRICTED}))
    address: str = kubectl.wait("pod", "neighbour", "-n", home, until=_is_running)["status"]["podIP"]
    return address


@pytest.mark.parametrize(
    ("rules", "in_cluster", "reasons"),
    [
        ({}, True, {"reaches": "AddressRefused", "asks": "HttpStatus"}),
        ({}, False, {"reaches": "AddressRefused", "asks": "AddressRefused"}),
        ({"open_addresses": ("{pod}/32",)}, False, {"reaches": "", "asks": "HttpStatus"}),
        (
            {"open_addresses": ("{pod}/32",), "cluster_addresses": ("{pod}/32",)},
            True,
            {"reaches": "AddressRefused", "asks": "HttpStatus"},
        ),
        ({"open_addresses": ("{pod}/32",), "deny_hosts": ("{pod}",)}, True, {"reaches": "HostRefused"}),
    ],
)
def test_the_settings_of_a_namespace_open_and_close_and_a_model_of_the_platform_has_its_own_path(
    run_task: RunTask, neighbour: str, rules: Mapping[str, Any], in_cluster: bool, reasons: Mapping[str, str]
) -> None:
    place = f"http://{neighbour}:8080"
    members = [
        Member("reaches", "http.v1", "o0", 65_536, with_={"url": place, "accept": [404]}, on_error="Continue"),
        Member("asks", "llm.v1", "o1", 65_536, with_={"model": "small", "prompt": "?"}, on_error="Continue"),
    ]
    http: dict[str, Any] = {
        name: tuple(one.replace("{pod}", neighbour) for one in listed) for name, listed in rules.items()
    }
    models = {"small": Model(f"{place}/v1", "m", in_cluster=in_cluster)}
    found = _read_reasons(run_task("core", members, http=Http(**http), models=models))
    assert {name: found[name] for name in reasons} == reasons


def _read_reasons(found: Mapping[str, Any]) -> dict[str, str]:
    return {name: entry.get("reason", "") for name, entry in found["report"]["instances"].items()}


def _is_running(pod: Any) -> bool:
    return bool(pod.get("status", {}).get("phase") == "Running")
