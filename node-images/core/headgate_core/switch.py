"""Tells which of its cases is the first that is true.

Others read `${level.case}` in their `when`. Without a `default`, the node fails with `NoCaseMatches` if none is true.
"""

from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Case(Params):
    name: Name
    """What the node says if this case is the first that is true."""
    when: bool
    """The condition, mostly computed: `${probe.ms > 2000}`."""


class SwitchParams(Params):
    cases: Annotated[list[Case], Field(min_length=1, max_length=100)]
    """Tried in the order in which they are written."""
    default: Name | None = None
    """What it is if none is true; without it the node fails then."""


class SwitchOutput(Output):
    case: str
    """The name of the case."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "cases": [{"name": "critical", "when": False}, {"name": "warning", "when": True}],
                "default": "fine",
            },
            output={"case": "warning"},
        ),
        Example(with_={"cases": [{"name": "critical", "when": False}], "default": "fine"}, output={"case": "fine"}),
        Example(with_={"cases": [{"name": "critical", "when": False}]}, fails="NoCaseMatches"),
    ),
)
async def run(params: SwitchParams, ctx: Context) -> SwitchOutput:
    for case in params.cases:
        if case.when:
            return SwitchOutput(case=case.name)
    if params.default is None:
        names = ", ".join(case.name for case in params.cases)
        raise NodeError("NoCaseMatches", f"none of the cases is true ({names}): write a `default`")
    return SwitchOutput(case=params.default)
