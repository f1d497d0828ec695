"""Small manifests that the cluster's own tests use: pods of the testbox, and Argo Workflows of it."""

from typing import Any


def build_pod(name: str, image: str, command: str, namespace: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "main", "image": image, "imagePullPolicy": "Never", "command": ["sh", "-c", command]}
    container |= spec.pop("container", {})
    defaults = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 1}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {**defaults, **spec, "containers": [container]},
    }


def build_workflow(name: str, image: str, templates: list[dict[str, Any]], namespace: str) -> dict[str, Any]:
    """A Workflow whose templates give `script` for a container of the testbox, or anything of Argo's own."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "entrypoint": "main",
            "serviceAccountName": "workflow",
            # for the whole pod: what Argo's init container fetches as root, another user could not read
            "securityContext": {"runAsNonRoot": True, "runAsUser": 65532, "fsGroup": 65532},
            "templates": [_build_template(template, image) for template in templates],
        },
    }


def has_ended(found: Any) -> bool:
    """Of a pod or a Workflow."""
    return found.get("status", {}).get("phase") in {"Succeeded", "Failed", "Error"}


def _build_template(template: dict[str, Any], image: str) -> dict[str, Any]:
    if "script" not in template:
        return template
    command = ["sh", "-c", template["script"]]
    container = {"image": image, "imagePullPolicy": "Never", "command": command}
    return {**{key: value for key, value in template.items() if key != "script"}, "container": container}
