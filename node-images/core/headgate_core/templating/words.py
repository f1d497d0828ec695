"""What stands behind a dot in a template, by the type of what is before it; all else is undefined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext, Macro

from headgate_core.templating.budget import Budget


@dataclass(frozen=True)
class Function:
    """The only thing that a template can call, beside its own macros and loops."""

    function: Callable[..., Any]


def _split(budget: Budget, text: str, separator: str | None = None, most: int = -1) -> list[str]:
    budget.take(len(text))
    return text.split(separator, most)


def _replace(budget: Budget, text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old) if count < 0 else min(text.count(old), count)
    budget.check_length(len(text) + found * max(len(new) - len(old), 0))
    return text.replace(old, new, count)


def _join(budget: Budget, text: str, parts: Any) -> str:
    parts = list(parts)
    budget.check_length(sum(map(len, parts)) + len(text) * len(parts))
    return text.join(parts)


def _plain(method: str) -> Callable[..., Any]:
    """A method that makes nothing larger than the text."""

    def call(budget: Budget, text: str, *args: Any) -> Any:
        budget.check_length(2 * len(text))
        return getattr(text, method)(*args)

    return call


_TEXT: Mapping[str, Callable[..., Any]] = {
    **{
        name: _plain(name)
        for name in (
            "upper lower title capitalize strip lstrip rstrip startswith endswith removeprefix removesuffix "
            "find count isdigit isalpha isalnum isupper islower isspace"
        ).split()
    },
    "split": _split,
    "replace": _replace,
    "join": _join,
}


def _listed(method: str) -> Callable[..., Any]:
    def call(budget: Budget, mapping: dict[str, Any]) -> list[Any]:
        budget.take(len(mapping))
        return list(getattr(mapping, method)())

    return call


def _get(budget: Budget, mapping: dict[str, Any], name: str, default: Any = None) -> Any:
    budget.take()
    return mapping.get(name, default)


_OBJECT: Mapping[str, Callable[..., Any]] = {name: _listed(name) for name in ("items", "keys", "values")} | {
    "get": _get
}
_LOOP_VALUES = frozenset("index index0 revindex revindex0 first last length depth depth0 previtem nextitem".split())
_LOOP_METHODS = frozenset(["cycle", "changed"])


def find_method(obj: Any, name: str, budget: Budget) -> Function | None:
    methods = _TEXT if isinstance(obj, str) else _OBJECT if isinstance(obj, dict) else {}
    method = methods.get(name)
    return None if method is None else Function(lambda *args: method(budget, obj, *args))


def find_in_loop(loop: LoopContext, name: str) -> Any:
    """A value of `loop`, or None."""
    if name in _LOOP_VALUES:
        return getattr(loop, name)
    return Function(getattr(loop, name)) if name in _LOOP_METHODS else None


def check_callable(obj: Any) -> None:
    if not isinstance(obj, Function | Macro | LoopContext):
        raise SecurityError("this cannot be called: only filters, macros, and methods of texts and objects can")
