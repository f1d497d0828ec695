"""Which entries somebody asks for: by time, namespace, who, action, object and Run. Asked by the command line."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from fnmatch import fnmatchcase

from headgate.audit.entry import Entry
from headgate.lifecycle import moments


@dataclass(frozen=True, slots=True)
class Search:
    """What is empty asks for everything."""

    since: datetime | None = None
    until: datetime | None = None
    namespace: str = ""
    who: Collection[str] = ()
    """User names; `*` stands for anything."""
    actions: Collection[str] = ()
    run: str = ""
    thing: str = ""
    """`KIND/NAME`, `NAME` or the beginning of a uid."""
    text: str = ""
    """Anywhere in what an entry says."""

    @property
    def asks_for_all(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))

    def matches(self, entry: Entry) -> bool:
        return (
            self._is_in_time(entry)
            and self.namespace in ("", entry.namespace)
            and (not self.who or any(fnmatchcase(entry.who, who) for who in self.who))
            and (not self.actions or entry.action in self.actions)
            and self.run in ("", entry.run)
            and self._is_about(entry)
            and self._says(entry)
        )

    def _is_in_time(self, entry: Entry) -> bool:
        if self.since is None and self.until is None:
            return True
        at = moments.parse(entry.at) or moments.parse(entry.seen)
        if at is None:
            return False
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def _is_about(self, entry: Entry) -> bool:
        if not self.thing:
            return True
        kind, slash, name = self.thing.rpartition("/")
        if slash:
            return entry.name == name and entry.kind.lower() == kind.lower()
        return entry.name == name or (len(name) >= 8 and entry.uid.startswith(name))

    def _says(self, entry: Entry) -> bool:
        if not self.text:
            return True
        said = (entry.who, entry.name, entry.run, entry.outcome, *map(str, entry.detail.values()))
        wanted = self.text.casefold()
        return any(wanted in one.casefold() for one in said)
