"""What an answer that leads elsewhere makes of a request. Pure; `client` calls it and checks the new target anew."""

from collections.abc import Sequence
from dataclasses import replace

from headgate_node.http.failure import Failure, Reason
from headgate_node.http.request import Request
from headgate_node.http.target import join_target

FOLLOWED = frozenset({301, 302, 303, 307, 308})

_ANYBODY_MAY_SEE = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "user-agent"})
"""The headers that cross to another origin. Secrets hide under too many names to list those that must not."""


def decide_redirect(request: Request, status: int, locations: Sequence[bytes]) -> Request | Failure | None:
    """Build the next request; None if the answer is one to keep."""
    if status not in FOLLOWED or not locations:
        return None
    if len(set(locations)) > 1:
        return _refuse(f"{request.target.shown} leads to several places at once")
    try:
        target = join_target(request.target, locations[0].decode("utf-8"))
    except UnicodeDecodeError:
        return _refuse(f"{request.target.shown} leads to a place that is no text")
    if isinstance(target, Failure):
        return replace(target, message=f"{request.target.shown} leads elsewhere, and there: {target.message}")
    if request.target.scheme == "https" and target.scheme == "http":
        return _refuse(f"{request.target.shown} leads to {target.shown}, where everybody on the way can read along")
    following = replace(_change_method(request, status), target=target)
    if target.origin == request.target.origin:
        return following
    if following.is_secret and following.content:
        return _refuse(f"{request.target.shown} leads to {target.shown} with a body that holds a secret")
    headers = {name: value for name, value in following.headers.items() if name in _ANYBODY_MAY_SEE}
    return replace(following, headers=headers, credentials={})


def _change_method(request: Request, status: int) -> Request:
    """Turn into a GET what browsers turn into one: after 303 all but HEAD, after 301 and 302 a POST."""
    if request.method == "HEAD" or status in {307, 308} or (status != 303 and request.method != "POST"):
        return request
    headers = {name: value for name, value in request.headers.items() if not name.startswith("content-")}
    return replace(request, method="GET", headers=headers, content=b"")


def _refuse(message: str) -> Failure:
    return Failure(Reason.REDIRECT_REFUSED, message, "write the address that you mean, if it is a sound one")
