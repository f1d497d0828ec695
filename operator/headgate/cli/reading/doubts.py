"""What is doubtful about a single YAML key or value, though it parses. `compose` asks for each."""

from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.tree import Scalar
from headgate.cli.reading.values import NotJsonError, resolve
from headgate.errors import Path, Problem, Severity


def doubt_key(key: Scalar) -> Problem | None:
    """A key that kubectl does not read as the word that stands there."""
    if key.style:
        return None
    try:
        value = resolve(key.text).value
    except NotJsonError:
        return None
    if value is not None and not isinstance(value, bool):
        return None
    seen = "nothing" if value is None else f"the key `{str(value).lower()}`"
    message = f"kubectl reads the key `{key.text}` as {seen}"
    return Problem(Path(), FileReason.BOOLEAN_KEY, message, f'quote it, "{key.text}", or take another name')


def doubt_value(value: Scalar) -> Problem | None:
    """A value that JSON does not have, or that the two versions of YAML read differently."""
    if value.style:
        return None
    quoted = f'quote it: "{value.text}"'
    try:
        resolved = resolve(value.text)
    except NotJsonError:
        return Problem(Path(), FileReason.NOT_JSON, f"JSON has no number `{value.text}`", quoted)
    if not resolved.otherwise:
        return None
    seen = str(resolved.value).lower()
    message = f"kubectl reads `{value.text}` as {seen}, YAML 1.2 as {resolved.otherwise}"
    return Problem(Path(), FileReason.AMBIGUOUS_VALUE, message, f"write {seen}, or {quoted}", Severity.WARNING)
