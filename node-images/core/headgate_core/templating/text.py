"""Values as text in templates, by the rules that hold in expressions (LANGUAGE §3.7). See `environment`."""

from typing import Any

from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Undefined

from headgate_lang.text import text_of as text_in_expressions
from headgate_lang.values import ExpressionError


def text_of(value: Any) -> str:
    """Nothing is no text: `| default('')` says what stands in its place."""
    if isinstance(value, str):
        return value
    if isinstance(value, Undefined):
        return str(value)  # raises what it is
    if not isinstance(value, bool | int | float | list | tuple | dict | None):
        raise TemplateRuntimeError("this is no value that could be written: call it, or take a part of it")
    try:
        return text_in_expressions(list(value) if isinstance(value, tuple) else value)
    except ExpressionError as error:
        raise TemplateRuntimeError(f"{error.message}: write `| default('')` after it") from None
