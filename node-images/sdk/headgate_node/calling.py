"""One call of a node: from a document to its parameters, from its output to a document, every failure a `NodeError`.

The runtime calls it for each attempt, `testing` in tests: what passes here passes there.
"""

import asyncio
import json
import sys
import traceback
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from headgate_lang import documents
from headgate_lang.reasons import Reason
from headgate_node.context import Context
from headgate_node.definition import NodeDefinition
from headgate_node.error import NodeError
from headgate_node.shapes import Output, Params, Whole

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from headgate_node.http.failure import HttpError

MOST_TOLD = 20


async def call(node: NodeDefinition[Any], given: Mapping[str, Any], ctx: Context) -> Any:
    """Run a node once, on a document. Raises NodeError, and CancelledError where it is ended from outside."""
    return await invoke(node, read_params(node, given), ctx)


async def invoke(node: NodeDefinition[Any], params: Params, ctx: Context) -> Any:
    """The same, on parameters that are read already."""
    try:
        return read_output(node, await node.function(params, ctx))
    except (NodeError, asyncio.CancelledError):
        raise
    except MemoryError as error:
        message = "the node asked for more memory than there is: give it more (`pod.resources`), or less to do"
        raise NodeError(Reason.OUT_OF_MEMORY, message) from error
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        if _is_of_http(error):
            reason = Reason.TIMEOUT if error.is_timeout else error.reason
            raise NodeError(reason, str(error)) from error
        ctx.log.error("the node crashed", traceback=traceback.format_exc())  # noqa: TRY400 - our own log
        raise NodeError("NodeCrashed", f"{type(error).__name__}: {error}"[:2000]) from error


def read_params(node: NodeDefinition[Any], given: Mapping[str, Any]) -> Params:
    """Check the parameters against the node's class. All that is wrong is told at once."""
    try:
        params: Params = node.params.model_validate(dict(given))
    except ValidationError as error:
        raise NodeError(Reason.INVALID_PARAMETERS, _told(error)) from None
    return params


def read_output(node: NodeDefinition[Any], output: Any) -> Any:
    """What a node gave, as the document that others will read: whoever is in the same pod reads no other."""
    if not isinstance(output, Output):
        message = f"`{node.name}` gave {type(output).__name__}, not its output: a fault of the node"
        raise NodeError(Reason.INVALID_OUTPUT, message)
    try:
        held = output.values if isinstance(output, Whole) else output.model_dump(by_alias=True, exclude_none=True)
        return documents.decode(json.dumps(held, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        message = f"`{node.name}` gave what no JSON document can hold, a fault of the node: {error}"
        raise NodeError(Reason.INVALID_OUTPUT, message) from None


def _is_of_http(error: BaseException) -> "TypeIs[HttpError]":
    """A pod whose nodes never asked for the client has not loaded it."""
    failure = sys.modules.get("headgate_node.http.failure")
    return failure is not None and isinstance(error, failure.HttpError)


def _told(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{_place(fault['loc'])}{_words(fault['type'], fault['msg'])}" for fault in faults[:MOST_TOLD]]
    more = [f"and {len(faults) - MOST_TOLD} more"] if len(faults) > MOST_TOLD else []
    return "; ".join([*told, *more])


def _place(location: Iterable[str | int]) -> str:
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in location).lstrip(".")
    return f"{path}: " if path else ""


def _words(kind: str, message: str) -> str:
    if kind == "extra_forbidden":
        return "is not known here: leave it out"
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
