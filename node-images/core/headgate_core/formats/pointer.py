"""JSON Pointer (RFC 6901): where something stands in a document. Used by `json` and by `formats.patch`."""

from headgate_node import Json, NodeError

MAX_STEPS = 200


def read_pointer(pointer: str, name: str) -> list[str]:
    """The steps of a pointer; `name` is what messages call it."""
    if pointer and not pointer.startswith("/"):
        message = f"{name}: {pointer[:80]!r} is no JSON Pointer: begin it with `/`, as in `/items/0/name`"
        raise NodeError("InvalidParameters", message)
    steps = pointer.split("/")[1:]
    if len(steps) > MAX_STEPS:
        raise NodeError("InvalidParameters", f"{name}: it has {len(steps)} steps, at most {MAX_STEPS} are taken")
    for step in steps:
        if "~" in step.replace("~0", "").replace("~1", ""):
            message = f"{name}: a `~` in {step[:80]!r} is neither `~0` (a `~`) nor `~1` (a `/`): write `~0`"
            raise NodeError("InvalidParameters", message)
    return [step.replace("~1", "/").replace("~0", "~") for step in steps]


def find(document: Json, steps: list[str], name: str) -> Json:
    """What stands there. Raises NodeError NotFound, with what is there instead."""
    for number, step in enumerate(steps):
        document = child(document, step, f"{name}: {write_pointer(steps[: number + 1])}")
    return document


def child(parent: Json, step: str, told: str) -> Json:
    """One step further; `told` begins the message if there is nothing."""
    if isinstance(parent, dict):
        if step not in parent:
            names = ", ".join(map(str, list(parent)[:10])) or "nothing"
            raise NodeError("NotFound", f"{told} is not there: there {'are' if len(parent) > 1 else 'is'} {names}")
        return parent[step]
    if isinstance(parent, list):
        return parent[index(step, len(parent), told)]
    raise NodeError("NotFound", f"{told} is not there: what comes before it is {kind(parent)}, which has no members")


def index(step: str, length: int, told: str) -> int:
    """Where in a list."""
    if not (step.isascii() and step.isdecimal()) or (step[0] == "0" and step != "0"):
        raise NodeError("NotFound", f"{told} is not there: it is a list, whose members are numbered from 0")
    if len(step) > 9 or int(step) >= length:
        allowed = f"the numbers here are 0 to {length - 1:,}" if length else "the list is empty"
        raise NodeError("NotFound", f"{told} is not there: {allowed}")
    return int(step)


def kind(value: Json) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text"
        case bool():
            return "a boolean"
        case None:
            return "null"
    return "a number"


def write_pointer(steps: list[str]) -> str:
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)[:200]
