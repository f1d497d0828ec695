"""Where the output of a member goes: to a file that travels inside Argo, to the artifact store, or nowhere."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from headgate_lang import documents
from headgate_lang.reasons import Reason
from headgate_lang.report import Error
from headgate_lang.task import Member
from headgate_node.runtime.folders import Folders


class Place(Enum):
    INLINE = "inline"
    STORE = "store"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an output went; or why it could not."""

    size: int
    place: Place | None

    def error(self, limit: int) -> Error:
        message = (
            f"the output has {self.size:,} bytes, and {limit:,} are what can travel here: pass less on, "
            "or have an artifact store set up for what is large"
        )
        return Error(Reason.OUTPUT_TOO_LARGE, message)


def decide_place(size: int, member: Member, *, has_store: bool) -> Place | None:
    """None: it has to go somewhere, and there is no room for it."""
    if size <= member.limit:
        return Place.INLINE
    if has_store:
        return Place.STORE
    return None if member.is_read else Place.NOWHERE


class Outputs:
    def __init__(self, folders: Folders, *, has_store: bool) -> None:
        self._folders = folders
        self._has_store = has_store

    def write(self, member: Member, document: Any) -> Placed:
        text = documents.encode(document)
        place = decide_place(len(text), member, has_store=self._has_store)
        self._write(member.document, text, place)
        return Placed(len(text), place)

    def items_of(self, member: Member) -> "ItemOutputs":
        return ItemOutputs(self._folders, member, has_store=self._has_store)

    def _write(self, name: str, text: str, place: Place | None) -> None:
        if place is Place.INLINE:
            self._folders.write_out(name, text)
        elif place is Place.STORE:
            self._folders.write_large(name, text)


class ItemOutputs:
    """The outputs of the items of a loop that run here: one object by index, which grows."""

    def __init__(self, folders: Folders, member: Member, *, has_store: bool) -> None:
        self._folders = folders
        self._member = member
        self._has_store = has_store
        self._encoded: dict[int, str] = {}
        self._size = 2
        self._is_dirty = False
        self.place: Place | None = Place.INLINE

    def add(self, index: int, document: Any) -> Placed:
        """Take one in, to be written with the next `write`."""
        text = documents.encode(document)
        grown = self._size + len(text) + len(f'"{index}":,')
        place = decide_place(grown, self._member, has_store=self._has_store)
        if place is not None:
            self._encoded[index], self._size, self._is_dirty = text, grown, True
            self.place = place
        return Placed(len(text), place)

    def write(self) -> None:
        if not self._is_dirty:
            return
        self._is_dirty = False
        name = self._member.document
        if self.place is Place.INLINE:
            self._folders.write_out(name, self._text())
        else:
            self._folders.remove_out(name)
        if self.place is Place.STORE:
            self._folders.write_large(name, self._text())

    def _text(self) -> str:
        members = (f'"{index}":{text}' for index, text in self._encoded.items())
        return f"{{{','.join(members)}}}"
