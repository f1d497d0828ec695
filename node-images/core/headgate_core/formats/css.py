"""CSS selectors over HTML, by way of XPath. Used by `html`."""

from typing import Any

import cssselect
from lxml import etree

from headgate_core.formats.xml_cost import Extent, check_cost
from headgate_node import NodeError


def select(element: Any, selector: str, place: str, extent: Extent) -> list[Any]:
    """The elements that a selector finds below another, in the order of the document."""
    try:
        expression = cssselect.HTMLTranslator().css_to_xpath(selector, prefix="descendant::")
        check_cost(place, expression.removeprefix("descendant::"), extent, told=selector)
        found: Any = etree.XPath(expression, smart_strings=False)(element)
        return list(found)
    except (cssselect.SelectorError, etree.XPathError, ValueError, RecursionError) as error:
        message = f"{place}: {selector[:100]!r} is no CSS selector: {error or 'it cannot be read'}"
        raise NodeError("InvalidSelector", message) from None
