"""Paths: `a.b[0].c`, what an expression reads. A *plain* one is copied out of a document, not evaluated.

`Reference` is also what `cel.references` answers for any expression. The compiler makes edges of references, `resolve`
copies plain paths in the pod, the operator where a gate shows nothing but such paths.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate_lang.near import did_you_mean

RESERVED_WORDS = frozenset(
    "as break const continue else false for function if import in let loop namespace null package return true var void "
    "while".split()
)
"""What CEL does not take for the name of a variable."""
KEYWORDS = frozenset({"false", "in", "null", "true"})
"""What CEL does not take for the name of a field either: `a["in"]` reads it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a field, a place in a list, or (`None`) a key that is only computed."""

    key: str | int | None
    optional: bool = False
    """Written `.?x` or `[?x]`: it may be absent."""
    tested: bool = False
    """Written `has(….x)`: whether it is there is what is asked."""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Reference:
    """What an expression reads: a root (a node, `inputs`, …) and the way from there. Offsets are of its source."""

    root: str
    steps: tuple[Step, ...] = ()
    start: int = 0
    root_end: int = 0

    @property
    def end(self) -> int:
        return self.steps[-1].end if self.steps else self.root_end

    @property
    def is_optional(self) -> bool:
        """`a.?x`: whatever the root stands for may have nothing to read."""
        return bool(self.steps) and self.steps[0].optional

    @property
    def is_error(self) -> bool:
        """`a.error`: reads why a node failed, not what it answered."""
        return bool(self.steps) and self.steps[0].key == "error"

    def __str__(self) -> str:
        return spell(self.root, [step.key for step in self.steps])


_NAME = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*")
_STEP = re.compile(
    r"""\.\s*(?P<field>[A-Za-z_][A-Za-z0-9_]*)\s*
      | \[\s*(?:(?P<index>0|[1-9][0-9]{0,8})|"(?P<double>[^"\\\r\n]*)"|'(?P<single>[^'\\\r\n]*)')\s*\]\s*""",
    re.VERBOSE,
)


def parse(source: str) -> Reference | None:
    """Read a plain path: fields, places in lists and literal keys only. None if it is anything else."""
    name = _NAME.match(source)
    if name is None or name[1] in RESERVED_WORDS:
        return None
    steps: list[Step] = []
    done = name.end()
    while done < len(source):
        step = _STEP.match(source, done)
        if step is None or step["field"] in KEYWORDS:
            return None
        steps.append(Step(_key(step), start=step.start(), end=done + len(step[0].rstrip())))
        done = step.end()
    return Reference(name[1], tuple(steps), name.start(1), name.end(1))


def _key(step: re.Match[str]) -> str | int:
    if step["index"] is not None:
        return int(step["index"])
    return next(text for text in (step["field"], step["double"], step["single"]) if text is not None)


class MissingError(Exception):
    """A document has nothing at a path. Says what is there instead."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}: {remedy}" if remedy else message)


def lookup(document: Any, reference: Reference) -> Any:
    """Copy what stands in a root's document at a path, exactly as it stands there. Raises MissingError."""
    value = document
    for depth, step in enumerate(reference.steps):
        if not has(value, step.key):
            raise _missing(spell(reference.root, [s.key for s in reference.steps[:depth]]), value, step.key)
        value = value[step.key]
    return value


def has(value: Any, key: str | int | None) -> bool:
    """Whether a value of a document has a field, or a list a place."""
    if isinstance(key, str):
        return isinstance(value, Mapping) and key in value
    return key is not None and isinstance(value, list) and key < len(value)


def _missing(where: str, value: Any, key: str | int | None) -> MissingError:
    if isinstance(value, Mapping) and isinstance(key, str):
        return MissingError(f"`{where}` has no `{key}`", did_you_mean(key, value) or tell_names(value))
    if isinstance(value, list) and isinstance(key, int):
        held = f"it has {len(value)}, counted from 0" if value else "it is empty"
        return MissingError(f"`{where}` has no item {key}", held)
    wanted = "a list" if isinstance(key, int) else "an object"
    return MissingError(f"`{where}` is {kind_of(value)}, not {wanted}, and has no `{key}`")


def tell_names(names: Mapping[str, Any], most: int = 12) -> str:
    """What there is instead: `it has text, json, usage`."""
    shown = [str(name)[:40] for name in list(names)[:most]]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"it has {', '.join(shown)}{more}" if shown else "it is empty"


_KINDS = {type(None): "null", bool: "a boolean", int: "an integer", float: "a number", str: "a string", list: "a list"}


def kind_of(value: Any) -> str:
    """What a value of a document is, in the words that people read."""
    return _KINDS.get(type(value), "an object")


def spell(root: str, keys: list[str | int | None]) -> str:
    """A path as people write it."""
    text = root
    for key in keys:
        if isinstance(key, str) and _NAME.fullmatch(key) and key not in KEYWORDS:
            text += f".{key}"
        elif isinstance(key, str):
            text += f'["{key}"]'
        else:
            text += f"[{'…' if key is None else key}]"
    return text
