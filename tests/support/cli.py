"""Run a command line in this process, and see what it printed."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from headgate.cli.command import Streams
from headgate.cli.main import run


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


def headgate(
    *arguments: str, stdin: str | bytes = b"", prog: str = "headgate", environment: Mapping[str, str] | None = None
) -> Ran:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    streams = Streams(io.BytesIO(data), io.StringIO(), io.StringIO(), environment or {})
    code = run(prog, list(arguments), streams)
    assert isinstance(streams.out, io.StringIO)
    assert isinstance(streams.err, io.StringIO)
    return Ran(code, streams.out.getvalue(), streams.err.getvalue())
