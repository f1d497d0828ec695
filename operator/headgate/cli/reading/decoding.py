"""From the bytes of a file to text, or to the one problem why it is none. `objects` asks, before `syntax`."""

import re

from headgate.cli.reading.finding import Finding
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import MAX_BYTES, Place, Source
from headgate.errors import Path, Problem

_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode(name: str, data: bytes) -> tuple[Source, list[Finding]]:
    """Make text of a file's bytes; with a finding, it can only be shown, not read."""
    if len(data) > MAX_BYTES:
        source = Source(name, "")
        limit = MAX_BYTES // 2**20
        message, remedy = f"this file is larger than {limit} MiB", "divide it"
        return source, [_finding(source, 0, FileReason.FILE_TOO_LARGE, message, remedy)]
    try:
        source = Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", errors="replace"))
        offset = len(data[: error.start].decode("utf-8", errors="replace"))
        return source, [_finding(source, offset, FileReason.NOT_UTF8, "this is not UTF-8", "save the file as UTF-8")]
    bad = _NOT_ALLOWED.search(source.text)
    if bad is None:
        return source, []
    message = f"the character U+{ord(bad[0]):04X} may not stand in YAML"
    remedy = 'take it out, or write it as an escape in a quoted text, like "\\u0007"'
    return source, [_finding(source, bad.start(), FileReason.CONTROL_CHARACTER, message, remedy)]


def _finding(source: Source, offset: int, reason: FileReason, message: str, remedy: str) -> Finding:
    return Finding(Problem(Path(), reason, message, remedy), source, Place(offset, offset + 1))
