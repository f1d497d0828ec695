"""When a node of the type may be repeated, and how long it may take (LANGUAGE §3.13)."""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.nodetype import NodeTypeSpec, Trait
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.sound import sound_schema
from headgate.errors import SPEC, Item, Problem, Severity
from headgate_lang import durations
from headgate_lang.near import did_you_mean
from headgate_lang.schema import check
from headgate_lang.text import compact

_WHEN = SPEC / "idempotentWhen"


def check_repeating(spec: NodeTypeSpec) -> Iterator[Problem]:
    if spec.timeout is not None and durations.parse(spec.timeout) <= 0:
        message, remedy = f"nothing can be done in {spec.timeout}", "write how long it may take: `30s`"
        yield Problem(SPEC / "timeout", ProblemReason.INVALID_VALUE, message, remedy)
    for name, values in spec.idempotent_when.items():
        yield from _condition(name, values, spec.params)
    if spec.idempotent_when and Trait.IDEMPOTENT in spec.traits:
        message = "the type is idempotent, whatever its parameters are"
        remedy = "take it out, or take the trait `Idempotent` out"
        yield Problem(_WHEN, ProblemReason.CONFLICTING_TRAITS, message, remedy, on_key=True)
    if spec.retry and spec.retry.limit and not spec.idempotent_when and Trait.IDEMPOTENT not in spec.traits:
        message = "a type that may not be repeated is to be retried: what it does can happen twice"
        remedy = "write the trait `Idempotent` or `idempotentWhen`, if it may be; or take `retry` out"
        yield Problem(SPEC / "retry", ProblemReason.NOT_IDEMPOTENT, message, remedy, Severity.WARNING, on_key=True)


def _condition(name: str, values: Any, params: Mapping[str, Any]) -> Iterator[Problem]:
    path = _WHEN / name
    if name not in params:
        remedy = did_you_mean(name, params) or f"the parameters are {', '.join(params) or 'none'}"
        yield Problem(path, ProblemReason.UNKNOWN_PARAMETER, f"there is no parameter `{name}`", remedy, on_key=True)
        return
    if not isinstance(values, list) or not values:
        remedy = f"write a list: `{name}: [{compact(values)}]`" if values else "write a list of values"
        message = "this is no list of values with which it is idempotent"
        yield Problem(path, ProblemReason.WRONG_TYPE, message, remedy)
        return
    schema = sound_schema(params[name])
    for index, value in enumerate(values):
        for violation in check(value, schema):
            message = f"`{name}` never has this value: it {violation.message}"
            yield Problem(path / Item(index), ProblemReason.INVALID_VALUE, message, violation.remedy or "take it out")
