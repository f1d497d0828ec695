"""Reads the probes and judges what came of them. For tests/integration/node_code and tests/e2e/test_code_sandbox.py.

A probe is code that tries to reach or use up something, and returns what it got hold of. `ends` says how it must end:
words of its failure, or `nothing` if it must come back with empty hands. `bare` probes do reach it without the sandbox,
which a test shows: a probe that cannot reach anything proves nothing.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
DRIVER = FOLDER / "driver.py"
FILES = ("files", "network", "processes", "kernel", "python", "bombs", "pod")
NOTHING = "nothing"
SECONDS = 10.0

CALL = """\
def main():
    import ctypes, os, platform
    libc = ctypes.CDLL(None, use_errno=True)
    number = {numbers!r}[platform.machine() != "x86_64"]
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, {arguments!r})) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "done"
"""


@dataclass(frozen=True)
class Probe:
    name: str
    code: str
    ends: tuple[str, ...]
    """Any of these words."""
    bare: bool = False
    alone: bool = False
    """Whether it needs a child of its own even where others share one: it ends it, or uses it up."""
    pod: bool = False
    """Whether what it is after is only in a pod."""
    machine: str = ""
    """The only processor on which it means anything, if there is one."""
    seconds: float = SECONDS


def read_probes() -> list[Probe]:
    """All of them that mean anything on this processor."""
    found = [_read(one, file) for file in FILES for one in yaml.safe_load((FOLDER / f"{file}.yaml").read_text())]
    return [probe for probe in found if probe.machine in ("", platform.machine())]


def build_order(probes: Sequence[Probe], *, bare: bool = False, at_once: int = 2) -> str:
    """What the driver is told on its standard input."""
    told = [{"name": probe.name, "code": probe.code, "seconds": probe.seconds} for probe in probes]
    return json.dumps({"probes": told, "bare": bare, "at_once": at_once})


def build_shared(probes: Sequence[Probe]) -> Probe:
    """One probe that makes the attempts of many in one child, and returns what came of each."""
    attempts = [probe.code for probe in probes]
    code = (
        f"import json, sys\nATTEMPTS = {attempts!r}\n"
        "def main():\n"
        "    execute = sys.modules['sandbox.program'].execute\n"
        "    return [json.loads(execute(code, {})) for code in ATTEMPTS]\n"
    )
    return Probe("shared", code, ends=(), seconds=60.0)


def read_shared(answer: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same outcomes that the driver prints for probes that had a child each."""
    return [
        {"reason": "CodeError" if "error" in one else "", "message": one.get("error"), "result": one.get("result")}
        for one in answer
    ]


def judge(probe: Probe, outcome: Mapping[str, Any]) -> str:
    """Empty if the probe ended as it must; otherwise what it reached, or how else it ended."""
    told = _tell(outcome)
    return "" if any(words in told for words in probe.ends) else f"{probe.name}: {told}"


def _tell(outcome: Mapping[str, Any]) -> str:
    if outcome["reason"]:
        return f"{outcome['reason']}: {outcome['message']}"
    return f"reached {outcome['result']!r}" if outcome["result"] else NOTHING


def _read(one: dict[str, Any], file: str) -> Probe:
    if "call" in one:
        one["code"] = CALL.format(numbers=tuple(one.pop("call")), arguments=tuple(one.pop("with", (0, 0, 0, 0, 0, 0))))
        one.setdefault("ends", "Errno 1]")
    ends = one.pop("ends")
    return Probe(
        ends=(ends,) if isinstance(ends, str) else tuple(ends),
        **({"pod": file == "pod", "alone": file == "bombs"} | one),
    )
