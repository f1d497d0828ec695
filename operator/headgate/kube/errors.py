"""What the API server can answer, and what can happen on the way, as errors that callers can tell apart.

Foreign exceptions end here: nobody above `kube` knows which HTTP library is used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_WAIT = 30.0
"""An API server that asks to come back later than this is asked sooner."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that the API server found wrong with an object."""

    field: str
    message: str
    reason: str = ""


class KubeError(Exception):
    """`doing` says what was asked (`patch runs/status docs/r1`), the text why it did not work."""

    def __init__(self, doing: str, message: str, *, code: int = 0, causes: tuple[Cause, ...] = ()) -> None:
        super().__init__(f"{doing}: {message}")
        self.doing = doing
        self.message = message
        self.code = code
        self.causes = causes


class PermanentError(KubeError):
    """Asking again the same way gives the same answer."""


class TransientError(KubeError):
    """May work later. `retry_after`: when the API server asks to come back, in seconds."""

    retry_after: float | None = None


class NotFoundError(PermanentError):
    pass


class AlreadyExistsError(PermanentError):
    pass


class ConflictError(PermanentError):
    """Somebody has written the object since it was read, or another one has its name: read it again."""


class GoneError(PermanentError):
    """The version that a watch or a list wants to go on from is forgotten: list again."""


class ForbiddenError(PermanentError):
    """Not allowed: by RBAC, or by an admission policy."""


class UnauthorizedError(PermanentError):
    pass


class InvalidError(PermanentError):
    """The object is not as the API server wants it: `causes` says where."""


class TooLargeError(PermanentError):
    pass


class NamespaceEndsError(PermanentError):
    """Nothing can be created in a namespace that is being deleted."""


class RefusedError(PermanentError):
    """Any other 4xx."""


class TooManyRequestsError(TransientError):
    pass


class UnavailableError(TransientError):
    """The API server answers 5xx, or not in time."""


class UnreachableError(TransientError):
    """No connection, or one that broke: unless it was never sent, nobody knows whether what was asked has happened."""

    def __init__(self, doing: str, message: str, *, never_sent: bool = False) -> None:
        super().__init__(doing, message)
        self.never_sent = never_sent


class MalformedAnswerError(TransientError):
    """What came back is no JSON object, or larger than anything that may be asked for."""


_BY_REASON: Mapping[str, type[KubeError]] = {
    "AlreadyExists": AlreadyExistsError,
    "Conflict": ConflictError,
    "Expired": GoneError,
    "Gone": GoneError,
    "Invalid": InvalidError,
    "NotFound": NotFoundError,
    "RequestEntityTooLarge": TooLargeError,
}
_BY_CODE: Mapping[int, type[KubeError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: UnavailableError,
    409: ConflictError,
    410: GoneError,
    413: TooLargeError,
    422: InvalidError,
    429: TooManyRequestsError,
}


def error_from(doing: str, code: int, status: Mapping[str, Any], retry_after: str | None = None) -> KubeError:
    """The error that an answer means. `status`: its body, if it was a Status."""
    details = status.get("details")
    details = details if isinstance(details, dict) else {}  # a proxy before the API server has its own idea of them
    causes = details.get("causes")
    causes = tuple(
        Cause(str(one.get("field", "")), str(one.get("message", "")), str(one.get("reason", "")))
        for one in (causes if isinstance(causes, list) else ())
        if isinstance(one, dict)
    )
    message = str(status.get("message") or f"the API server answers {code}")
    error = _kind_of(code, str(status.get("reason", "")), causes)(doing, message, code=code, causes=causes)
    if isinstance(error, TransientError):
        asked = str(retry_after or details.get("retryAfterSeconds", ""))
        error.retry_after = min(float(asked), LONGEST_WAIT) if asked.isdecimal() else None
    return error


def _kind_of(code: int, reason: str, causes: tuple[Cause, ...]) -> type[KubeError]:
    if any(cause.reason == "NamespaceTerminating" for cause in causes):
        return NamespaceEndsError
    if {cause.field for cause in causes} == {"metadata.uid"}:
        return ConflictError
    kind = _BY_REASON.get(reason) or _BY_CODE.get(code)
    if kind is not None:
        return kind
    return UnavailableError if code >= 500 else RefusedError
