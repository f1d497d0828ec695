"""An .xlsx file as the zip of XML parts that it is, unpacked within bounds. Used by `formats.xlsx_reading`.

A few kilobytes can stand for gigabytes here: in the zip, in what the XML says, and in where its cells are. So nothing
is unpacked that is not read, and what is large is read as a stream that forgets what is behind it.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, Self

from lxml import etree

from headgate_node import NodeError

MAX_UNPACKED = 100_000_000
MAX_STRETCH = 8_000_000
"""Of XML without one of the elements that are asked for: what is not asked for stays in memory."""
MAX_SMALL_PART = 5_000_000

_OLE = b"\xd0\xcf\x11\xe0"


class Package:
    """Raises NodeError NotExcel for whatever is wrong with it."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLE):
            raise refuse("it is an old .xls, or protected by a password: save it as .xlsx, without one")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
            raise refuse(f"it is no .xlsx file ({error})") from None
        self._names = {name.lower(): name for name in self._zip.namelist()}
        self._left = MAX_UNPACKED

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def read_small(self, name: str) -> Any:
        """The root of a part that is small in every honest file."""
        with self._open(name) as file:
            text = file.read(MAX_SMALL_PART + 1)
        if len(text) > MAX_SMALL_PART:
            raise refuse(f"its part {name[:80]} has more than {MAX_SMALL_PART:,} bytes")
        try:
            root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        except (etree.XMLSyntaxError, ValueError) as error:
            raise refuse(f"its part {name[:80]} is damaged ({str(error)[:200]})") from None
        _refuse_doctype(root, name)
        return root

    def read_elements(self, name: str, tag: str, end: str) -> Iterator[Any]:
        """The elements of a name in a part, one after the other; an element called `end` ends it."""
        with self._open(name) as file:
            events = etree.iterparse(
                file, events=("end",), tag=(f"{{*}}{tag}", f"{{*}}{end}"), resolve_entities=False, no_network=True
            )
            is_first = True
            try:
                for _, element in events:
                    if is_first:
                        _refuse_doctype(element, name)
                        is_first = False
                    if etree.QName(element).localname == end:
                        return
                    file.stretch = 0
                    yield element
                    element.clear()
                    while (before := element.getprevious()) is not None:
                        before.getparent().remove(before)
            except (etree.XMLSyntaxError, ValueError) as error:
                raise refuse(f"its part {name[:80]} is damaged ({str(error)[:200]})") from None

    def read_relations(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: id → kind and name of a part."""
        folder, base = posixpath.split(name)
        path = posixpath.join(folder, "_rels", f"{base}.rels")
        if not self.has(path):
            return {}
        found = {}
        for relation in self.read_small(path).iterfind("{*}Relationship"):
            target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], target)
        return found

    def _open(self, name: str) -> "_Part":
        if not self.has(name):
            raise refuse(f"its part {name[:80]} is not there")
        try:
            return _Part(self._zip.open(self._names[name.lower()]), self)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise refuse(f"its part {name[:80]} cannot be unpacked ({error})") from None

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise NodeError("TooLarge", f"base64: unpacked it has more than {MAX_UNPACKED:,} bytes: save it in parts")


class _Part:
    """A part while it is unpacked."""

    def __init__(self, file: IO[bytes], package: Package) -> None:
        self._file = file
        self._package = package
        self.stretch = 0

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise refuse(f"a part of it cannot be unpacked ({error})") from None
        self._package.take(len(data))
        self.stretch += len(data)
        if self.stretch > MAX_STRETCH:
            raise refuse(f"it has {MAX_STRETCH:,} bytes in which there is no row or text")
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def refuse(why: str) -> NodeError:
    return NodeError("NotExcel", f"base64: {why}")


def _refuse_doctype(element: Any, name: str) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise refuse(f"its part {name[:80]} has a document type, which no honest file has")
