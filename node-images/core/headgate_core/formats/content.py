"""Bytes in parameters and outputs: as text, or written in letters. Used by every node that works on bytes.

A parameter `from` says how a text stands for bytes, `to` how bytes are to be written. One way for all nodes.
"""

import base64
import binascii
import re
from typing import Annotated, Literal
from urllib.parse import quote_from_bytes, unquote_to_bytes

from pydantic import Field

from headgate_node import NodeError

MAX_BYTES = 10_000_000
MAX_LETTERS = 30_000_000
"""Of the longest spelling, percent signs, three letters stand for a byte."""

Letters = Annotated[str, Field(max_length=MAX_LETTERS)]
Base64 = Annotated[str, Field(max_length=MAX_BYTES * 4 // 3 + 4)]
Form = Literal["text", "base64", "base64url", "hex", "percent"]
Encoding = Literal[
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "ascii",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "euc-kr",
    "big5",
    "gb18030",
]
"""Those that only turn letters into bytes. Python has others under the same roof, such as `zip`."""

_BLANKS = re.compile(r"[ \t\r\n]+")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_bytes(text: str, form: Form = "text", encoding: Encoding = "utf-8", name: str = "text") -> bytes:
    """The bytes that a parameter stands for; `name` is what messages call it."""
    try:
        data = _read(text, form, encoding)
    except UnicodeEncodeError as error:
        letter = f"U+{ord(error.object[error.start]):04X} (the {error.start + 1:,}. of the text)"
        message = f"{name}: {encoding} has no letter {letter}: choose another encoding"
        raise NodeError("InvalidParameters", message) from None
    except ValueError as error:
        raise NodeError("InvalidParameters", f"{name}: this is no {form}: {error}") from None
    if len(data) > MAX_BYTES:
        message = f"{name}: it stands for {len(data):,} bytes, at most {MAX_BYTES:,} are taken: give a part of it"
        raise NodeError("InvalidParameters", message)
    return data


def read_base64(text: str, name: str) -> bytes:
    return read_bytes(text, "base64", name=name)


def _read(text: str, form: Form, encoding: Encoding) -> bytes:
    match form:
        case "text":
            return text.encode(encoding)
        case "base64":
            return _read_base64(_BLANKS.sub("", text), b"+/")
        case "base64url":
            return _read_base64(_BLANKS.sub("", text), b"-_")
        case "hex":
            return bytes.fromhex(text)
        case "percent":
            if broken := _BROKEN_PERCENT.search(text):
                raise ValueError(f"the % at letter {broken.start() + 1:,} is not followed by two hexadecimal digits")
            return unquote_to_bytes(text)


def _read_base64(text: str, specials: bytes) -> bytes:
    """With its padding or without; every other letter that does not belong is refused."""
    bare = text.rstrip("=")
    if len(text) - len(bare) > 2 or not bare.isascii():
        raise ValueError("what follows the `=` at its end, or a letter in it, does not belong there")
    other = b"-_" if specials == b"+/" else b"+/"
    if any(chr(letter) in bare for letter in other):
        hint = "base64url" if specials == b"+/" else "base64"
        raise ValueError(f"it has a letter of {hint}: say `from: {hint}`")
    padded = bare + "=" * (-len(bare) % 4)
    try:
        return base64.b64decode(padded, altchars=specials, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)[:1].lower() + str(error)[1:]) from None


def write_text(data: bytes, form: Form = "text", encoding: Encoding = "utf-8") -> str:
    """Bytes as text: as the letters that they are in an encoding, or in letters that can carry any bytes."""
    match form:
        case "text":
            return read_letters(data, encoding)
        case "base64":
            return write_base64(data)
        case "base64url":
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        case "hex":
            return data.hex()
        case "percent":
            return quote_from_bytes(data, safe="")


def write_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def read_letters(data: bytes, encoding: Encoding) -> str:
    """What bytes say in an encoding, without a mark of byte order. Raises NodeError NotText with the place."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1:,} of {len(data):,} (0x{data[error.start]:02x})"
        message = f"this is no text in {encoding}: {place} does not fit: choose another encoding, or `to: base64`"
        raise NodeError("NotText", message) from None
    return text.removeprefix("\ufeff")
