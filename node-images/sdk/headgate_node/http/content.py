"""What a body is to a workflow: a value, a text, or bytes as base64. Decided by what the answer says of itself.

Pure; nodes call it with a body that `client` has read whole. What says it is JSON and is none is a text, and what says
it is a text and is none is bytes: nothing of it is lost or mended.
"""

import base64
import codecs
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

_CHARSET = re.compile(r"""charset\s*=\s*"?([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_TEXTS = frozenset(
    "application/ecmascript application/graphql application/javascript application/sql application/toml"
    " application/x-javascript application/x-ndjson application/x-www-form-urlencoded application/xml"
    " application/x-yaml application/yaml".split()
)
_MAX_DIGITS = 4000


def read_json(body: bytes) -> Any:
    """The value that is written there. Raises ValueError, also for numbers that JSON does not have."""
    try:
        return json.loads(body, parse_int=_parse_int, parse_float=_parse_float, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def read_body(content_type: str, body: bytes) -> dict[str, Any]:
    """`{"body": value or text}`, or `{"base64": text}` if it is neither."""
    kind = content_type.partition(";")[0].strip().lower()
    if body and (kind == "application/json" or kind.endswith("+json")):
        try:
            return {"body": read_json(body)}
        except ValueError:
            pass
    text = read_text(content_type, body)
    return {"base64": base64.b64encode(body).decode("ascii")} if text is None else {"body": text}


def read_text(content_type: str, body: bytes) -> str | None:
    """The text that a body is, by its charset or else UTF-8; None if it is none."""
    kind = content_type.partition(";")[0].strip().lower()
    is_said = kind.startswith("text/") or kind in _TEXTS or kind.endswith(("+json", "+xml", "/json"))
    if body and kind and not is_said:
        return None
    charset = _CHARSET.search(content_type)
    try:
        text = body.decode(_find_codec(charset[1]) if charset else "utf-8-sig")
    except (UnicodeDecodeError, ValueError):
        return None
    return None if not kind and "\0" in text else text


def excerpt(headers: Mapping[str, str], body: bytes, most: int = 500) -> str:
    """The beginning of a body, for messages, in one line."""
    content_type = headers.get("content-type", "")
    cuts = (body[: len(body) - cut] for cut in range(4))  # its end may be within a character
    text = next(
        (text for cut in cuts if (text := read_text(content_type, cut)) is not None and (cut or not body)), None
    )
    if text is None:
        return f"{len(body)} bytes of {content_type or 'something'}"
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + " …"


def _find_codec(charset: str) -> str:
    """Texts only: Python knows codecs that decode zip and rot13, too."""
    try:
        found = codecs.lookup(charset)
    except LookupError:
        return "utf-8"
    return found.name if getattr(found, "_is_text_encoding", False) else "utf-8"


def _parse_int(text: str) -> int:
    return int(text) if len(text) <= _MAX_DIGITS else _refuse(text)


def _parse_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no number of JSON that one can count with")
