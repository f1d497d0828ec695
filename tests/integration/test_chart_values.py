"""The chart as helm renders it: every value told, every setting of the operator given, every pod restricted."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from headgate.settings import VARIABLES
from support.chart import CHART, Manifest, find_helm, render, render_text

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)


def paths(schema: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in schema.get("properties", {}).items():
        yield f"{path}{name}", part
        yield from paths(part, f"{path}{name}.")


def given(values: dict[str, Any], path: str = "") -> Iterator[str]:
    described = {name for name, part in paths(SCHEMA) if "properties" in part} | {""}
    for name, value in values.items():
        yield f"{path}{name}"
        if isinstance(value, dict) and f"{path}{name}" in described:
            yield from given(value, f"{path}{name}.")


def test_every_value_has_a_default_and_says_what_it_is_for() -> None:
    told = dict(paths(SCHEMA))
    assert set(told) - {"global"} == set(given(VALUES))
    assert [path for path, part in told.items() if not part.get("description")] == []


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"replica": 2}, "replica"),
        ({"settings": {"runTimeout": "5 minutes"}}, "runTimeout"),
        ({"images": {"core": {"repository": "headgate/core", "digest": "latest"}}}, "digest"),
        ({"namespaces": ["Docs"]}, "namespaces"),
        ({"admission": {"operator": "o'reilly"}}, "operator"),
    ],
)
def test_a_value_that_cannot_be_is_refused(values: dict[str, Any], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        render("headgate", "headgate", values)


def test_the_operator_is_given_every_setting_that_it_reads() -> None:
    documents = render("headgate", "headgate", only=("settings", "deployment"))
    (settings,) = (one["data"] for one in documents if one["kind"] == "ConfigMap")
    (deployment,) = (one for one in documents if one["kind"] == "Deployment")
    environment = deployment["spec"]["template"]["spec"]["containers"][0]["env"]
    names = set(settings) | {one["name"] for one in environment}
    allocator = {"MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_"}  # of the C library, not of the operator
    assert names == allocator | {f"HEADGATE_{name}" for name in VARIABLES}
    for name, variable in VARIABLES.items():
        if f"HEADGATE_{name}" in settings:
            variable.read(settings[f"HEADGATE_{name}"])


def test_a_changed_setting_is_a_new_pod() -> None:
    def annotation(values: dict[str, Any]) -> str:
        (one,) = (it for it in render("headgate", "headgate", values, ("deployment",)) if it["kind"] == "Deployment")
        return str(one["spec"]["template"]["metadata"]["annotations"])

    assert annotation({}) == annotation({"replicas": 2})
    assert annotation({}) != annotation({"settings": {"maxItems": 10}})
    assert annotation({}) != annotation({"images": {"core": {"digest": f"sha256:{'1' * 64}"}}})


def test_node_types_name_the_images_that_the_values_name() -> None:
    there = {
        "images": {
            name: {"repository": f"r.example/{name}", "digest": f"sha256:{'1' * 64}"} for name in VALUES["images"]
        }
    }
    types = render("headgate", "headgate", there, ("nodetypes",))
    images = {one["spec"]["image"].split("/")[0] for one in types if "image" in one["spec"]}
    assert images == {"r.example"}
    assert {"approval.v1", "clarify.v1", "wait.v1", "http.v1"} <= {one["metadata"]["name"] for one in types}


def test_crds_come_by_helm_at_first_and_by_the_release_later() -> None:
    def crds(*flags: str, **values: Any) -> set[str]:
        documents = render("headgate", "headgate", values, flags=flags)
        found = (one for one in documents if one["kind"] == "CustomResourceDefinition")
        return {
            f"{one['metadata']['name']} {one['metadata'].get('annotations', {}).get('helm.sh/resource-policy')}"
            for one in found
        }

    names = {path.stem for path in (CHART / "crds").glob("*.yaml")}
    assert crds() == set()
    assert crds("--include-crds") == {f"{name}.headgate.dev None" for name in names}
    assert crds("--is-upgrade") == {f"{name}.headgate.dev keep" for name in names}
    assert crds("--is-upgrade", crds={"upgrade": False}) == set()


def test_whoever_reads_the_operators_role_finds_a_reason_for_each_verb() -> None:
    text = render_text("headgate", "headgate", only=("operator-rights",))
    verbs = re.findall(r"^  - ([a-z]+)(.*)$", text, re.MULTILINE)
    assert len(verbs) > 20
    assert [verb for verb, reason in verbs if not reason.startswith(" # ")] == []


def test_the_operator_may_not_change_policies_and_touches_no_pod() -> None:
    (role,) = (one for one in render("headgate", "headgate", only=("operator-rights",)) if one["kind"] == "ClusterRole")
    allowed = {(resource, verb) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}
    resources = {resource for resource, _ in allowed}
    assert not resources & {"pods", "*", "roles", "clusterroles", "nodes"}
    assert not {verb for _, verb in allowed} & {"*", "approve", "impersonate", "escalate", "bind"}
    assert {verb for resource, verb in allowed if "admissionpolic" in resource} == {"list", "watch"}
    assert ("secrets", "patch") not in allowed
    assert not {("approvalrequests", verb) for verb in ("patch", "update", "delete")} & allowed


def test_every_pod_is_one_that_restricted_namespaces_take(kubectl: Kubectl, namespace: str) -> None:
    kubectl("label", "namespace", namespace, "pod-security.kubernetes.io/enforce=restricted")
    for one in render("headgate", namespace, {"replicas": 2}):
        if one["kind"] == "Deployment":
            template = one["spec"]["template"]
            pod: Manifest = {"apiVersion": "v1", "kind": "Pod", **template}
            pod["metadata"] = {**template["metadata"], "name": "restricted"}
            pod["spec"]["serviceAccountName"] = "default"
            said = kubectl("create", "-n", namespace, "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
            assert "pod/restricted created" in said


def test_node_types_are_what_the_api_server_takes(kubectl: Kubectl, crds: None) -> None:
    types = render("headgate", "headgate", only=("nodetypes",))
    for one in types:
        one["metadata"] = {"name": f"dry-run-{one['metadata']['name']}"}
    text = "\n---\n".join(map(json.dumps, types))
    said = kubectl("create", "--dry-run=server", "-f", "-", stdin=text)
    assert said.count("created (server dry run)") == len(types)
