"""Dataclasses as JSON and back, strictly: what is unknown, missing or of another type is refused, with its place.

Used by `task` alone, for what passes between the operator and pods. A pod may run anybody's code, so nothing that comes
out of one is trusted to have the shape that it should have.
"""

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum, Flag
from functools import cache, lru_cache
from itertools import compress
from operator import attrgetter, is_not
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


SHARED = {"shared": True}
"""Metadata of a field whose value many dataclasses have in common: it is encoded once."""


class MalformedError(ValueError):
    """A document that does not have its shape."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path or 'the document'}: {message}")
        self.path = path


def encode(value: Any) -> Any:
    """A dataclass as what JSON can hold. What equals its default is left out."""
    hint: Any = type(value)
    return _codec(hint).encode(value)


def decode(cls: type[T], value: Any) -> T:
    """The dataclass that a value stands for. Raises MalformedError."""
    hint: Any = cls
    decoded: T = _codec(hint).decode(value, "")
    return decoded


class _Codec(NamedTuple):
    encode: Callable[[Any], Any]
    decode: Callable[[Any, str], Any]


class _Field(NamedTuple):
    name: str
    key: str
    codec: _Codec
    default: Any
    """MISSING if there is none."""

    @property
    def is_required(self) -> bool:
        return self.default is dataclasses.MISSING


_NAMES: Mapping[type, str] = {str: "a string", int: "an integer", float: "a number", bool: "true or false"}


@cache
def _codec(hint: Any) -> _Codec:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return _Codec(_same, lambda value, path: value)
    if hint in _NAMES:
        return _Codec(_same, _scalar(hint))
    if origin in (types.UnionType, typing.Union):
        return _optional(_codec(arguments[0]))
    if origin is tuple:
        return _list(_codec(arguments[0]))
    if origin is Mapping:
        return _mapping(_codec(arguments[1]))
    if issubclass(hint, Flag):
        return _words(hint)
    if issubclass(hint, Enum):
        return _Codec(lambda member: member.value, lambda value, path: _member(hint, value, path))
    return _dataclass(hint)


def _same(value: Any) -> Any:
    return value


def _scalar(kind: type) -> Callable[[Any, str], Any]:
    allowed = (int, float) if kind is float else (kind,)

    def decode(value: Any, path: str) -> Any:
        if type(value) not in allowed:
            raise MalformedError(path, f"must be {_NAMES[kind]}")
        return value

    return decode


def _optional(inner: _Codec) -> _Codec:
    return _Codec(
        lambda value: None if value is None else inner.encode(value),
        lambda value, path: None if value is None else inner.decode(value, path),
    )


def _list(inner: _Codec) -> _Codec:
    def decode(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise MalformedError(path, "must be a list")
        return tuple(inner.decode(item, f"{path}[{index}]") for index, item in enumerate(value))

    return _Codec(lambda value: [inner.encode(item) for item in value], decode)


def _mapping(inner: _Codec) -> _Codec:
    def decode(value: Any, path: str) -> dict[str, Any]:
        return {key: inner.decode(item, f"{path}.{key}") for key, item in _object(value, path).items()}

    return _Codec(lambda value: {key: inner.encode(item) for key, item in value.items()}, decode)


def _words(flag: type[Flag]) -> _Codec:
    """A set of words, such as the outcomes that a need accepts."""
    by_word = {str(member.name).capitalize(): member for member in flag}

    def decode(value: Any, path: str) -> Flag:
        if not isinstance(value, list) or not value or any(word not in by_word for word in value):
            raise MalformedError(path, f"must be a list of some of {', '.join(by_word)}")
        found = by_word[value[0]]
        for word in value[1:]:
            found |= by_word[word]
        return found

    encoded = cache(lambda value: tuple(word for word, member in by_word.items() if member in value))
    return _Codec(encoded, decode)


def _member(enum: type[Enum], value: Any, path: str) -> Enum:
    try:
        return enum(value)
    except ValueError:
        raise MalformedError(path, f"must be one of {', '.join(str(member.value) for member in enum)}") from None


def _dataclass(cls: type) -> _Codec:
    hints = typing.get_type_hints(cls)
    fields = [_field(field, hints[field.name]) for field in dataclasses.fields(cls)]
    keys = {field.key for field in fields}
    defaults = [field.default for field in fields]
    values_of = attrgetter(*(field.name for field in fields))

    def encode(value: Any) -> dict[str, Any]:
        values = values_of(value)
        said = compress(zip(fields, values, strict=True), map(is_not, values, defaults))
        return {field.key: field.codec.encode(item) for field, item in said if item != field.default}

    def decode(value: Any, path: str) -> Any:
        given = _object(value, path)
        if unknown := sorted(given.keys() - keys):
            raise MalformedError(path, f"has no field {unknown[0]!r}")
        found = {}
        for field in fields:
            if field.key in given:
                found[field.name] = field.codec.decode(given[field.key], f"{path}.{field.key}" if path else field.key)
            elif field.is_required:
                raise MalformedError(path, f"lacks {field.key!r}")
        return cls(**found)

    return _Codec(encode, decode)


def _field(field: "dataclasses.Field[Any]", hint: Any) -> _Field:
    default = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    codec = _codec(hint)
    if SHARED.items() <= field.metadata.items():
        codec = codec._replace(encode=lru_cache(maxsize=4)(codec.encode))
    return _Field(field.name, _camel(field.name), codec, default)


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MalformedError(path, "must be an object")
    return value


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
