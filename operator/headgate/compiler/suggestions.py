"""Did-you-mean among the same names, again and again: each name once, and no more of them than can be compared quickly.

A workflow may have 10,000 nodes, and 10,000 references to what is not there. Used by `build`, `check` and `catalogue`.
"""

from collections.abc import Collection

from headgate_lang.near import nearest

_MOST_COMPARISONS = 100_000
"""About a second."""


class Suggestions:
    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._known: dict[str, str | None] = {}

    def nearest(self, name: str) -> str | None:
        """What was probably meant. Nothing, too, when very many names have been asked for."""
        if name not in self._known:
            if (len(self._known) + 1) * len(self._names) > _MOST_COMPARISONS:
                return None
            self._known[name] = nearest(name, self._names)
        return self._known[name]

    def remedy(self, name: str) -> str:
        """The same as people read it; empty where nothing is near."""
        near = self.nearest(name)
        return f"did you mean `{near}`?" if near else ""
