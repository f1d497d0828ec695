"""Where documents lie, for pods that will read them and for what the operator itself copies out of them.

The texts of kept documents are asked for only when somebody needs them: `NeedsReadError` says which.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from headgate.compiler.emit import Document, Inline, InSecret, InStore
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.entries import Live, Place, Stored
from headgate.lifecycle.legview import OutputsLostError
from headgate.lifecycle.observed import Kept, Reference
from headgate_lang import documents


class NeedsReadError(Exception):
    """A key of a kept Secret whose text is not at hand."""

    def __init__(self, reference: Reference) -> None:
        super().__init__(f"{reference.secret}/{reference.key}")
        self.reference = reference


class TooLargeToReadError(Exception):
    """A document that lies in the artifact store, where the operator does not read."""


class Library:
    def __init__(self, kept: Iterable[Kept], keeping: Iterable[KeepOutputs] = ()) -> None:
        self._texts: dict[str, Mapping[str, Any]] = {one.secret: one.data for one in kept}
        for one in keeping:
            self._texts.setdefault(one.secret, one.data)

    def value(self, place: Place) -> Any:
        """Raises NeedsReadError, TooLargeToReadError, DocumentError."""
        if isinstance(place, Stored):
            raise TooLargeToReadError
        return documents.decode(place.text if isinstance(place, Live) else self._text(place))

    def document(self, place: Place) -> Document:
        """As a leg is told it."""
        if isinstance(place, Stored):
            return InStore(place.key)
        if isinstance(place, Reference):
            return InSecret(place.secret, place.key)
        return Inline(documents.decode(place.text))

    def _text(self, reference: Reference) -> str:
        if reference.secret not in self._texts:
            raise OutputsLostError(f"the Secret {reference.secret} is gone")
        text = self._texts[reference.secret].get(reference.key)
        if not isinstance(text, str):
            raise NeedsReadError(reference)
        return text
