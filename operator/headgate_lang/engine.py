"""The one module that knows the engine, Google's `cel-expr-python`. Loaded late: it costs a tenth of a second.

Used by `cel` to evaluate, and by the compiler's static typing, which gives it the types of variables.
"""

# ruff: noqa: PLC0415 - a pod whose values are all literals and plain paths never loads the engine

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
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
    return _untyped(ALL)


def parsing(source: str) -> Env:
    """Where an expression is only read: the one for evaluation if it is there already, or one with what it can need."""
    return untyped() if untyped.cache_info().currsize else _untyped(libraries_in(source))


@cache
def _untyped(libraries: frozenset[str]) -> Env:
    from google.protobuf.descriptor_pool import DescriptorPool

    return typed(DescriptorPool(), {}, libraries)


def typed(messages: object, variables: Mapping[str, str | None], libraries: frozenset[str]) -> Env:
    """Where expressions are checked: each variable has the message type of that name, or (`None`) any."""
    from cel_expr_python import cel  # type: ignore[import-untyped]  # it ships stubs, but does not say so

    types = {name: cel.Type.DYN if message is None else cel.Type(message) for name, message in variables.items()}
    env: Env = cel.NewEnv(messages, variables=types, extensions=[_library(name) for name in sorted(libraries)])
    return env


_WORDS = {
    "encoders": re.compile(r"\bbase64\b"),
    "math": re.compile(r"\bmath\b"),
    "strings": re.compile(
        r"\b(charAt|format|indexOf|join|lastIndexOf|lowerAscii|quote|replace|reverse|split|substring|trim|upperAscii)\b"
    ),
}
"""Library → what nobody can use it without. `optional` is always there, since `?` is no word."""
ALL = frozenset({*_WORDS, "optional"})


def libraries_in(source: str) -> frozenset[str]:
    """Those that an expression can need. Each holds an engine of its own, of 3 MiB."""
    return frozenset({"optional", *(name for name, words in _WORDS.items() if words.search(source))})


@cache
def _library(name: str) -> object:
    module = import_module(f"cel_expr_python.ext.ext_{name}")
    library: object = getattr(module, f"Ext{name.capitalize()}")()
    return library
