"""What the API server holds of one kind, as far as it was heard. Filled by a watch and by our own writes; never asked
of the API server.

Objects are kept packed, as JSON: a fraction of the memory of dictionaries, and nobody can change what others will read.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic_core import to_json

from headgate.kube.answers import parse
from headgate.kube.kinds import Key, Kind, Object, key_of, version_of

Trim = Callable[[Object], Object]
"""What of an object is kept."""
Index = Callable[[Object], Iterable[str]]
"""Under which words an object is found."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an object: `old` is None for one that is new, `new` for one that is gone."""

    key: Key
    old: Object | None
    new: Object | None

    @property
    def thing(self) -> Object:
        found = self.new if self.new is not None else self.old
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class _Packed:
    version: int
    words: tuple[tuple[str, str], ...]
    data: bytes


def untouched(thing: Object) -> Object:
    """All but who wrote which field when, which is often the larger half."""
    metadata = thing["metadata"]
    if "managedFields" in metadata:
        metadata = {name: value for name, value in metadata.items() if name != "managedFields"}
    return {**thing, "metadata": metadata}


class Cache:
    def __init__(self, kind: Kind, *, trim: Trim = untouched, indexes: Mapping[str, Index] | None = None) -> None:
        self.kind = kind
        self._trim = trim
        self._indexes = dict(indexes or {})
        self._things: dict[Key, _Packed] = {}
        self._found: dict[tuple[str, str], tuple[Key, ...]] = {}
        """Mostly one under each word, and a tuple of one is a quarter of a set."""
        self._gone: dict[Key, int] = {}
        """Versions at which we deleted something ourselves, until the watch has caught up."""
        self.listener: Callable[[Change], None] = lambda _: None
        self.synced = False
        """Whether a whole list has been read."""
        self.served = True
        """Whether the API server knows the kind, as far as it was asked."""
        self.count_of_changes = 0

    def __len__(self) -> int:
        return len(self._things)

    def get(self, namespace: str, name: str) -> Object | None:
        packed = self._things.get((namespace, name))
        return None if packed is None else parse(packed.data)

    def by(self, index: str, word: str) -> list[Object]:
        """In the order of their names."""
        return [parse(self._things[key].data) for key in self.keys_by(index, word)]

    def keys_by(self, index: str, word: str) -> list[Key]:
        """As `by`, for whoever may know the objects already."""
        return sorted(self._found.get((index, word), ()))

    def version(self, key: Key) -> int:
        """Of one that is here."""
        return self._things[key].version

    @property
    def names(self) -> tuple[Key, ...]:
        return tuple(self._things)

    def __iter__(self) -> Iterator[Object]:
        for packed in tuple(self._things.values()):
            yield parse(packed.data)

    def put(self, thing: Object) -> bool:
        """Take in what was heard, or what a write of ours gave back; whatever is older than what is here is dropped."""
        key, version = key_of(thing), version_of(thing)
        old = self._things.get(key)
        if (old is not None and old.version >= version) or self._gone.get(key, -1) >= version:
            return False
        kept = self._trim(thing)
        words = tuple(dict.fromkeys((name, word) for name, index in self._indexes.items() for word in index(kept)))
        if old is not None and old.words == words:
            words = old.words
        else:
            self._unindex(key, old)
            for word in words:
                self._found[word] = (*self._found.get(word, ()), key)
        self._things[key] = _Packed(version, words, to_json(kept))
        self._gone.pop(key, None)
        self._tell(key, old, kept)
        return True

    def remove(self, thing: Object) -> None:
        """It was heard that this is gone."""
        key, version = key_of(thing), version_of(thing)
        self._gone.pop(key, None)
        old = self._things.get(key)
        if old is not None and old.version <= version:
            self._drop(key, old)

    def forget(self, namespace: str, name: str) -> None:
        """We deleted it, or looked and it is not there. What the watch still says of it is older."""
        key = (namespace, name)
        old = self._things.get(key)
        if old is not None:
            self._gone[key] = old.version
            self._drop(key, old)

    def replace(self, there: Collection[Key], version: int) -> None:
        """A whole list was read, as of a version: whatever is not in it and not younger is gone."""
        for key, packed in tuple(self._things.items()):
            if key not in there and packed.version <= version:
                self._drop(key, packed)
        self._gone.clear()
        self.synced = True

    def _drop(self, key: Key, old: _Packed) -> None:
        self._unindex(key, old)
        del self._things[key]
        self._tell(key, old, None)

    def _unindex(self, key: Key, old: _Packed | None) -> None:
        for word in old.words if old else ():
            left = tuple(other for other in self._found[word] if other != key)
            if left:
                self._found[word] = left
            else:
                del self._found[word]

    def _tell(self, key: Key, old: _Packed | None, new: Object | None) -> None:
        self.count_of_changes += 1
        before = parse(old.data) if old else None
        if before is not None and new is not None and _uid(before) != _uid(new):
            self.listener(Change(key, before, None))  # that it went was not heard, and another has its name by now
            before = None
        self.listener(Change(key, before, new))


def _uid(thing: Object) -> str | None:
    uid: str | None = thing["metadata"].get("uid")
    return uid
