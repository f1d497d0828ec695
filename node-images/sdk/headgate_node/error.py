"""The failure of a node that people can act on. Raised by nodes; the runtime makes it the error of the instance."""

import re

_REASON = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")


class NodeError(Exception):
    """`NodeError("HttpStatus", "https://a.example answers 503: wait, or ask its owner")`.

    The reason is a stable PascalCase word, which workflows retry by and people count by.
    """

    def __init__(
        self, reason: str, message: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        if not _REASON.fullmatch(reason):
            raise ValueError(f"{reason!r} is no reason: write a PascalCase word, such as NotFound")
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        """Seconds that a server asked to be left alone for."""
        self.status = status
        """What an HTTP server answered: of these, only 429 and 5xx are repeated unless a workflow says otherwise."""
