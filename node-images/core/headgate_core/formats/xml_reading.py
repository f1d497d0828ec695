"""From XML to elements, and from elements to JSON values. Used by `xml` and `xml-find`.

Nothing is fetched, no entity is unfolded, and a document type, in which all of that could be asked for, is refused.
"""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from headgate_core.formats.content import Encoding, Form, read_bytes, read_letters
from headgate_node import Json, NodeError

MAX_LETTERS = 5_000_000
MAX_ELEMENTS = 200_000
MAX_VALUES = 500_000


def parse(text: str, form: Form, encoding: Encoding | None) -> Any:
    """The root element. Bytes without a given encoding say it themselves. Raises NodeError NotXml, with the place."""
    if form != "text" and encoding is not None:  # Python knows more encodings by their names than libxml2 does
        text, form = read_letters(read_bytes(text, form), encoding), "text"
    data = read_bytes(text.removeprefix("\ufeff") if form == "text" else text, form)
    if not data.strip():
        raise NodeError("NotXml", "text: there is nothing in it")
    parser = etree.XMLParser(
        encoding="utf-8" if form == "text" else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        why = str(error.msg or "it cannot be read").rsplit(", line ", 1)[0]
        raise NodeError("NotXml", f"text: line {line}, column {column}: {why[:300]}") from None
    except (ValueError, LookupError) as error:
        raise NodeError("NotXml", f"text: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        message = "text: it has a document type (`<!DOCTYPE …>`), which could ask for anything: take it out"
        raise NodeError("NotXml", message)
    if sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise NodeError("TooLarge", f"text: there are more than {MAX_ELEMENTS:,} elements: give a part of it")
    return root


class Converter:
    """Attributes become `@name`, text beside anything else `#text`, and what is there more than once a list."""

    def __init__(self, lists: Iterable[str] = (), *, trim: bool = True, prefixes: bool = True) -> None:
        self._lists = frozenset(lists)
        self._trim = trim
        self._prefixes = prefixes
        self._left = MAX_VALUES

    def convert(self, element: Any) -> Json:
        self._left -= 1 + len(element.attrib)
        if self._left < 0:
            raise NodeError("TooLarge", f"there are more than {MAX_VALUES:,} values: ask for fewer elements")
        value: dict[str, Json] = {
            f"@{self._name(element, name)}": attribute for name, attribute in element.attrib.items()
        }
        pieces = [element.text or ""]
        has_children = False
        for child in element:
            pieces.append(child.tail or "")
            if not isinstance(child.tag, str):  # an entity, which only a document type can define
                continue
            has_children = True
            self._add(value, self.name(child), self.convert(child))
        if has_children:
            text = " ".join(stripped for piece in pieces if (stripped := piece.strip()))
        else:
            text = "".join(pieces).strip() if self._trim else "".join(pieces)
        if not value:
            return text
        if text:
            value["#text"] = text
        return value

    def name(self, element: Any) -> str:
        return self._name(element, element.tag, default=element.prefix)

    def _add(self, value: dict[str, Json], name: str, child: Json) -> None:
        if name not in value:
            value[name] = [child] if name in self._lists else child
        elif isinstance(value[name], list):
            value[name].append(child)
        else:
            value[name] = [value[name], child]

    def _name(self, element: Any, name: str, default: str | None = None) -> str:
        """As it is written, with the prefix of its namespace, or without."""
        space, _, local = name.rpartition("}")
        if not space or not self._prefixes:
            return local
        prefix = default or next((one for one, uri in element.nsmap.items() if one and uri == space[1:]), None)
        if space == "{http://www.w3.org/XML/1998/namespace":
            prefix = "xml"
        return f"{prefix}:{local}" if prefix else local
