"""Patterns that people write, in RE2: linear in time, whatever pattern and text. Used by `text` and `split`."""

# ruff: noqa: PLC0415 - a pod whose nodes use no pattern does not load the engine

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from headgate_core.bounds import check_text
from headgate_node import NodeError

Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
MOST_TEXT = 200_000
"""Characters of a text that is searched."""
MOST_MATCHES = 20_000
_MOST_MEMORY = 8 << 20


def compile_pattern(pattern: str, ignore_case: bool = False) -> Any:
    """Raises NodeError for what is no pattern of RE2."""
    import re2  # type: ignore[import-untyped,unused-ignore]  # it has no stubs

    options = re2.Options()
    options.log_errors, options.max_mem, options.case_sensitive = False, _MOST_MEMORY, not ignore_case
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else str(error)
        told = f"`{pattern[:100]}` is no pattern of RE2, {said}: it has no lookaround and no back references"
        raise NodeError("InvalidPattern", told) from None


def find_all(pattern: Any, text: str) -> Iterator[Any]:
    """The matches, from left to right. Raises NodeError where there are too many."""
    if len(text) > MOST_TEXT:
        told = (
            f"the text has {len(text):,} characters, a pattern is looked for in at most {MOST_TEXT:,}: split it first"
        )
        raise NodeError("TooLarge", told)
    for number, match in enumerate(pattern.finditer(text)):
        if number >= MOST_MATCHES:
            raise NodeError("TooLarge", f"the pattern matches more than {MOST_MATCHES:,} times: work on a part of it")
        yield match


def replace_all(pattern: Any, replacement: str, text: str, most: int) -> tuple[str, int]:
    """The text with the first matches replaced, and how many. `\\1` or `\\g<name>` in the replacement is a group."""
    pieces: list[str] = []
    parts = _parts(replacement, pattern)
    done = count = length = 0
    for match in find_all(pattern, text):
        if count == most:
            break
        new = "".join(part if isinstance(part, str) else match.group(part[0]) or "" for part in parts)
        pieces += [text[done : match.start()], new]
        length += match.start() - done + len(new)
        check_text(length)
        done, count = match.end(), count + 1
    return "".join([*pieces, text[done:]]), count


_GROUP = re.compile(r"\\(?:([0-9])|g<([A-Za-z_][A-Za-z0-9_]*)>|(\\))")


def _parts(replacement: str, pattern: Any) -> list[str | tuple[int | str]]:
    """The replacement as texts and groups."""
    parts: list[str | tuple[int | str]] = []
    done = 0
    for found in _GROUP.finditer(replacement):
        number, name, _ = found.groups()
        if (number and int(number) > pattern.groups) or (name and name not in pattern.groupindex):
            raise NodeError("InvalidPattern", f"the pattern has no group `{number or name}`, which `replace` names")
        parts.append(replacement[done : found.start()])
        parts.append((int(number),) if number else (name,) if name else "\\")
        done = found.end()
    return [*parts, replacement[done:]]
