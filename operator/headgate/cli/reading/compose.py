"""The events of PyYAML's parser, one after the other, into trees. `syntax` feeds it.

Iterative and bounded: anchors share what they name, and what they would expand to is counted, not built.
"""

import re
from dataclasses import dataclass, field

import yaml

from headgate.cli.reading.doubts import doubt_key, doubt_value
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place, Source
from headgate.cli.reading.tree import Entry, Mapping, Node, Scalar, Sequence
from headgate.errors import Path, Problem

MAX_DEPTH = 64
MAX_VALUES = 500_000
_STRING_TAG = "tag:yaml.org,2002:str"
_KNOWN_TAGS = (None, "!", _STRING_TAG, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_TOO_DEEP = (
    f"maps and lists stand more than {MAX_DEPTH} deep in one another",
    "make a part of it a workflow of its own",
)
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much a finished node is, with everything that anchors repeat in it."""

    size: int = 1
    height: int = 1


@dataclass
class _Open:
    """A map or list that has not ended yet."""

    node: Mapping | Sequence
    anchor: str | None
    key: Scalar | None = None
    """Of the entry whose value comes next."""
    keys: dict[str, Scalar] = field(default_factory=dict)
    merged: dict[str, Entry] = field(default_factory=dict)
    size: int = 1
    height: int = 1


class Composer:
    """`roots` are the documents, but for those that an anchor, a tag or a key makes meaningless."""

    def __init__(self, source: Source, offset: int) -> None:
        self.roots: list[Node] = []
        self.findings: list[Finding] = []
        self._source = source
        self._offset = offset
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._extents: dict[int, _Extent] = {}
        self._broken = False
        self.is_full = False
        """There is no sense in reading on."""

    def take(self, event: yaml.Event) -> None:
        place = self._place_of(event)
        match event:
            case yaml.DocumentStartEvent():
                self._broken, self._anchors, self._extents = False, {}, {}
            case yaml.ScalarEvent():
                self._check_tag(event.tag, place)
                self._finish(self._scalar(event, place), event.anchor, _Extent())
            case yaml.SequenceStartEvent():
                self._open(_Open(Sequence(place.start), event.anchor), event.tag, place)
            case yaml.MappingStartEvent():
                self._open(_Open(Mapping(place.start), event.anchor), event.tag, place)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._repeat(event.anchor or "", place)

    def _place_of(self, event: yaml.Event) -> Place:
        start, end = event.start_mark, event.end_mark
        return Place(self._offset + (start.index if start else 0), self._offset + (end.index if end else 0))

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> Scalar:
        start = place.start
        if event.anchor or event.tag:
            properties = _PROPERTIES.match(self._source.text, start)
            start = properties.end() if properties else start
        # PyYAML leaves the style of a plain scalar out. A tag makes a text of it, as quotes would.
        return Scalar(event.value, event.style or ("!" if event.tag else ""), start, place.end)

    def _open(self, opened: _Open, tag: str | None, place: Place) -> None:
        self._check_tag(tag, place)
        self._stack.append(opened)
        if len(self._stack) > MAX_DEPTH:
            self._refuse(place, FileReason.TOO_DEEP, *_TOO_DEEP)

    def _close(self) -> None:
        opened = self._stack.pop()
        if isinstance(opened.node, Mapping):
            opened.node.entries.extend(entry for key, entry in opened.merged.items() if key not in opened.keys)
        self._finish(opened.node, opened.anchor, _Extent(opened.size, opened.height))

    def _repeat(self, anchor: str, place: Place) -> None:
        node = self._anchors.get(anchor)
        if node is None:
            message = f"there is no anchor `&{anchor}` before this"
            remedy = f'a text that begins with `*` needs quotes: "*{anchor}"'
            self._break(place, FileReason.UNKNOWN_ANCHOR, message, remedy)
            node = Scalar("", '"', place.start, place.end)
        self._finish(node, None, self._extents.get(id(node), _Extent()))

    def _finish(self, node: Node, anchor: str | None, extent: _Extent) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
            self._extents[id(node)] = extent
        if not self._stack:
            if not self._broken:
                self.roots.append(node)
            return
        parent = self._stack[-1]
        self._measure(parent, node, extent)
        if isinstance(parent.node, Sequence):
            self._doubt(node)
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = self._as_key(parent, node)
        else:
            self._doubt(node)
            self._add(parent, parent.node, parent.key, node)
            parent.key = None

    def _measure(self, parent: _Open, node: Node, extent: _Extent) -> None:
        parent.size += extent.size
        parent.height = max(parent.height, extent.height + 1)
        place = Place(node.start, node.start + 1)
        if len(self._stack) + extent.height - 1 > MAX_DEPTH:
            self._refuse(place, FileReason.TOO_DEEP, *_TOO_DEEP)
        elif parent.size > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values in one document"
            self._refuse(place, FileReason.TOO_MANY_VALUES, message, "write less, or repeat less with anchors")

    def _as_key(self, parent: _Open, node: Node) -> Scalar:
        if not isinstance(node, Scalar):
            message = "a map or a list stands where a key should"
            self._break(Place(node.start, node.start + 1), FileReason.QUOTE_TEXT, message, "quote what is text")
            return Scalar("", '"', node.start, node.start + 1)
        first = parent.keys.setdefault(node.text, node)
        if first is not node:
            line = self._source.position(first.start).line
            remedy = f"keep one of the two: the first is in line {line}"
            message = f"`{node.text}` stands twice in this map"
            self._tell(_place(node), Problem(Path(), FileReason.DUPLICATE_KEY, message, remedy))
        return node

    def _add(self, parent: _Open, mapping: Mapping, key: Scalar, value: Node) -> None:
        if key.text != "<<" or key.style:
            mapping.entries.append(Entry(key, value))
            problem = doubt_key(key)
            if problem is not None:
                self._tell(_place(key), problem)
            return
        for part in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(part, Mapping):
                for entry in part.entries:
                    parent.merged.setdefault(entry.key.text, entry)
            else:
                message = "`<<` merges maps, and this is none"
                self._break(_place(key), FileReason.UNKNOWN_ANCHOR, message, "write `<<: *name`")

    def _doubt(self, node: Node) -> None:
        problem = doubt_value(node) if isinstance(node, Scalar) else None
        if isinstance(node, Scalar) and problem is not None:
            self._tell(_place(node), problem)

    def _check_tag(self, tag: str | None, place: Place) -> None:
        if tag not in _KNOWN_TAGS:
            message = "a `!` before a value is a tag, and nothing here reads it"
            self._break(place, FileReason.UNKNOWN_TAG, message, "quote what is text")

    def _refuse(self, place: Place, reason: FileReason, message: str, remedy: str) -> None:
        if not self.is_full:
            self._break(place, reason, message, remedy)
        self.is_full = True

    def _break(self, place: Place, reason: FileReason, message: str, remedy: str) -> None:
        self._broken = True
        self._tell(place, Problem(Path(), reason, message, remedy))

    def _tell(self, place: Place, problem: Problem) -> None:
        self.findings.append(Finding(problem, self._source, place))


def _place(scalar: Scalar) -> Place:
    return Place(scalar.start, max(scalar.end, scalar.start + 1))
