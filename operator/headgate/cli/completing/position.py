"""What stands where the cursor is: a command, a flag, or a value of some kind. Pure.

Read from the words before it and from what the command takes; nothing is listed by hand.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a value names."""

    FILE = "File"
    RUN = "Run"
    NODE = "Node"
    WORKFLOW = "Workflow"
    REQUEST = "Request"
    NAMESPACE = "Namespace"
    CONTEXT = "Context"
    NOTHING = "Nothing"
    """Only the person knows."""


_BY_METAVAR = {"FILE": Kind.FILE, "RUN": Kind.RUN, "NODE": Kind.NODE, "WORKFLOW": Kind.WORKFLOW}
_BY_DEST = {"namespace": Kind.NAMESPACE, "context": Kind.CONTEXT, "workflow": Kind.WORKFLOW, "names": Kind.REQUEST}
_ASKS_BY_NAME = ("approvals", "approve", "reject", "answer", "withdraw")


@dataclass(frozen=True, slots=True)
class Position:
    kind: Kind = Kind.NOTHING
    choices: Mapping[str, str] = field(default_factory=dict)
    """Words that may stand there, and what they mean."""
    run: str | None = None
    """The Run that was named before, whose nodes are meant."""
    where: Mapping[str, str] = field(default_factory=dict)
    """`namespace`, `context`, `kubeconfig`, as far as they were said."""


def find_position(command: str, actions: Sequence[argparse.Action], words: Sequence[str]) -> Position:
    """`words`: after the command, the last of them being typed."""
    *before, current = words
    flags = {flag: action for action in actions for flag in action.option_strings}
    positionals = [action for action in actions if not action.option_strings]
    said, given = _read(before, flags)
    where = {name: value for name, value in said.items() if name in ("namespace", "context", "kubeconfig")}
    if before and (asking := flags.get(before[-1])) is not None and _takes_value(asking):
        return _value(command, asking, given, where)
    if current.startswith("-"):
        return Position(choices=dict(_flags(actions)), where=where)
    expected = _positional(positionals, len(given))
    return Position(where=where) if expected is None else _value(command, expected, given, where)


def _read(words: Sequence[str], flags: Mapping[str, argparse.Action]) -> tuple[dict[str, str], list[str]]:
    """The values of flags by what they set, and the words that are no flags."""
    said: dict[str, str] = {}
    given: list[str] = []
    waiting: argparse.Action | None = None
    for word in words:
        name, separator, value = word.partition("=")
        if waiting is not None:
            said[waiting.dest], waiting = word, None
        elif name in flags:
            if separator:
                said[flags[name].dest] = value
            elif _takes_value(flags[name]):
                waiting = flags[name]
        elif not word.startswith("-"):
            given.append(word)
    return said, given


def _takes_value(action: argparse.Action) -> bool:
    return action.nargs != 0


def _positional(positionals: Sequence[argparse.Action], number: int) -> argparse.Action | None:
    if number < len(positionals):
        return positionals[number]
    last = positionals[-1] if positionals else None
    return last if last is not None and last.nargs in ("*", "+") else None


def _value(command: str, action: argparse.Action, given: Sequence[str], where: Mapping[str, str]) -> Position:
    if action.choices is not None:
        return Position(choices=dict.fromkeys(map(str, action.choices), ""), where=where)
    kind = _BY_METAVAR.get(str(action.metavar)) or _BY_DEST.get(action.dest)
    if kind is None and action.dest == "name" and command in _ASKS_BY_NAME:
        kind = Kind.REQUEST
    return Position(kind or Kind.NOTHING, run=given[0] if given else None, where=where)


def _flags(actions: Sequence[argparse.Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        for flag in action.option_strings:
            if flag.startswith("--") and action.help is not argparse.SUPPRESS:
                yield flag, action.help or ""
