"""Most parameters are texts that may be any text: whether a node's are all like that, at a glance.

Nothing is decided here but that there is nothing to find: in a workflow of 10,000 nodes, that is what counts.
"""

from collections.abc import Mapping
from typing import Any

from headgate_lang.schema.fields import is_required
from headgate_lang.schema.keywords import OTHER, is_special

_HARMLESS = frozenset(
    {"type", "format", "maxLength", "description", "title", "optional", "default", "x-ref", "x-accepts"}
)
_SHORT = 1000


class Quick:
    """What can be said of the parameters of one type without looking closely."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        named = {name: schema for name, schema in fields.items() if not is_special(name)}
        self._required = frozenset(name for name, schema in named.items() if is_required(schema))
        self._texts = frozenset(name for name, schema in named.items() if _takes_any_text(schema))
        self._anything = frozenset(name for name, schema in named.items() if _takes_anything(schema))
        self._named = frozenset(named)
        self._others = OTHER in fields and _takes_anything(fields[OTHER])

    def passes(self, params: Mapping[str, Any]) -> bool:
        """Whether nothing can be wrong with these parameters, as far as they are written out."""
        if not self._required <= params.keys():
            return False
        for name, value in params.items():
            if name in self._texts:
                if not isinstance(value, str) or len(value) > _SHORT:
                    return False
            elif name not in self._anything and (name in self._named or not self._others):
                return False
        return True


def _takes_any_text(schema: Mapping[str, Any]) -> bool:
    longest = schema.get("maxLength", _SHORT)
    is_bounded = not isinstance(longest, int) or longest < _SHORT or schema.get("format", "uri") != "uri"
    return schema.get("type") == "string" and schema.keys() <= _HARMLESS and not is_bounded


def _takes_anything(schema: Mapping[str, Any]) -> bool:
    return schema.keys() <= {"description", "title", "optional"}
