"""A YAML document as a tree that knows where everything stands. `syntax` grows it, `places` and `values` read it."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    text: str
    """What it says, escapes and folding worked out."""
    style: str
    """Empty for plain, else `'`, `"`, `|` or `>`."""
    start: int
    end: int
    tag: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    start: int
    entries: list[Entry] = field(default_factory=list)

    def entry(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key.text == key), None)


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    start: int
    items: list["Node"] = field(default_factory=list)


Node = Scalar | Mapping | Sequence
