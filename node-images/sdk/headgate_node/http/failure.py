"""Why a request was not made, or has no answer: a value for what decides, an exception for what acts.

Every module of this package gives these; the runtime turns them into the error of the node.
"""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Stable words: workflows retry by them and people count by them."""

    # Refused before anything was sent
    INVALID_URL = "InvalidUrl"
    INVALID_REQUEST = "InvalidRequest"
    SCHEME_REFUSED = "SchemeRefused"
    HOST_REFUSED = "HostRefused"
    ADDRESS_REFUSED = "AddressRefused"
    INSECURE_REFUSED = "InsecureRefused"
    REDIRECT_REFUSED = "RedirectRefused"
    TOO_MANY_REDIRECTS = "TooManyRedirects"

    # No connection
    NAME_NOT_RESOLVED = "NameNotResolved"
    CONNECT_FAILED = "ConnectFailed"
    CONNECT_TIMEOUT = "ConnectTimeout"
    TLS_FAILED = "TlsFailed"
    TLS_TIMEOUT = "TlsTimeout"

    # No answer, or not the whole of one
    HEADER_TIMEOUT = "HeaderTimeout"
    READ_TIMEOUT = "ReadTimeout"
    TOTAL_TIMEOUT = "TotalTimeout"
    INVALID_RESPONSE = "InvalidResponse"
    INVALID_ENCODING = "InvalidEncoding"
    BODY_TOO_LARGE = "BodyTooLarge"


TIMEOUTS = frozenset(reason for reason in Reason if reason.endswith("Timeout"))


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in words for the author of a workflow, and what they can do about it."""

    reason: Reason
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}"


class HttpError(Exception):
    """A request that failed. The failure of the node has its reason and its text."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure

    @property
    def reason(self) -> Reason:
        return self.failure.reason

    @property
    def is_timeout(self) -> bool:
        """Whether it is one of the phases that took too long: to a workflow, all of them are a Timeout."""
        return self.reason in TIMEOUTS
