"""Jinja's sandbox, turned from a list of what is forbidden into one of what is allowed. Made anew for each rendering.

A dot reaches the members of objects and the listed methods, and never an attribute of a Python object; so there is no
way from a value to its class. Jinja's own guards stand behind it.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import StrictUndefined, nodes, pass_context
from jinja2.exceptions import SecurityError, TemplateRuntimeError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from markupsafe import Markup

from headgate_core.templating.budget import Budget
from headgate_core.templating.filters import Group, build_filters, build_tests, join
from headgate_core.templating.rewriting import EACH, JOIN, WEIGH, WRITE, rewrite
from headgate_core.templating.text import text_of
from headgate_core.templating.words import Function, check_callable, find_in_loop, find_method

MAX_BITS = 1_024
"""Of an integer that is computed."""
MAX_REPEATED = 100_000


class Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self, budget: Budget, *, escape_html: bool) -> None:
        super().__init__(
            autoescape=escape_html,
            undefined=StrictUndefined,
            optimized=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=self._build_finalize(budget),
            cache_size=0,
        )
        self._budget = budget
        filters: Any = {**build_filters(budget), **self._build_marks()}
        tests: Any = build_tests(budget)
        self.filters, self.tests = filters, tests
        self.globals = {"range": Function(self._range), "namespace": Function(Namespace)}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return rewrite(super()._parse(source, name, filename), self)

    def getattr(self, obj: Any, attribute: str) -> Any:
        self._budget.take()
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()  # noqa: SLF001 - its attributes are Python's own
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        found: Any = None
        if isinstance(obj, LoopContext):
            found = find_in_loop(obj, attribute)
        elif isinstance(obj, Group) and attribute in ("grouper", "list"):
            found = getattr(obj, attribute)
        elif isinstance(obj, Namespace) and not attribute.startswith("_"):
            return getattr(obj, attribute, self.undefined(obj=obj, name=attribute))
        else:
            found = find_method(obj, attribute, self._budget)
        return self.undefined(obj=obj, name=attribute) if found is None else found

    def getitem(self, obj: Any, argument: Any) -> Any:
        self._budget.take()
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()  # noqa: SLF001
        if not isinstance(obj, dict | list | tuple | str):
            return self.undefined(obj=obj, name=argument)
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self._budget.take()
        if isinstance(obj, Undefined):
            obj._fail_with_undefined_error()  # noqa: SLF001
        check_callable(obj)
        if isinstance(obj, Function):
            self._budget.weigh(*args, *kwargs.values())
            return obj.function(*args, **kwargs)
        if isinstance(obj, LoopContext) and args:
            args = (self._each(args[0]), *args[1:])
        return context.call(obj, *args, **kwargs)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, Function)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        self._budget.take()
        for value in (left, right):
            if isinstance(value, Undefined):
                str(value)  # raises what it is
        if _is_number(left) and _is_number(right):
            _check_bits(operator, left, right)
            return self.binop_table[operator](left, right)
        if operator == "+" and isinstance(left, list) and isinstance(right, list):
            self._budget.take(len(left) + len(right))
            return left + right
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            self._budget.check_length(len(left) + len(right))
            return left + right
        if operator == "*" and isinstance(left, str) and isinstance(right, int):
            if len(left) * right > MAX_REPEATED:
                raise TemplateRuntimeError(f"`*` repeats a text up to {MAX_REPEATED:,} letters")
            return left * right
        raise TemplateRuntimeError(f"`{operator}` is for numbers (`~` puts texts together, `| format` writes numbers)")

    def _each(self, values: Any) -> Any:
        for value in values:
            self._budget.take()
            yield value

    def _range(self, *args: int) -> range:
        numbers = range(*args)
        self._budget.take(len(numbers))
        return numbers

    def _build_marks(self) -> dict[str, Callable[..., Any]]:
        """What `rewriting` puts into a template, under names that nobody can write."""
        budget = self._budget

        @pass_context
        def each(context: Context, values: Any) -> Any:
            return self._each(iter(values))

        @pass_context
        def weigh(context: Context, value: Any) -> Any:
            budget.weigh(value)
            return value

        @pass_context
        def write(context: Context, letters: int) -> str:
            budget.write(letters)
            return ""

        @pass_context
        def joined(context: Context, values: list[Any]) -> str:
            return join(budget, values)

        return {EACH: each, WEIGH: weigh, WRITE: write, JOIN: joined}

    def _build_finalize(self, budget: Budget) -> Callable[..., Any]:
        @pass_context
        def finalize(context: Context, value: Any) -> str:
            budget.weigh(value)
            text = value if isinstance(value, Markup) else text_of(value)
            budget.write(len(text))
            return text

        return finalize


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_bits(operator: str, left: Any, right: Any) -> None:
    """Before it is computed: a few letters can ask for a number that fills the memory."""
    sizes = [value.bit_length() if isinstance(value, int) else 64 for value in (left, right)]
    bits = sizes[0] * abs(right) if operator == "**" and isinstance(right, int) else sum(sizes)
    if bits > MAX_BITS:
        raise SecurityError(f"`{operator}` would give a number of more than {MAX_BITS:,} bits")
