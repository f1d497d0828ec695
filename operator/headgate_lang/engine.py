"""The one module that knows the engine, Google's `cel-expr-python`. Loaded late: it costs a tenth of a second.

Used by `cel` to evaluate, and by the compiler's static typing, which gives it the types of variables.
"""

# ruff: noqa: PLC0415 - a pod whose values are all literals and plain paths never loads the engine

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol


class Type(Protocol):
    def name(self) -> str: ...


class Value(Protocol):
    def type(self) -> Type: ...
    def value(self) -> Any: ...


class Program(Protocol):
    def eval(self, activation: object) -> Value: ...
    def serialize(self) -> bytes: ...
    def return_type(self) -> Type: ...


class Env(Protocol):
    def compile(self, expression: str, disable_check: bool = False) -> Program: ...
    def Activation(self, data: Mapping[str, Any]) -> object: ...  # noqa: N802 - the engine's own name


@cache
def untyped() -> Env:
    """Where expressions are evaluated: types are those of the values, and no messages are known."""
    from google.protobuf.descriptor_pool import DescriptorPool

    return typed(DescriptorPool(), {})


def typed(messages: object, variables: Mapping[str, str | None]) -> Env:
    """Where expressions are checked: each variable has the message type of that name, or (`None`) any."""
    from cel_expr_python import cel  # type: ignore[import-untyped]  # it ships stubs, but does not say so

    types = {name: cel.Type.DYN if message is None else cel.Type(message) for name, message in variables.items()}
    env: Env = cel.NewEnv(messages, variables=types, extensions=_libraries())
    return env


@cache
def _libraries() -> list[object]:
    from cel_expr_python.ext import (  # type: ignore[import-untyped]  # as above
        ext_encoders,
        ext_math,
        ext_optional,
        ext_strings,
    )

    return [ext_optional.ExtOptional(), ext_strings.ExtStrings(), ext_math.ExtMath(), ext_encoders.ExtEncoders()]
