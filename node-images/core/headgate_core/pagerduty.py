"""Opens an incident in PagerDuty.

By its Events API: the credential is the integration key of a service. An incident has one key, and what comes under
the same key is added to it while it is open; without a `key`, it is that of this step of the Run, so a repeated attempt
opens no second one.
"""

from typing import Annotated, Literal

from pydantic import Field

from headgate_core.services import Service, open_account, post
from headgate_node import Context, Example, Json, NodeError, Output, Params, Ref, Trait, node

PAGERDUTY = Service("PagerDuty", "https://events.pagerduty.com")


class PagerdutyParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=("apiKey",))]
    """The integration key."""
    summary: Annotated[str, Field(min_length=1, max_length=1024)]
    """What has happened, in one line."""
    severity: Literal["critical", "error", "warning", "info"] = "critical"
    """How bad it is."""
    details: Json | None = None
    """All that helps whoever is called."""
    key: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """One incident for each key."""


class PagerdutyOutput(Output):
    id: str
    """The key of the incident."""


@node(
    traits=(Trait.LIGHT, Trait.INTERNET, Trait.IDEMPOTENT),
    timeout="30s",
    examples=(
        Example(
            with_={"credential": "oncall", "summary": "The shop does not answer", "key": "shop"},
            output={"id": "shop"},
            needs="network",
        ),
        Example(
            with_={
                "credential": "oncall",
                "summary": "Error rate 0.07",
                "severity": "warning",
                "details": {"errorRate": 0.07},
            },
            output={"id": "5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11/page"},
            needs="network",
        ),
    ),
)
async def run(params: PagerdutyParams, ctx: Context) -> PagerdutyOutput:
    account = open_account(ctx, PAGERDUTY, params.credential)
    payload = {
        "summary": params.summary,
        "severity": params.severity,
        "source": f"{ctx.run.namespace}/{ctx.run.name}",
        "component": ctx.instance,
        "group": ctx.run.workflow,
        **({} if params.details is None else {"custom_details": params.details}),
    }
    key = params.key or ctx.idempotency_key
    event = {"routing_key": account.token, "event_action": "trigger", "dedup_key": key, "payload": payload}
    answer = await post(ctx, account, "/v2/enqueue", {**event, "client": "Headgate"})
    if answer.get("status") != "success":
        told = str(answer.get("message", "it does not say why"))
        raise NodeError("ServiceRefused", f"PagerDuty opens no incident: {told[:300]}: look at `summary` and `details`")
    return PagerdutyOutput(id=str(answer.get("dedup_key") or key))
