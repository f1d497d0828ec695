"""From YAML to JSON values, by the rules of YAML 1.2, within bounds. For `yaml`, and for `markdown`'s front matter.

Built over PyYAML's events (libyaml's, in C): its own constructors read YAML 1.1, recurse, and unfold without an end
what anchors repeat. An alias is counted with all that it stands for, so that ten lines cannot become a billion values.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from headgate_node import Json, NodeError

MAX_VALUES = 500_000
MAX_DEPTH = 100
LETTERS = 64
"""Of a text, that count as a value."""

_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CORE = "tag:yaml.org,2002:"
_MERGE = object()


@dataclass
class _Level:
    """A list or an object that is being read."""

    value: list[Json] | dict[str, Json]
    mark: Any
    anchor: str | None
    weight: int = 1
    key: Any = None
    has_key: bool = False
    merged: list[dict[str, Json]] = field(default_factory=list)


@dataclass
class _Reader:
    levels: list[_Level] = field(default_factory=list)
    anchors: dict[str, tuple[Json, int]] = field(default_factory=dict)
    """What an anchor stands for, and how many values that is; not there while it is being read."""
    documents: list[Json] = field(default_factory=list)
    values: int = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                weight = 1 + len(event.value) // LETTERS
                self._count(weight, event.start_mark)
                self._settle(read_scalar(event, is_key=self._wants_key()), weight, event.anchor, event.start_mark)
            case yaml.SequenceStartEvent():
                self._open([], "seq", event)
            case yaml.MappingStartEvent():
                self._open({}, "map", event)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                level = self.levels.pop()
                if isinstance(level.value, dict):
                    _merge(level.value, level.merged)
                self._settle(level.value, level.weight, level.anchor, level.mark)
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    refuse(event.start_mark, f"nothing is called &{event.anchor}, or it contains itself")
                value, weight = self.anchors[event.anchor]
                self._count(weight, event.start_mark)
                self._settle(value, weight, None, event.start_mark)
            case yaml.DocumentStartEvent():
                self.anchors.clear()

    def _wants_key(self) -> bool:
        return bool(self.levels) and isinstance(self.levels[-1].value, dict) and not self.levels[-1].has_key

    def _open(self, value: list[Json] | dict[str, Json], kind: str, event: Any) -> None:
        if event.tag not in (None, "!", f"{_CORE}{kind}"):
            refuse(event.start_mark, f"the tag {event.tag[:60]} is none that JSON could hold: leave it out")
        if self._wants_key():
            refuse(event.start_mark, "a list or an object cannot be a key: write a text")
        if len(self.levels) >= MAX_DEPTH:
            refuse(event.start_mark, f"it is nested deeper than {MAX_DEPTH} levels")
        self._count(1, event.start_mark)
        if event.anchor:
            self.anchors.pop(event.anchor, None)
        self.levels.append(_Level(value, event.start_mark, event.anchor))

    def _count(self, weight: int, mark: Any) -> None:
        self.values += weight
        if self.values > MAX_VALUES:
            refuse(mark, f"there are more than {MAX_VALUES:,} values, with what the aliases repeat: give a part of it")

    def _settle(self, value: Json, weight: int, anchor: str | None, mark: Any) -> None:
        if anchor:
            self.anchors[anchor] = (value, weight)
        if not self.levels:
            self.documents.append(value)
            return
        level = self.levels[-1]
        level.weight += weight
        if isinstance(level.value, list):
            level.value.append(value)
        elif not level.has_key:
            if value is not _MERGE and not isinstance(value, str):
                refuse(mark, "only a text can be a key")
            if value is not _MERGE and value in level.value:
                refuse(mark, f"the key {value[:60]!r} is there twice: keep one")
            level.key, level.has_key = value, True
        else:
            level.has_key = False
            if level.key is _MERGE:
                level.merged += _mergeable(value, mark)
            else:
                level.value[level.key] = value


def read_documents(text: str) -> list[Json]:
    """Every document of a text. Raises NodeError NotYaml, with line and column."""
    reader = _Reader()
    try:
        for event in _events(text):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        refuse(error.problem_mark or error.context_mark, error.problem or "it cannot be read")
    except yaml.reader.ReaderError as error:
        letter = f"U+{error.character:04X}" if isinstance(error.character, int) else repr(error.character)
        raise NodeError("NotYaml", f"text: letter {error.position + 1:,} ({letter}) may not stand in YAML") from None
    return reader.documents


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
    return events


def read_scalar(event: yaml.ScalarEvent, *, is_key: bool) -> Any:
    """What a word is by the core schema of YAML 1.2. A key is always a text."""
    text: str = event.value
    tag = event.tag if event.tag not in (None, "!") else None
    plain = event.implicit[0] and tag is None
    if is_key:
        if tag not in (None, f"{_CORE}str", f"{_CORE}merge"):
            refuse(event.start_mark, f"a key with the tag {tag[:60]} is no text: leave it out")
        return _MERGE if text == "<<" and plain else text
    if plain:
        return _resolve(text, event)
    if tag in (None, f"{_CORE}str"):
        return text
    kinds: dict[str, Any] = {"int": int, "float": float, "bool": bool, "null": type(None)}
    kind = kinds.get(tag.removeprefix(_CORE)) if tag.startswith(_CORE) else None
    if kind is None:
        refuse(event.start_mark, f"the tag {tag[:60]} is none that JSON could hold: leave it out")
    value = _resolve(text, event)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        refuse(event.start_mark, f"{text[:60]!r} is not what its tag {tag} says")
    return value


def _resolve(text: str, event: yaml.ScalarEvent) -> Any:
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        if len(text) > 4_000:
            refuse(event.start_mark, f"the number has {len(text):,} digits: write it as a text")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            refuse(event.start_mark, f"the number {text[:40]} is beyond a double: write it as a text")
        return number
    if _NO_NUMBER.fullmatch(text):
        refuse(event.start_mark, f"{text} is no number that JSON could hold: quote it")
    return text


def _mergeable(value: Json, mark: Any) -> list[dict[str, Json]]:
    merged = value if isinstance(value, list) else [value]
    for one in merged:
        if not isinstance(one, dict):
            refuse(mark, "`<<` merges an object, or a list of them: write `<<: *name`")
    return merged


def _merge(target: dict[str, Json], merged: list[dict[str, Json]]) -> None:
    """What stands there itself comes before what is merged, and the first of several before the others."""
    for one in merged:
        for key, value in one.items():
            target.setdefault(key, value)


def refuse(mark: Any, why: str) -> NoReturn:
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    raise NodeError("NotYaml", f"text: {place}{why}")
