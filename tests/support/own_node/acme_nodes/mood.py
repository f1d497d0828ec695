"""Tells the mood of a text, and seals what it says.

The seal is an HMAC-SHA256 of the mood under the `key` of the credential.
"""

import hashlib
import hmac
from typing import Annotated, Literal

from pydantic import Field

from headgate_node import Context, Example, Output, Params, Ref, Trait, node

GOOD, BAD = ("love", "great", "good"), ("hate", "broke", "bad")


class MoodParams(Params):
    text: Annotated[str, Field(max_length=20_000)]
    """What to read."""
    credential: Annotated[str, Ref("Credential", accepts=("apiKey",))]
    """Whose key seals it."""


class MoodOutput(Output):
    mood: Literal["good", "neutral", "bad"]
    """Of the text."""
    seal: str
    """Of the mood, in hexadecimal."""


@node(
    traits=(Trait.IDEMPOTENT,),
    timeout="30s",
    examples=(
        Example(
            with_={"text": "I love it", "credential": "sealing"},
            output={"mood": "good", "seal": "4a0b3c0b"},
            needs="credential",
        ),
    ),
)
async def run(params: MoodParams, ctx: Context) -> MoodOutput:
    words = params.text.lower().split()
    balance = sum(word in GOOD for word in words) - sum(word in BAD for word in words)
    mood: Literal["good", "neutral", "bad"] = "good" if balance > 0 else "bad" if balance < 0 else "neutral"
    key = ctx.credential(params.credential).values["key"]
    ctx.log.info("sealed", mood=mood)
    return MoodOutput(mood=mood, seal=hmac.new(key.encode(), mood.encode(), hashlib.sha256).hexdigest())
