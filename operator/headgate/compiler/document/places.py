"""Where an error of pydantic is: as a path that people read, and as the shape that stands there."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from headgate.api.common import Shape
from headgate.compiler.document.bounds import name_of
from headgate.errors import Item, Path

Location = tuple[int | str, ...]


def reach(document: Mapping[str, Any], location: Location) -> tuple[Location, Path]:
    """Follow a location as far as the document goes: pydantic ends it in words of its own, where types are a choice or
    a key is meant. What is missing has a place, too: the first step beyond the document is kept.
    """
    path, steps = Path(), 0
    value: Any = document
    for step in location[:-1] if is_about_key(location) else location:
        if isinstance(value, Mapping) and isinstance(step, str):
            path, value = path / step, value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
            path /= Item(step, name_of(value))
        else:
            break
        steps += 1
    return location[:steps], path


def as_written(path: Path, renames: Mapping[Location, str]) -> Path:
    """The path in the document that somebody wrote, of a path in the one that was mended."""
    location: Location = ()
    steps: list[str | Item] = []
    for step in path.steps:
        location = (*location, step.index if isinstance(step, Item) else step)
        steps.append(renames.get(location, step))
    return Path(tuple(steps))


def order(document: Any, path: Path) -> tuple[int, ...]:
    """Where a path stands among others, as somebody wrote them."""
    places = []
    for step in path.steps:
        if isinstance(step, Item):
            place = step.index
            document = document[place] if isinstance(document, list) and place < len(document) else None
        else:
            keys = [str(key) for key in document] if isinstance(document, Mapping) else []
            place = keys.index(step) if step in keys else len(keys)
            document = document.get(step) if isinstance(document, Mapping) else None
        places.append(place)
    return tuple(places)


def is_about_key(location: Location) -> bool:
    """Whether the key of a map is wrong, and not its value."""
    return location[-1:] == ("[key]",)


def at(document: Any, location: Location) -> Any:
    """What the document holds at a location; None where it ends before."""
    for step in location:
        if isinstance(document, list) and isinstance(step, int):
            document = document[step]
        elif isinstance(document, Mapping):
            document = document.get(step)
        else:
            return None
    return document


def annotation_at(kind: type[Shape], location: Location) -> Any:
    """The type that the models give a location; None for what they leave open."""
    annotation: Any = kind
    for step in location:
        annotation = _child(annotation, step)
    return annotation


def shape_of(annotation: Any) -> type[Shape] | None:
    """The shape that is meant by a type, if it is one: `Retry | None` is `Retry`."""
    return next((option for option in _options(annotation) if _is_shape(option)), None)


def pattern_of(annotation: Any) -> str | None:
    """The pattern that a text must have, if its type gives one."""
    for part in _parts(annotation):
        pattern = getattr(part, "pattern", None)
        if isinstance(pattern, str):
            return pattern
    return None


def takes_text(annotation: Any) -> bool:
    """Whether text is one of the types that may stand here."""
    return any(part is str for part in _parts(annotation))


def field_names(shape: type[Shape]) -> list[str]:
    """Its fields, as people write them."""
    return [field.alias or name for name, field in shape.model_fields.items()]


def _child(annotation: Any, step: int | str) -> Any:
    for option in _options(annotation):
        if _is_shape(option):
            for name, field in option.model_fields.items():
                if (field.alias or name) == step:
                    return Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        elif get_origin(option) is dict:
            return get_args(option)[1]
        elif get_origin(option) is tuple:
            return get_args(option)[0]
    return None


def _options(annotation: Any) -> Iterator[Any]:
    """The types that a choice offers, without what is annotated to them."""
    for part in _parts(annotation):
        if get_origin(part) not in (Annotated, Union, UnionType):
            yield part


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    if get_origin(annotation) in (Annotated, Union, UnionType):
        for part in _arguments(annotation):
            yield from _parts(part)


def _arguments(annotation: Any) -> Sequence[Any]:
    if get_origin(annotation) is Annotated:
        return (annotation.__origin__, *annotation.__metadata__)
    return get_args(annotation)


def _is_shape(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, Shape)
