"""What somebody corrected, as a coloured diff: what is shown now, and what would be approved in its place. Pure."""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from typing import Any

from headgate.cli.printing.paint import Paint, safe
from headgate.cli.requests.letter import shown

_AROUND = 2
_MOST = 200
"""Lines of one field."""


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the new values that are not as they were."""
    return {name: value for name, value in after.items() if name not in before or before[name] != value}


def as_diff(before: Mapping[str, Any], after: Mapping[str, Any], paint: Paint) -> Iterator[str]:
    for name, value in changed(before, after).items():
        yield ""
        yield f"  {paint.bold(safe(name))}"
        old = shown(before[name]).split("\n") if name in before else []
        lines = [*unified_diff(old, shown(value).split("\n"), n=_AROUND, lineterm="")][2:]
        lines = lines[1:] if lines[0].startswith("@@ -1") else lines
        yield from (_painted(line, paint) for line in lines[:_MOST])
        if len(lines) > _MOST:
            yield f"  … and {len(lines) - _MOST} more lines"


def _painted(line: str, paint: Paint) -> str:
    mark, text = line[:1], safe(line[1:])
    match mark:
        case "+":
            return paint.green(f"  + {text}".rstrip())
        case "-":
            return paint.red(f"  - {text}".rstrip())
        case "@":
            return paint.blue("  ⋮")
        case _:
            return f"    {text}".rstrip()
