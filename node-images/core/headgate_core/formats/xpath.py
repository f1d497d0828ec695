"""XPath over a document, within bounds. Used by `xml-find`.

libxml2 cannot be stopped while it searches, and a search inside of a search (`//a[.//b = //c]`) multiplies. So what an
expression can cost at most is reckoned before: the elements, once more for every wide step that is taken for each one.
"""

import math
import re
from typing import Any

from lxml import etree

from headgate_core.formats.xml_reading import Converter
from headgate_node import Json, NodeError

MAX_STEPS = 20_000_000
MAX_FOUND = 10_000
MAX_DESCENTS = 10

_TEXTS = re.compile(r"\"[^\"]*\"|'[^']*'")
_TOKENS = re.compile(
    r"[\[\]]|//|\.\.|(?:descendant|following|preceding|ancestor|parent|self)[a-z-]*\s*::|(?<![\w\])*.:@-])\s*/|\|"
)
_DESCENTS = re.compile(r"//|descendant[a-z-]*\s*::")
_SIDEWAYS = re.compile(r"(?:following|preceding)[a-z-]*\s*::")


def find(root: Any, name: str, expression: str, namespaces: dict[str, str], converter: Converter) -> list[Json]:
    """Everything that an expression finds: elements as values, attributes and texts as texts."""
    try:
        path = etree.XPath(expression, namespaces=namespaces, regexp=False, smart_strings=False)
        check_cost(name, expression, sum(1 for _ in root.iter()))
        found: Any = path(root)
    except (etree.XPathError, ValueError, TypeError) as error:
        raise NodeError("InvalidXPath", f"find.{name}: {expression[:100]!r}: {error or 'it cannot be read'}") from None
    if not isinstance(found, list):
        found = [] if isinstance(found, float) and not math.isfinite(found) else [found]
    if len(found) > MAX_FOUND:
        message = f"find.{name}: it finds {len(found):,}, at most {MAX_FOUND:,} are given: ask for fewer"
        raise NodeError("TooLarge", message)
    return [converter.convert(one) if etree.iselement(one) else _plain(one) for one in found]


def check_cost(name: str, expression: str, elements: int) -> None:
    if len(_DESCENTS.findall(_TEXTS.sub("", expression))) > MAX_DESCENTS:
        message = f"find.{name}: it searches all that is below {MAX_DESCENTS} times and more: write `/` for some `//`"
        raise NodeError("TooExpensive", message)
    power = max((_power(part) for part in _parts(expression)), default=1)
    if elements**power > MAX_STEPS and power > 1:
        message = f"find.{name}: for each of {elements:,} elements it may search the whole document again"
        raise NodeError(
            "TooExpensive", f"{message} ({expression[:100]!r}): find in two steps, or in a smaller document"
        )


def _parts(expression: str) -> list[str]:
    """The alternatives at the top, which are searched one after the other."""
    bare = _TEXTS.sub('""', expression)
    depth, parts = 0, [""]
    for letter in bare:
        depth += (letter in "[(") - (letter in "])")
        if letter == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _power(part: str) -> int:
    """How often the number of elements is multiplied: once for the search, and for every wide step that is repeated."""
    depth, power = 0, 1
    for token in _TOKENS.findall(part):
        match token:
            case "[":
                depth += 1
            case "]":
                depth -= 1
            case "|":
                pass
            case _ if depth > 0 or _SIDEWAYS.fullmatch(token):
                power += 1
    return power


def _plain(value: Any) -> Json:
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, tuple):  # of the axis `namespace`
        return str(value[1])
    return value if isinstance(value, bool) else str(value)
