"""Mend a document that has problems, so that the checks behind `parse` still find the others.

What is mended is told; nothing that is mended ever runs. A field under a wrong name gets the one that was meant, an
item without a name gets one, any other that is wrong is left out. Places in lists stay, so that paths do.
"""

from collections.abc import Iterable
from typing import Any

from pydantic_core import ErrorDetails

from headgate.api.common import Resource
from headgate.compiler.document.elsewhere import meant
from headgate.compiler.document.places import Location, annotation_at, at, reach, shape_of


def mend(document: dict[str, Any], errors: Iterable[ErrorDetails], kind: type[Resource]) -> dict[Location, str]:
    """Take each of these errors out of the document; answer which fields have another name there than was written."""
    renames = {}
    places = [(error, reach(document, error["loc"])[0]) for error in errors]
    for error, location in places:
        if error["type"] == "extra_forbidden":
            if name := _rename_or_drop(document, location, kind):
                renames[(*location[:-1], name)] = str(location[-1])
        elif error["type"] == "missing" and location[-1] == "name" and isinstance(location[-2], int):
            _name(document, location[:-1], f"unnamed_{location[-2]}")
        else:
            _drop(document, location[:-1] if error["type"] == "missing" else location)
    return renames


def _name(document: dict[str, Any], location: Location, name: str) -> None:
    item = at(document, location)
    if isinstance(item, dict):
        item["name"] = name


def _rename_or_drop(document: dict[str, Any], location: Location, kind: type[Resource]) -> str | None:
    holder, field = at(document, location[:-1]), str(location[-1])
    if not isinstance(holder, dict):
        return None
    value = holder.pop(field)
    shape = shape_of(annotation_at(kind, location[:-1]))
    name = meant(shape, field) if shape else None
    if name is None or name in holder:
        return None
    holder[name] = value
    return name


def _drop(document: dict[str, Any], location: Location) -> None:
    """Leave out the innermost field that holds the location: an item of a list takes its list along."""
    while location and isinstance(location[-1], int):
        location = location[:-1]
    if not location:
        document.clear()
        return
    holder = at(document, location[:-1])
    if isinstance(holder, dict):
        holder.pop(str(location[-1]), None)
