"""HTML of which only what can do no harm is left. Used by `html-clean`.

It is written anew from what was read: only elements and attributes of these lists, every letter of text and values that
means something escaped, and nothing in which a browser reads text in another way (`style`, `title`, `svg`, …). So there
is no spelling that a browser could take for something else.
"""

import re
from collections.abc import Iterator
from html import escape
from typing import Any

_KEPT = frozenset(
    "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 "
    "h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp section small span strong sub summary sup table tbody td "
    "tfoot th thead time tr u ul var".split()
)
_DROPPED = frozenset(
    "applet audio base canvas embed frame frameset head iframe link math meta noembed noframes noscript object option "
    "param plaintext script select source style svg template textarea title track video xmp".split()
)
_EMPTY = frozenset("br col hr img".split())
_ATTRIBUTES = frozenset("alt colspan datetime dir height lang rowspan span start title width".split())
_ADDRESSES = {"a": "href", "img": "src", "blockquote": "cite", "q": "cite", "ins": "cite", "del": "cite"}
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_SCHEMES = frozenset(["http", "https", "mailto", "tel"])
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def clean(root: Any, *, images: bool) -> str:
    return "".join(_write(root, images=images))


def is_safe_address(address: str) -> bool:
    """Whether it is relative, or of a scheme that only leads somewhere. Browsers skip blanks and controls in it."""
    found = _SCHEME.match(_NOT_IN_ADDRESSES.sub("", address))
    return found is None or found[1].lower() in _SCHEMES


def _write(element: Any, *, images: bool) -> Iterator[str]:
    if element.tag in _DROPPED:
        return
    is_kept = element.tag in _KEPT and (images or element.tag != "img")
    if is_kept:
        yield f"<{element.tag}{''.join(_write_attributes(element))}>"
    if element.tag not in _EMPTY:
        yield escape(element.text or "", quote=False)
        for child in element:
            if isinstance(child.tag, str):
                yield from _write(child, images=images)
            yield escape(child.tail or "", quote=False)
        if is_kept:
            yield f"</{element.tag}>"


def _write_attributes(element: Any) -> Iterator[str]:
    for name, value in element.attrib.items():
        is_address = _ADDRESSES.get(element.tag) == name
        if is_address and not is_safe_address(value):
            continue
        if is_address or name in _ATTRIBUTES:
            yield f' {name}="{escape(value)}"'
    if element.tag == "a" and "href" in element.attrib:
        yield ' rel="nofollow noopener noreferrer"'
