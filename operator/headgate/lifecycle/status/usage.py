"""What models were used, summed up: of a node, and of a whole Run."""

from collections.abc import Iterable, Mapping

from headgate.api.run import Usage

_COUNTERS = ("promptTokens", "cachedTokens", "outputTokens")
_SECONDS = "gpuSeconds"


def usage_of(parts: Iterable[Mapping[str, float]]) -> Usage | None:
    """None if nothing was counted."""
    total: dict[str, float] = {}
    for part in parts:
        for key in (*_COUNTERS, _SECONDS):
            if key in part:
                total[key] = total.get(key, 0) + part[key]
    if not total:
        return None
    counted: dict[str, float] = {key: min(int(total[key]), 2**53) for key in _COUNTERS if key in total}
    if _SECONDS in total:
        counted[_SECONDS] = float(min(round(total[_SECONDS], 3), 1e15))
    return Usage.model_validate(counted)


def add(parts: Iterable[Usage | None]) -> Usage | None:
    return usage_of(part.model_dump(by_alias=True, exclude_none=True) for part in parts if part is not None)
