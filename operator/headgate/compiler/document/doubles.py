"""Items of one list that only differ in what must not be told apart: the API server would refuse them one by one.

Those of a Workflow (its nodes) are for `build`, which also sees the two lists together.
"""

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from headgate.api.common import Shape
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.document.bounds import name_of
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Item, Path, Problem


def doubled_items(shape: Shape, path: Path) -> Iterator[Problem]:
    """Every item below a shape that is there twice."""
    if isinstance(shape, WorkflowSpec):
        return
    for name, field in type(shape).model_fields.items():
        value, place = getattr(shape, name), path / (field.alias or name)
        if isinstance(value, Shape):
            yield from doubled_items(value, place)
        elif isinstance(value, tuple):
            yield from _in_list(value, field, place)


def _in_list(items: tuple[Any, ...], field: FieldInfo, path: Path) -> Iterator[Problem]:
    seen = set()
    for index, item in enumerate(items):
        place = path / Item(index, name_of(item.model_dump()) if isinstance(item, Shape) else None)
        key = _key(item, field)
        if key is not None and key in seen:
            told = ", ".join(f"`{part}`" for part in key)
            yield Problem(place, ProblemReason.DUPLICATE_NAME, f"{told} is in this list twice", "take one of them out")
        seen.add(key)
        if isinstance(item, Shape):
            yield from doubled_items(item, place)


def _key(item: Any, field: FieldInfo) -> tuple[str, ...] | None:
    """What tells an item apart from the others of its list, if that matters."""
    marks = field.json_schema_extra
    if not isinstance(marks, dict):
        return None
    match marks.get("x-kubernetes-list-type"), marks.get("x-kubernetes-list-map-keys"):
        case "set", _:
            return (str(item),)
        case "map", list(keys):
            return tuple(str(getattr(item, str(key))) for key in keys)
    return None
