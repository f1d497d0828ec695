"""Writes to a channel of Slack.

The credential is the token of a bot (`xoxb-…`) with the scope `chat:write`, which was invited into the channel. It is
sent to slack.com, or to the `url` of the credential.
"""

from typing import Annotated

from pydantic import Field

from headgate_core.services import Service, open_account, post
from headgate_node import Context, Example, NodeError, Output, Params, Ref, Trait, node

SLACK = Service("Slack", "https://slack.com")
_REMEDIES = {
    "account_inactive": "the bot was removed: an admin installs it anew",
    "channel_not_found": "look for a slip in `channel`; in a private one, the bot must be invited",
    "invalid_auth": "an admin looks at the token in the credential",
    "is_archived": "write to another channel",
    "missing_scope": "an admin of Slack gives the bot the scope chat:write",
    "msg_too_long": "shorten `text`",
    "no_text": "write something in `text`",
    "not_authed": "an admin looks at the token in the credential",
    "not_in_channel": "invite the bot into the channel",
    "token_expired": "an admin puts a new token into the credential",
    "token_revoked": "an admin puts a new token into the credential",
}
_LATER = frozenset({"fatal_error", "internal_error", "rate_limited", "ratelimited", "service_unavailable"})


class SlackParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=("apiKey", "bearer"))]
    """The bot's token."""
    channel: Annotated[str, Field(min_length=1, max_length=200)]
    """Its name or its id."""
    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    """What to write, in Slack's own Markdown."""
    thread: Annotated[str, Field(max_length=100)] | None = None
    """The `id` of the message to answer."""


class SlackOutput(Output):
    id: str
    """Of the message: what `thread` takes."""
    channel: str
    """The channel's id."""


@node(
    traits=(Trait.LIGHT, Trait.INTERNET),
    timeout="30s",
    examples=(
        Example(
            with_={"credential": "slack", "channel": "docs", "text": "Published."},
            output={"id": "1763703060.000100", "channel": "C012AB3CD"},
            needs="network",
        ),
        Example(
            description="An answer in the thread of that message.",
            with_={"credential": "slack", "channel": "docs", "text": "And gone.", "thread": "1763703060.000100"},
            output={"id": "1763703071.000200", "channel": "C012AB3CD"},
            needs="network",
        ),
    ),
)
async def run(params: SlackParams, ctx: Context) -> SlackOutput:
    account = open_account(ctx, SLACK, params.credential)
    message = {"channel": params.channel, "text": params.text}
    if params.thread is not None:
        message["thread_ts"] = params.thread
    headers = {"authorization": f"Bearer {account.token}"}
    answer = await post(ctx, account, "/api/chat.postMessage", message, headers)
    if answer.get("ok") is not True:
        raise _build_error(str(answer.get("error", "it does not say why")), params.channel)
    return SlackOutput(id=str(answer.get("ts", "")), channel=str(answer.get("channel", params.channel)))


def _build_error(error: str, channel: str) -> NodeError:
    """Slack refuses with status 200, and says in a word why."""
    remedy = _REMEDIES.get(error)
    message = f"Slack takes no message for `{channel}`: {error[:200]}{f': {remedy}' if remedy else ''}"
    return NodeError(
        "HttpStatus" if error in _LATER else "ServiceRefused", message, status=503 if error in _LATER else None
    )
