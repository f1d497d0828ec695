"""What a pod gives: parameters of Argo, each with a default, since one that is missing would lose all that follow."""

from typing import Any

from headgate.compiler.emit.context import Context
from headgate.compiler.emit.files import store_key
from headgate.compiler.emit.wiring import Pod
from headgate_lang.task import ENDS, LARGE, OUT, REPORT


def go_file(position: int) -> str:
    return f"go-n{position}"


def build_outputs(pod: Pod, context: Context) -> dict[str, Any]:
    numbers = range(len(pod.parts))
    parameters = [_parameter(f"o{number}", "null") for number in numbers]
    if pod.tells:
        parameters.append(_parameter(ENDS, "null"))
    parameters += [_parameter(go_file(position), "false") for position in pod.go]
    parameters.append(_parameter(REPORT, ""))
    if context.platform.store_prefix is None:
        return {"parameters": parameters}
    return {"parameters": parameters, "artifacts": [_large(pod, number, context) for number in numbers]}


def _parameter(name: str, default: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"path": f"{OUT}/{name}", "default": default}}


def _large(pod: Pod, number: int, context: Context) -> dict[str, Any]:
    return {
        "name": f"o{number}",
        "path": f"{OUT}/{LARGE}/o{number}",
        "optional": True,
        "s3": {"key": store_key(context, pod.position, number)},
        "archive": {"none": {}},
    }
