"""From JSON values to XML, the way back of `formats.xml_reading`. Used by `xml-write`."""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from headgate_core.formats.content import MAX_BYTES
from headgate_core.formats.pointer import kind
from headgate_lang.text import text_of
from headgate_node import Json, NodeError

MAX_DEPTH = 100
_NAME = re.compile(r"(?:([^\W\d][\w.-]*):)?[^\W\d][\w.-]*")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Writer:
    def __init__(self, namespaces: Mapping[str, str], indent: int) -> None:
        self._namespaces = namespaces
        self._indent = indent
        self._size = 0

    def write(self, name: str, value: Json) -> str:
        spaces = [f"xmlns{':' if prefix else ''}{prefix}" for prefix in self._namespaces]
        for prefix in self._namespaces:
            if prefix and not _NAME.fullmatch(prefix):
                raise NodeError("InvalidParameters", f"namespaces: {prefix[:40]!r} is no prefix: write letters")
        declared = [
            f" {space}={quoteattr(self._text(uri, 'namespaces'))}"
            for space, uri in zip(spaces, self._namespaces.values(), strict=True)
        ]
        pieces = []
        for piece in self._element(name, value, name, 0, "".join(declared)):
            self._size += len(piece)
            if self._size > MAX_BYTES:
                raise NodeError("TooLarge", f"value: the text has more than {MAX_BYTES:,} letters: write a part of it")
            pieces.append(piece)
        return "".join(pieces)

    def _element(self, name: str, value: Json, place: str, depth: int, more: str = "") -> Iterator[str]:
        if depth > MAX_DEPTH:
            message = f"value: it is nested deeper than {MAX_DEPTH} levels: write a part of it"
            raise NodeError("InvalidParameters", message)
        self._check_name(name, place)
        members = value if isinstance(value, dict) else {"#text": value}
        attributes = "".join(
            f" {self._check_name(key[1:], place)}={_quoted(self._scalar(one, f'{place}.{key}'))}"
            for key, one in members.items()
            if key.startswith("@") and one is not None
        )
        text = self._scalar(members.get("#text", ""), place)
        children = [
            (key, one)
            for key, each in members.items()
            if not key.startswith("@") and key != "#text"
            for one in (each if isinstance(each, list) else [each])
            if one is not None
        ]
        start = " " * (self._indent * depth)
        if not children and not text:
            yield f"{start}<{name}{more}{attributes}/>"
        else:
            yield f"{start}<{name}{more}{attributes}>{escape(text, _BREAKS)}"
            for key, one in children:
                yield "\n" if self._indent else ""
                yield from self._element(key, one, f"{place}.{key}", depth + 1)
            yield f"\n{start}" if children and self._indent else ""
            yield f"</{name}>"

    def _check_name(self, name: str, place: str) -> str:
        found = _NAME.fullmatch(name)
        if not found:
            message = f"value: {place}: {name[:60]!r} cannot be a name in XML: write letters, digits, `-`, `_` and `.`"
            raise NodeError("InvalidName", message)
        if found[1] and found[1] != "xml" and found[1] not in self._namespaces:
            message = f"value: {place}: nothing says what the prefix of {name[:60]!r} is: write it into `namespaces`"
            raise NodeError("InvalidName", message)
        return name

    def _scalar(self, value: Json, place: str) -> str:
        if value is None:
            return ""
        if isinstance(value, dict | list):
            message = f"value: {place}: here stands a text, and this is {kind(value)}: write it as a member"
            raise NodeError("InvalidParameters", message)
        return self._text(text_of(value), place)

    def _text(self, text: str, place: str) -> str:
        if found := _NOT_IN_XML.search(text):
            message = f"value: {place}: letter U+{ord(found[0]):04X} cannot stand in XML: take it out, or write Base64"
            raise NodeError("InvalidLetter", message)
        return text


_BREAKS = {"\r": "&#13;"}


def _quoted(text: str) -> str:
    return quoteattr(text, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
