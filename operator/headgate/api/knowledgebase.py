"""`KnowledgeBase`: documents, cut into chunks, embedded by a Model, kept in a collection of Milvus."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StringConstraints

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Count,
    Definition,
    Line,
    ObjectName,
    Resource,
    Shape,
    Word,
    by,
    condition,
)


class Documents(Shape):
    """Where some of the documents are."""

    name: ObjectName
    """What people call them."""
    url: Annotated[str, StringConstraints(max_length=1024, pattern=r"^(https?|s3)://[^\s]+$")]
    """A document, or a bucket with a prefix."""
    credential: ObjectName | None = None
    """The Credential that opens it."""


class Chunking(Shape):
    """How documents are cut."""

    size: Annotated[StrictInt, Field(ge=64, le=32_768)] = 1024
    """Characters in a chunk, at most."""
    overlap: Annotated[StrictInt, Field(ge=0, le=8192)] = 128
    """Characters that a chunk shares with the one before."""


class Collection(Shape):
    """Where the chunks are kept."""

    url: Annotated[str, StringConstraints(max_length=1024, pattern=r"^https?://[^\s]+$")]
    """Milvus."""
    name: Annotated[str, StringConstraints(max_length=255, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    """The collection."""
    credential: ObjectName | None = None
    """The Credential that opens it."""


class KnowledgeBaseSpec(Shape):
    """Which documents, and how they are found again."""

    description: Line | None = None
    """For people."""
    documents: Annotated[tuple[Documents, ...], Field(max_length=200, json_schema_extra=by("name"))] = ()
    """Where the documents are; nodes may add others."""
    chunking: Chunking = Chunking()
    """How documents are cut."""
    model: ObjectName
    """The Model that embeds; its task is Embed."""
    collection: Collection
    """Where the chunks are kept."""


class KnowledgeBaseStatus(Shape):
    """What is in the collection."""

    documents: Count | None = None
    """How many documents."""
    chunks: Count | None = None
    """How many chunks."""
    dimension: Count | None = None
    """How long a vector is."""
    index: Word | None = None
    """How far Milvus is with its index."""
    conditions: Conditions = ()
    """Ready: whether it can be searched."""


class KnowledgeBase(Resource):
    """Documents, chunking, embedding model, and the collection of Milvus that holds them."""

    crd = Definition(
        plural="knowledgebases",
        short_names=("hkb",),
        columns=(
            Column("Model", ".spec.model"),
            Column("Ready", condition("Ready")),
            Column("Documents", ".status.documents", type="integer"),
            Column("Chunks", ".status.chunks", type="integer"),
            Column("Collection", ".spec.collection.name", wide=True),
            AGE,
        ),
    )

    kind: Literal["KnowledgeBase"]
    spec: KnowledgeBaseSpec
    status: KnowledgeBaseStatus | None = None
