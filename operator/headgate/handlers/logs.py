"""Logs as JSON, a line each, with what they are about: run, leg, instance of a node. Set up once, by `main`."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_about: ContextVar[dict[str, Any]] = ContextVar("about", default={})  # noqa: B039 - never changed, only replaced
_KNOWN = frozenset(logging.LogRecord("", 0, "", 0, "", (), None).__dict__) | {"message", "asctime", "taskName"}
AUDIT_LOGGER = "headgate.audit"
_LONGEST = 8192
"""Of a text in a log: what people wrote can be long."""


@contextmanager
def about(**what: Any) -> Iterator[None]:
    """Whatever is logged inside is about this."""
    token = _about.set({**_about.get(), **what})
    try:
        yield
    finally:
        _about.reset(token)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST],
            **_about.get(),
            **{name: _short(value) for name, value in record.__dict__.items() if name not in _KNOWN},
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)[-_LONGEST:]
        return json.dumps(line, ensure_ascii=False, default=str)


def _short(value: Any) -> Any:
    return value[:_LONGEST] if isinstance(value, str) else value


def set_up(level: str) -> None:
    """Everything that this process logs, in our form. Of kopf, which speaks of its own start, only what is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("kopf").setLevel(max(logging.WARNING, root.level))
    logging.getLogger(AUDIT_LOGGER).setLevel(logging.INFO)  # a copy of each entry, whatever else is told
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
