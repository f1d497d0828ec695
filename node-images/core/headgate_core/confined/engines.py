"""What a child is asked: each engine takes a job, a JSON object, and gives a JSON value or raises `FaultError`.

Loading an engine loads all that it will ever need: afterwards the child can open no file.
"""

# ruff: noqa: PLC0415 - a child loads the libraries of its own engine only

import itertools
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Engine = Callable[[Mapping[str, Any]], Any]

EXACT = 1 << 53
"""jq knows doubles only, beyond this it changes integers."""


class FaultError(Exception):
    """Why there is no answer, for the person who wrote the program."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


def load_jq() -> Engine:
    import jq  # type: ignore[import-not-found,unused-ignore]  # it has no stubs

    def run(job: Mapping[str, Any]) -> Any:
        if (huge := _inexact(job["data"], "data")) or (huge := _inexact(job["variables"], "variables")):
            raise FaultError("InexactNumber", f"{huge}, and jq would change it: pass it as a text, or write `jmespath`")
        try:
            program = jq.compile(job["program"], args=job["variables"])
        except ValueError as error:
            raise FaultError("InvalidProgram", f"jq does not understand it: {_said_by_jq(error)}") from None
        try:
            answers = list(itertools.islice(iter(program.input_text(json.dumps(job["data"]))), 2))
        except ValueError as error:
            raise FaultError("ProgramFailed", f"jq: {_said_by_jq(error)}") from None
        if len(answers) != 1:
            many = "no value" if not answers else "more than one value"
            raise FaultError("NotOneValue", f"the program gives {many}: write [ … ] around it, or first(…)")
        return _doubles(answers[0])

    return run


def _inexact(value: Any, at: str) -> str | None:
    """The first integer that a double cannot hold, and where it stands."""
    left = [(value, at)]
    while left:
        one, place = left.pop()
        if isinstance(one, dict):
            left += [(member, f"{place}.{key}") for key, member in one.items()]
        elif isinstance(one, list):
            left += [(item, f"{place}[{index}]") for index, item in enumerate(one)]
        elif type(one) is int and abs(one) > EXACT:
            return f"{place[:200]} is {str(one)[:40]}"
    return None


def _doubles(value: Any) -> Any:
    """jq prints large doubles as integers of many digits, which they never were."""
    if isinstance(value, list):
        return [_doubles(item) for item in value]
    if isinstance(value, dict):
        return {key: _doubles(member) for key, member in value.items()}
    return float(value) if type(value) is int and abs(value) > EXACT else value


def _said_by_jq(error: ValueError) -> str:
    lines = [line.strip() for line in str(error).splitlines()]
    text = " ".join(line for line in lines if line.strip("^~ ") and not re.fullmatch(r"jq: \d+ compile errors?", line))
    text = text.removeprefix("jq: error: ")
    return "there is no further input: it works on `data` alone" if text == "break" else text[:1000]


def load_jmespath() -> Engine:
    import jmespath  # type: ignore[import-untyped]  # it has no stubs
    from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]  # as above

    def run(job: Mapping[str, Any]) -> Any:
        try:
            program = jmespath.compile(job["program"])
        except JMESPathError as error:
            raise FaultError("InvalidProgram", f"JMESPath does not understand it: {_flat(error)}") from None
        try:
            return program.search(job["data"])
        except JMESPathError as error:
            raise FaultError("ProgramFailed", f"JMESPath: {_flat(error)}") from None
        except (ValueError, TypeError, ZeroDivisionError) as error:  # its functions pass on what Python says
            raise FaultError("ProgramFailed", f"JMESPath: {error}"[:1000]) from None

    return run


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())[:1000]


def load_schema() -> Engine:
    from headgate_core.confined.schemas import check

    return check


def load_condition() -> Engine:
    from headgate_core.confined.conditions import choose

    return choose


ENGINES: Mapping[str, Callable[[], Engine]] = {
    "condition": load_condition,
    "jmespath": load_jmespath,
    "jq": load_jq,
    "schema": load_schema,
}
