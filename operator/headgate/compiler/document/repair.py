"""Mend a document that has problems, so that the checks behind `parse` still find the others.

What is mended is told; nothing that is mended ever runs. A field under a wrong name gets the one that was meant, what
an item or a loop cannot be without gets a stand-in, any other that is wrong is left out. Places in lists stay, so that
paths do.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import ErrorDetails

from headgate.api.approvalpolicy import ApprovalPolicySpec, Stage
from headgate.api.common import Resource, Shape
from headgate.api.nodetype import NodeTypeSpec
from headgate.api.workflow import ForEach, Node, Workflow
from headgate.compiler.document.elsewhere import meant
from headgate.compiler.document.places import Location, annotation_at, at, reach, shape_of

_STAND_INS: Mapping[type[Shape], Mapping[str, Any]] = {
    ApprovalPolicySpec: {"stages": [{"name": "unnamed", "users": ["somebody"]}]},
    ForEach: {"in": []},
    Node: {"use": "unsaid"},
    NodeTypeSpec: {
        "description": "unsaid",
        "image": f"unsaid@sha256:{'0' * 64}",
        "command": ["unsaid"],
        "gate": None,
    },
    Stage: {"users": ["somebody"]},
}
"""What these cannot be without, and what stands there meanwhile: without the node, whoever reads it would be blamed.
None: nothing stands there."""

UNSAID = ""
"""The `use` of a node that does not say any. No document can have it."""


@dataclass
class Mended:
    """What was done to a document, over all rounds."""

    renames: dict[Location, str] = field(default_factory=dict)
    """Fields that have another name now than was written."""
    unsaid: set[Location] = field(default_factory=set)
    """Nodes whose `use` is a stand-in."""


def mend(document: dict[str, Any], errors: Iterable[ErrorDetails], kind: type[Resource], mended: Mended) -> None:
    """Take each of these errors out of the document."""
    places = [(error, reach(document, error["loc"])[0]) for error in errors]
    for error, location in places:
        if error["type"] == "extra_forbidden":
            if name := _rename_or_drop(document, location, kind):
                mended.renames[(*location[:-1], name)] = str(location[-1])
        elif error["type"] == "missing":
            _fill(document, location, kind, mended)
        else:
            _leave_out(document, location, kind, mended)


def unsay(model: Resource, nodes: set[Location]) -> Resource:
    """Take the stand-ins for `use` out of a model again, which passed validation with them."""
    if not nodes or not isinstance(model, Workflow):
        return model
    lists = {"nodes": model.spec.nodes, "finally": model.spec.finally_}
    said = {
        name: tuple(
            node.model_copy(update={"use": UNSAID}) if ("spec", name, index) in nodes else node
            for index, node in enumerate(written)
        )
        for name, written in lists.items()
    }
    spec = model.spec.model_copy(update={"nodes": said["nodes"], "finally_": said["finally"]})
    return model.model_copy(update={"spec": spec})


def _rename_or_drop(document: dict[str, Any], location: Location, kind: type[Resource]) -> str | None:
    holder, name = at(document, location[:-1]), str(location[-1])
    if not isinstance(holder, dict):
        return None
    value = holder.pop(name)
    shape = shape_of(annotation_at(kind, location[:-1]))
    right = meant(shape, name) if shape else None
    if right is None or right in holder:
        return None
    holder[right] = value
    return right


def _fill(document: dict[str, Any], location: Location, kind: type[Resource], mended: Mended) -> None:
    """Give a field that is missing a stand-in, or leave out what misses it."""
    around, name = location[:-1], str(location[-1])
    holder = at(document, around)
    if not isinstance(holder, dict):
        return  # left out meanwhile, with what is around it
    if name == "name" and around and isinstance(around[-1], int):
        holder[name] = f"unnamed_{around[-1]}"
    elif not _stand_in(document, location, kind, mended):
        _leave_out(document, around, kind, mended)


def _leave_out(document: dict[str, Any], location: Location, kind: type[Resource], mended: Mended) -> None:
    """Leave out the innermost field that holds the location: an item of a list takes its list along, unless something
    can stand in for it, or for what it lacks."""
    stand_ins = _stand_ins(location, kind)
    around = at(document, location[:-1])
    if location and stand_ins and isinstance(around, dict | list):
        held, place = at(document, location), location[-1]
        named = {"name": f"unnamed_{place}"} if isinstance(place, int) else {}
        whole = {**named, **(held if isinstance(held, dict) else {}), **stand_ins}
        around[place] = {name: value for name, value in whole.items() if value is not None}  # type: ignore[index]  # a place in either
        if "use" in stand_ins:
            mended.unsaid.add(location)
        return
    while location and isinstance(location[-1], int):
        location = location[:-1]
    if not location:
        document.clear()
    elif not _stand_in(document, location, kind, mended):
        holder = at(document, location[:-1])
        if isinstance(holder, dict):
            holder.pop(str(location[-1]), None)


def _stand_in(document: dict[str, Any], location: Location, kind: type[Resource], mended: Mended) -> bool:
    """Whether something could be put into the place of one field."""
    around, name = location[:-1], str(location[-1])
    value = _stand_ins(around, kind).get(name)
    holder = at(document, around)
    if value is None or not isinstance(holder, dict):
        return False
    holder[name] = value
    if name == "use":
        mended.unsaid.add(around)
    return True


def _stand_ins(location: Location, kind: type[Resource]) -> Mapping[str, Any]:
    """For the fields that what stands here cannot be without."""
    shape = shape_of(annotation_at(kind, location))
    if shape is not None and issubclass(shape, Resource):
        return {"metadata": {}}
    return deepcopy(_STAND_INS.get(shape, {})) if shape else {}
