"""What expressions can read at one place: a document for each root.

Roots are `inputs`, `vars`, `run`, in a loop `item` and `index`, and the nodes. The document of a node that succeeded is
its output, of one that failed `{"error": {…}}`; a node that was skipped or omitted has none.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from headgate_lang.cel import Way
from headgate_lang.paths import MissingError, Reference, lookup
from headgate_lang.values import part_of, to_engine


class Scope:
    """Documents by root. Schemas (JSON Schema by root) say which numbers are doubles though they are written `3`."""

    def __init__(self, documents: Mapping[str, Any], schemas: Mapping[str, Any] | None = None) -> None:
        self._documents = documents
        self._schemas = schemas or {}
        self._prepared: dict[str, dict[Way, Any]] = {}

    def having(self, documents: Mapping[str, Any], schemas: Mapping[str, Any] | None = None) -> "Scope":
        """The same with more documents, such as one `item`. What was prepared of the others is shared."""
        scope = Scope({**self._documents, **documents}, {**self._schemas, **(schemas or {})})
        for root in self._documents:
            if root not in documents:
                scope._prepared[root] = self._prepared.setdefault(root, {})
        return scope

    def copy_out(self, reference: Reference) -> Any:
        """What stands at a path, exactly as it stands there. Raises MissingError."""
        if reference.root not in self._documents:
            raise MissingError(f"`{reference.root}` has nothing to read here", "it did not run")
        return lookup(self._documents[reference.root], reference)

    def for_engine(self, ways: Iterable[Way]) -> Mapping[str, Any]:
        """As much of the documents as one expression reads: the engine takes a document in whole, at every evaluation.

        A root without a document is empty, so that `a.?x` is absent.
        """
        seen: dict[str, Any] = {}
        for way in ways:
            self._place(seen, way)
        return seen

    def _place(self, seen: dict[str, Any], way: Way) -> None:
        root, *keys = way
        document, schema = self._documents.get(root, {}), self._schemas.get(root, {})
        held, name, depth = seen, root, 1
        for key in keys:
            if not isinstance(document, dict):
                break  # the expression fails there, as it would with the whole document
            held = held.setdefault(name, {})
            if document.get(key) is None:
                return
            document, schema, name, depth = document[key], part_of(schema, key), key, depth + 1
        prepared = self._prepared.setdefault(root, {})
        if way[:depth] not in prepared:
            prepared[way[:depth]] = to_engine(document, schema)
        held[name] = prepared[way[:depth]]
