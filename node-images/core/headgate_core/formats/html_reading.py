"""From HTML to elements, and from elements to text. Used by `html` and the nodes beside it.

By libxml2, which reads any HTML in one pass. Those that read it exactly as browsers do open again what was left open:
a page of 67 KB (`<p><b title=1><p><b title=2>…`) takes lexbor 2.9 GB.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from headgate_node import NodeError

MAX_LETTERS = 5_000_000
MAX_ELEMENTS = 200_000
MAX_ATTRIBUTES = 500
"""Of one tag: libxml2 compares each with all others."""

_TAG = re.compile(r"<[a-zA-Z](?>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)")
_BLANKS = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_BLANKS_NOT_BREAKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_UNSEEN = frozenset("head script style template noscript iframe object embed svg math title".split())
_BLOCKS = frozenset(
    "address article aside blockquote br caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 "
    "h4 h5 h6 header hr legend li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)


def parse(text: str) -> Any:
    """The root element, or None if there is nothing. Whatever is no HTML is read as well as it can be."""
    if any(len(tag) > 2 * MAX_ATTRIBUTES and len(tag.split()) > MAX_ATTRIBUTES for tag in _TAG.findall(text)):
        raise NodeError("TooLarge", f"text: a tag has more than {MAX_ATTRIBUTES} attributes: take them out")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(text.replace("\x00", "\ufffd").encode(), parser)
    except etree.XMLSyntaxError:
        return None
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise NodeError("TooLarge", "text: its tags are nested deeper than 256 levels: give a part of it")
    if root is not None and sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise NodeError("TooLarge", f"text: there are more than {MAX_ELEMENTS:,} elements: give a part of it")
    return root


def text_of(element: Any) -> str:
    """What people see of it, blanks drawn together, a line for each block."""
    if element.tag in _UNSEEN:  # asked for by name
        return _BLANKS.sub(" ", "".join(element.itertext())).strip()
    text = _BLANKS_NOT_BREAKS.sub(" ", "".join(_pieces(element)))
    return _BREAKS.sub("\n", text).strip()


def title_of(root: Any) -> str:
    title = root.find(".//title")
    return "" if title is None else text_of(title)


def _pieces(element: Any) -> Iterator[str]:
    if element.tag in _UNSEEN:
        return
    is_block = element.tag in _BLOCKS
    if is_block:
        yield "\n"
    if element.text:
        yield element.text if element.tag == "pre" else _BLANKS.sub(" ", element.text)
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child)
        if child.tail:
            yield child.tail if element.tag == "pre" else _BLANKS.sub(" ", child.tail)
    if is_block:
        yield "\n"
