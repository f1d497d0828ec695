"""Answers an address by its last word."""

from typing import Any

from headgate_node import Context, Example, NodeError, Output, Params, node

RATES = {"critical": 0.1, "warning": 0.02, "unpageable": 0.9}


class Asked(Params, extra="allow"):
    url: str


class Answer(Output, extra="allow"):
    status: int
    body: Any = None
    ms: int = 5


@node(traits=(), examples=(Example(with_={"url": "https://a.example/b"}, output={"status": 200}),))
async def run(params: Asked, ctx: Context) -> Answer:
    last = params.url.rpartition("/")[2].partition("?")[0]
    if "broken" in params.url:
        raise NodeError("HttpStatus", f"{params.url} answered 500", status=500)
    if "customers?" in params.url:
        return Answer(status=200, body={"ids": [f"c{i}" for i in range(20)]})
    if params.url.startswith("https://crm.") and last == "c3":
        raise NodeError("HttpStatus", f"{params.url} answered 404", status=404)
    sent = (params.model_extra or {}).get("json")
    body = {"errorRate": RATES.get(last, 0.0), "url": f"{params.url}/1", "sent": sent, "parcel": "p1"}
    return Answer(status=200, body=body)
