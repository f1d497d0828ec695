"""Says all that it knows."""

import base64
import os
from typing import Annotated

from headgate_node import Context, Example, NodeError, Output, Params, Ref, Trait, node


class LeaksParams(Params):
    credential: Annotated[str, Ref("Credential")]
    model: Annotated[str, Ref("Model")] | None = None
    fails: bool = False


class LeaksOutput(Output):
    plain: str
    encoded: str
    nested: dict[str, list[str]]


@node(
    traits=(Trait.LIGHT,),
    examples=(
        Example(with_={"credential": "a"}, fails="CredentialMissing"),
        Example(with_={"credential": "a", "fails": True}, fails="CredentialMissing"),
    ),
)
async def run(params: LeaksParams, ctx: Context) -> LeaksOutput:
    held = ctx.credential(params.credential)
    key = ctx.model(params.model).key if params.model else ""
    secret = held.values["token"]
    ctx.log.info(secret, token=secret, deep={"list": [secret]}, key=key)
    ctx.stream(f"…{secret}…")
    ctx.progress(1, 2, secret)
    os.write(1, f"raw {secret}\n".encode())
    if params.fails:
        raise NodeError("Refused", f"the service refused {secret}")
    encoded = base64.b64encode(secret.encode()).decode()
    return LeaksOutput(plain=f"it is {secret}", encoded=encoded, nested={secret: [secret]})
