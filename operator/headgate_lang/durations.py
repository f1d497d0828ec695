"""Durations as people write them: `500ms 30s 5m 72h 3d`, one number and one unit. Used wherever a timeout stands."""

import re

PATTERN = r"^(0|[1-9][0-9]{0,8})(ms|s|m|h|d)$"
"""For schemas. CEL's own `duration()` knows no `d`."""

_DURATION = re.compile(PATTERN)
_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


def parse(text: str) -> float:
    """Seconds. The text has been checked: anything else is an error of ours."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a duration: {text!r}")
    return int(match[1]) * _MILLISECONDS[match[2]] / 1000


def spell(seconds: float) -> str:
    """The shortest way to write a duration; fractions of a millisecond are dropped."""
    milliseconds = round(seconds * 1000)
    unit = next(unit for unit, length in _MILLISECONDS.items() if milliseconds % length == 0)
    return f"{milliseconds // _MILLISECONDS[unit]}{unit}" if milliseconds else "0s"
