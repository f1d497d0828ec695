"""The pod of a bundle, as a template of Argo."""

from typing import Any

from headgate.compiler.emit import security
from headgate.compiler.emit.context import Context, Platform
from headgate.compiler.emit.deadline import build_deadline
from headgate.compiler.emit.files import Files
from headgate.compiler.emit.folders import build_mounts, build_own_volumes
from headgate.compiler.emit.outputs import build_outputs
from headgate.compiler.emit.scheduling import build_queue_label, build_resources, build_scheduling
from headgate.compiler.emit.secrets import build_secret_patch
from headgate.compiler.emit.wiring import Pod
from headgate.compiler.graph import Node
from headgate.names import GROUP
from headgate_lang.task import IN, VARIABLE

NETWORK = f"{GROUP}/network"
"""The label by which network policies choose pods."""


def build_template(pod: Pod, task: str, files: Files, context: Context) -> dict[str, Any]:
    leader, platform = pod.leader, context.platform
    image, command = _program(leader, platform)
    return {
        "name": pod.name,
        "metadata": {"labels": {NETWORK: _network(leader), **build_queue_label(leader)}},
        **build_scheduling(leader),
        "activeDeadlineSeconds": str(build_deadline(pod)),
        **_build_inputs(files),
        "outputs": build_outputs(pod, context),
        **build_own_volumes(files),
        **build_secret_patch(pod, context),
        "container": {
            "image": image,
            "command": command,
            "env": [{"name": VARIABLE, "value": task}],
            "resources": build_resources(leader, platform),
            "securityContext": security.CONTAINER,
            "volumeMounts": build_mounts(pod, files),
        },
    }


def _build_inputs(files: Files) -> dict[str, Any]:
    artifacts = [*({"name": name, "path": f"{IN}/{name}"} for name in files.passed), *files.artifacts]
    return {"inputs": {"artifacts": artifacts}} if artifacts else {}


def _program(leader: Node | None, platform: Platform) -> tuple[str, list[str]]:
    """Always with a command: without one, Argo would ask a registry for the image's."""
    if leader is None or leader.type is None or leader.type.image is None:
        return platform.runtime_image, list(platform.runtime_command)
    return leader.type.image, list(leader.type.command)


def _network(leader: Node | None) -> str:
    return "internet" if leader and leader.reaches_out else "none"
