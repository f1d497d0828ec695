"""The filters and tests of templates: those of Jinja that need nothing but their value, and end. See `environment`.

Left out on purpose: what chooses by chance (`random`), what reaches into objects (`attr`), what has no bound or is no
HTML that one could trust (`striptags`, `urlize`, `xmlattr`, `pprint`).
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import filters as jinja
from jinja2 import pass_context
from jinja2.exceptions import FilterArgumentError
from jinja2.runtime import Context, Undefined
from jinja2.tests import TESTS as JINJA_TESTS
from markupsafe import Markup, escape

from headgate_core.templating.budget import Budget
from headgate_core.templating.text import text_of

MAX_NUMBER = 10_000
"""That a filter takes beside its value: a width, a size, a length."""

_DIGITS = re.compile(r"[0-9]+")
_FORMAT = re.compile(r"%(?:%|\((?:[^)]*)\)[^%a-zA-Z]*[a-zA-Z]|[^%a-zA-Z]*[a-zA-Z])")
_ALLOWED_FORMAT = re.compile(r"%(?:%|(?:\([^)]*\))?[-+ 0#]{0,5}[0-9]{0,3}(?:\.[0-9]{1,3})?[sdifFeEgGxXo])")

_ARE_JINJAS = (
    "abs batch capitalize center dictsort filesizeformat first float groupby int items last length lower map max min "
    "reject rejectattr reverse round select selectattr slice sort title trim truncate unique upper urlencode wordcount"
).split()
_ALIASES = {"count": "length"}
_SIZED = frozenset("batch center indent round slice truncate wordwrap".split())
"""Those that make something as large as a number says."""
Group: type[Any] = jinja._GroupTuple  # noqa: SLF001 - what `groupby` gives has no other name
_TESTS = (
    "boolean defined undefined divisibleby eq equalto even false float ge gt greaterthan in integer iterable le "
    "lessthan lower lt mapping ne none number odd sequence string true upper == != > >= < <="
).split()


def build_filters(budget: Budget) -> dict[str, Callable[..., Any]]:
    own: Mapping[str, Callable[..., Any]] = {
        "default": _default,
        "d": _default,
        "escape": lambda value: escape(text_of(value)),
        "e": lambda value: escape(text_of(value)),
        "safe": lambda value: Markup(text_of(value)),  # noqa: S704 - whoever writes it says so
        "string": text_of,
        "list": _list,
        "sum": _sum,
        "format": lambda value, *args, **kwargs: _format(budget, text_of(value), args, kwargs),
        "tojson": lambda value, indent=0: _tojson(budget, value, indent),
        "indent": lambda value, width=4, first=False, blank=False: _indent(budget, value, width, first, blank),
        "join": lambda value, between="": join(budget, _list(value), between),
        "replace": lambda value, old, new: _replace(budget, text_of(value), text_of(old), text_of(new)),
        "wordwrap": _wordwrap,
    }
    theirs = {name: _without_their_first(jinja.FILTERS[name]) for name in _ARE_JINJAS}
    theirs |= {name: theirs[other] for name, other in _ALIASES.items()}
    theirs |= {name: _without_context(function) for name, function in own.items()}
    return {name: _guarded(function, budget, sized=name in _SIZED) for name, function in theirs.items()}


def build_tests(budget: Budget) -> dict[str, Callable[..., Any]]:
    def guarded(test: Any) -> Callable[..., Any]:
        @pass_context
        def check(context: Context, value: Any, /, *args: Any) -> Any:
            budget.weigh(value, *args)
            return test(value, *args)

        return check

    return {name: guarded(JINJA_TESTS[name]) for name in _TESTS}


def join(budget: Budget, values: list[Any], between: Any = "") -> str:
    """Texts side by side. Where one of them is markup already, the others are escaped."""
    parts = [value if isinstance(value, Markup) else text_of(value) for value in values]
    divider = between if isinstance(between, Markup) else text_of(between)
    budget.check_length(sum(map(len, parts)) + len(divider) * len(parts))
    if isinstance(divider, Markup) or any(isinstance(part, Markup) for part in parts):
        return escape(divider).join(parts)
    return divider.join(parts)


def _guarded(function: Callable[..., Any], budget: Budget, *, sized: bool) -> Callable[..., Any]:
    """Every value that goes in and out is counted; what comes piece by piece is taken whole."""

    @pass_context
    def call(context: Context, value: Any, /, *args: Any, **kwargs: Any) -> Any:
        budget.weigh(value, *args, *kwargs.values())
        for number in (*args, *kwargs.values()) if sized else ():
            if isinstance(number, int) and abs(number) > MAX_NUMBER:
                raise FilterArgumentError(f"a filter takes numbers up to {MAX_NUMBER:,} here")
        result = function(context, value, *args, **kwargs)
        if isinstance(result, Iterator):
            result = list(_counted(result, budget))
        budget.weigh(result)
        return result

    return call


def _counted(values: Iterator[Any], budget: Budget) -> Iterator[Any]:
    for value in values:
        budget.take()
        yield value


def _without_their_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Some of Jinja's filters want their context, environment or settings first, and say so in a mark."""
    wanted = getattr(function, "jinja_pass_arg", None)
    kind = wanted.name if wanted is not None else ""

    def call(context: Context, /, *args: Any, **kwargs: Any) -> Any:
        match kind:
            case "context":
                return function(context, *args, **kwargs)
            case "environment":
                return function(context.environment, *args, **kwargs)
            case "eval_context":
                return function(context.eval_ctx, *args, **kwargs)
        return function(*args, **kwargs)

    return call


