"""XPath over a document, within bounds. Used by `xml-find`."""

import math
from typing import Any

from lxml import etree

from headgate_core.formats.xml_cost import Extent, check_cost
from headgate_core.formats.xml_reading import Converter
from headgate_node import Json, NodeError

MAX_FOUND = 10_000


class Finder:
    def __init__(self, root: Any, extent: Extent, namespaces: dict[str, str]) -> None:
        self._root = root
        self._extent = extent
        self._namespaces = namespaces
        self._converter = Converter()

    def find(self, name: str, expression: str) -> list[Json]:
        """Everything that an expression finds: elements as values, attributes and texts as texts."""
        try:
            path = etree.XPath(expression, namespaces=self._namespaces, regexp=False, smart_strings=False)
            check_cost(f"find.{name}", expression, self._extent)
            found: Any = path(self._root)
        except (etree.XPathError, ValueError, TypeError) as error:
            why = error or "it cannot be read"
            raise NodeError("InvalidXPath", f"find.{name}: {expression[:100]!r}: {why}") from None
        if not isinstance(found, list):
            found = [] if isinstance(found, float) and not math.isfinite(found) else [found]
        if len(found) > MAX_FOUND:
            message = f"find.{name}: it finds {len(found):,}, at most {MAX_FOUND:,} are given: ask for fewer"
            raise NodeError("TooLarge", message)
        return [self._converter.convert(one) if etree.iselement(one) else _plain(one) for one in found]


def _plain(value: Any) -> Json:
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, tuple):  # of the axis `namespace`
        return str(value[1])
    return value if isinstance(value, bool) else str(value)
