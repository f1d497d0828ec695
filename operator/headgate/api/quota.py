"""`Quota`: limits and budgets of a namespace, or of some people in it. Written by admins."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictInt

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Count,
    Definition,
    Resource,
    Shape,
    Time,
    UserName,
    by,
    condition,
)


class Budgeted(StrEnum):
    RUNS = "Runs"
    TOKENS = "Tokens"
    GPU_SECONDS = "GpuSeconds"


class Period(StrEnum):
    DAY = "Day"
    MONTH = "Month"


Amount = Annotated[StrictInt, Field(ge=0, le=2**53)]


class Budget(Shape):
    """How much may be used up in a time."""

    resource: Budgeted
    """What is counted."""
    per: Period
    """In what time, by UTC."""
    limit: Amount
    """How much."""


class Limits(Shape):
    """How much may be under way at a time."""

    runs: Count | None = None
    """Runs that have started and not ended."""
    nodes: Count | None = None
    """Pods of nodes."""


class QuotaSpec(Shape):
    """How much, for whom."""

    users: Annotated[tuple[UserName, ...], Field(max_length=64)] = ()
    """For whom; without users and groups, for the namespace as a whole."""
    groups: Annotated[tuple[UserName, ...], Field(max_length=64)] = ()
    """For whom; each member by himself."""
    limits: Limits | None = None
    """How much may be under way at a time."""
    budgets: Annotated[tuple[Budget, ...], Field(max_length=6, json_schema_extra=by("resource", "per"))] = ()
    """How much may be used up in a time."""


class Used(Shape):
    """What has been used up."""

    resource: Budgeted
    """What is counted."""
    per: Period
    """In what time."""
    amount: Amount
    """How much, of the namespace."""
    since: Time
    """When the count began."""


class QuotaStatus(Shape):
    """What has been used up so far."""

    used: Annotated[tuple[Used, ...], Field(max_length=6, json_schema_extra=by("resource", "per"))] = ()
    """What has been used up so far."""
    conditions: Conditions = ()
    """Available: whether something is left of every budget."""


class Quota(Resource):
    """Limits and budgets: runs, tokens, GPU seconds."""

    crd = Definition(
        plural="quotas",
        short_names=("hquota",),
        columns=(
            Column("Available", condition("Available")),
            Column("Runs", ".spec.limits.runs", type="integer"),
            AGE,
        ),
    )

    kind: Literal["Quota"]
    spec: QuotaSpec
    status: QuotaStatus | None = None
