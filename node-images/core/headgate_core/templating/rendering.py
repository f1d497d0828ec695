"""From a template and its values to text, every failure with the line on which it is. Used by `template`."""

import re
import traceback
from collections.abc import Mapping
from types import TracebackType

from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError

from headgate_core.templating.budget import Budget
from headgate_core.templating.environment import Environment
from headgate_node import Json, NodeError


def render(source: str, values: Mapping[str, Json], *, escape_html: bool) -> str:
    environment = Environment(Budget(), escape_html=escape_html)
    try:
        template = environment.from_string(source)
    except TemplateSyntaxError as error:
        raise NodeError("InvalidTemplate", f"template: line {error.lineno}: {error.message}") from None
    except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError | MemoryError) else str(error)[:200]
        raise NodeError("InvalidTemplate", f"template: it cannot be read: {why}") from None
    try:
        return "".join(template.root_render_func(template.new_context(dict(values))))
    except UndefinedError as error:
        names = ", ".join(list(values)[:20]) or "none"
        remedy = f"write `| default('')` after it, or give it (given: {names})"
        raise _fail("UndefinedValue", error, f"{_undefined(str(error))}: {remedy}") from None
    except SecurityError as error:
        raise _fail("Forbidden", error, str(error)) from None
    except RecursionError:
        raise NodeError("TooExpensive", "template: a macro or a value goes too deep: make it flatter") from None
    except (TemplateRuntimeError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise _fail("TemplateFailed", error, str(error)[:300] or type(error).__name__) from None


def _fail(reason: str, error: Exception, message: str) -> NodeError:
    return NodeError(reason, f"template: {_place(error.__traceback__)}{message}")


def _place(trace: TracebackType | None) -> str:
    """The line of the template that ran last."""
    line = 0
    for frame, number in traceback.walk_tb(trace):
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(number)
    return f"line {line}: " if line else ""


_OBJECT = re.compile(r"'(?:[a-z0-9_]+\.)*([A-Za-z]+) object' has no attribute '(.*)'", re.DOTALL)
_KINDS = {"dict": "an object", "list": "a list", "str": "a text", "int": "a number", "float": "a number"}


def _undefined(message: str) -> str:
    """In the words of those who write templates."""
    found = _OBJECT.fullmatch(message)
    if found is None:
        return message.replace("'", "`")
    return f"{_KINDS.get(found[1], 'this')} has no `{found[2][:60]}`"
