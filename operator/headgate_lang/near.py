"""The name that somebody probably meant: what stands behind every "did you mean `fetch`?"."""

from collections.abc import Iterable

_FARTHEST = 2
_LONGEST = 60


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is a slip of the fingers away; of several the closest, then the first by alphabet."""
    allowed = min(_FARTHEST, (len(name) + 1) // 3)
    best: tuple[int, str] | None = None
    for candidate in candidates:
        distance = _distance(name, candidate, allowed)
        if distance is not None and (best is None or (distance, candidate) < best):
            best = distance, candidate
    return best[1] if best else None


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The remedy as people read it; empty where nothing is near."""
    near = nearest(name, candidates)
    return f"did you mean `{near}`?" if near else ""


def _distance(left: str, right: str, allowed: int) -> int | None:
    """Edit distance where a swap of neighbours counts one, capitals count nothing; None beyond what is allowed."""
    if len(left) > _LONGEST or abs(len(left) - len(right)) > allowed:
        return None
    left, right = left.lower(), right.lower()
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return None
    return row[-1] if row[-1] <= allowed else None