def _without_context(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(_: Context, /, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return call


def _default(value: Any, default: Any = "", also_false: bool = False) -> Any:
    """There is one nothing: what is null is as absent."""
    return default if value is None or isinstance(value, Undefined) or (also_false and not value) else value


def _list(value: Any) -> list[Any]:
    return list(value)


def _sum(value: Any, attribute: str | None = None, start: float = 0) -> Any:
    numbers = [one[attribute] if attribute is not None else one for one in value]
    if not all(isinstance(one, int | float) for one in (*numbers, start)):
        raise FilterArgumentError("`sum` adds numbers, and one of these is none")
    return sum(numbers, start)


def _format(budget: Budget, pattern: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    length = len(pattern)
    for found in _FORMAT.findall(pattern):
        if not _ALLOWED_FORMAT.fullmatch(found):
            raise FilterArgumentError(f"`format` does not know {found[:20]!r}: write such as %s, %d, %.2f or %(name)s")
        length += sum(map(int, _DIGITS.findall(found.rpartition(")")[2])))
    given = [one if isinstance(one, int | float) else text_of(one) for one in (*args, *kwargs.values())]
    budget.check_length(length + sum(len(one) for one in given if isinstance(one, str)) * (pattern.count("%") or 1))
    return pattern % (dict(zip(kwargs, given, strict=True)) if kwargs else tuple(given))


def _tojson(budget: Budget, value: Any, indent: int) -> Markup:
    """JSON that is safe inside of HTML, too."""
    if not 0 <= indent <= 4:
        raise FilterArgumentError("`tojson` takes 0 to 4 blanks a level")
    for _ in range(indent * 4):  # its blanks may come to far more than its letters
        budget.weigh(value)
    text = json.dumps(value, sort_keys=True, indent=indent or None, allow_nan=False, ensure_ascii=False)
    for letter in "<>&'":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)  # noqa: S704 - it has none of the letters that mean something


def _indent(budget: Budget, value: Any, width: Any, first: bool, blank: bool) -> str:
    text = value if isinstance(value, Markup) else text_of(value)
    before = width if isinstance(width, str) else " " * width
    budget.check_length(len(text) + len(before) * (text.count("\n") + 1))
    return jinja.do_indent(text, width, first, blank)


def _replace(budget: Budget, text: str, old: str, new: str) -> str:
    budget.check_length(len(text) + text.count(old) * max(len(new) - len(old), 0))
    return text.replace(old, new)


def _wordwrap(value: Any, width: int = 79, break_long_words: bool = True) -> str:
    if width < 1:
        raise FilterArgumentError("`wordwrap` takes a width of 1 or more")
    import textwrap  # noqa: PLC0415 - few templates need it

    lines = text_of(value).splitlines()
    return "\n".join(
        "\n".join(
            textwrap.wrap(line, width, expand_tabs=False, replace_whitespace=False, break_long_words=break_long_words)
        )
        for line in lines
    )
