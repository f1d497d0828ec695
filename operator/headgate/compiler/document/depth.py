"""How deep a value is nested. A schema looks only where it says something; this looks everywhere.

Asked wherever people give values that a Run goes on with: inputs, an output in a node's place, a vote.
"""

from typing import Any

MAX_NESTING = 100
NESTED_DEEPER = f"is nested deeper than {MAX_NESTING}"
FLATTEN = "pass it as a text, or flatten it"


def is_deeper(value: Any, most: int = MAX_NESTING) -> bool:
    """Level by level: as deep as a value may be, this is not."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(most):
        inner = (one for outer in level for one in (outer.values() if isinstance(outer, dict) else outer))
        level = [one for one in inner if isinstance(one, dict | list)]
        if not level:
            return False
    return True
