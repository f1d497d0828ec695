"""What an action is about, for the log: the leg, the instances of nodes, the request, the child. `engine` asks."""

from collections.abc import Mapping
from typing import Any

from headgate.compiler.emit.identity import LEG
from headgate.kube.kinds import Object
from headgate.lifecycle import actions
from headgate.lifecycle.actions import Action
from headgate.lifecycle.children import NODE

_MOST = 20
"""Instances named in a line: a leg may hold thousands."""


def subject_of(run: Object, action: Action) -> Mapping[str, Any]:
    match action:
        case actions.CreateLeg():
            return {"leg": action.number, "instance": _named(action.nodes)}
        case actions.KeepOutputs():
            return {"leg": int(action.labels[LEG])}
        case actions.DeleteLeg() | actions.SuspendLeg() | actions.ResumeLeg() | actions.ShutDownLeg():
            legs = (run.get("status") or {}).get("legs") or ()
            return {"leg": next((one["number"] for one in legs if one.get("argo") == action.name), action.name)}
        case actions.CreateRequest():
            return {"request": action.name, "instance": action.manifest["spec"]["node"]}
        case actions.UpdateRequestStatus():
            return {"request": action.name}
        case actions.CreateChild():
            return {"child": action.name, "instance": action.manifest["metadata"]["labels"][NODE]}
        case actions.DeclareChildState():
            return {"child": action.name}
    return {}


def is_told(action: Action) -> bool:
    """Whether a line says that it was done: of what people would look for afterwards."""
    return not isinstance(action, actions.WriteStatus | actions.RecordEvent | actions.UpdateRequestStatus)


def _named(instances: tuple[str, ...]) -> str:
    more = f" and {len(instances) - _MOST} more" if len(instances) > _MOST else ""
    return f"{', '.join(instances[:_MOST])}{more}"
