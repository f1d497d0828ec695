"""What the parameters and the output of a node are made of. Checked strictly: a pod trusts no document.

In documents, `max_tokens` is called `maxTokens`, and `json_` (its own name is taken in Python) `json`. There is no
null: a member that is null is as absent, and one that is None is left out of the output.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, model_validator

Json = Any
"""Any value that JSON can hold."""

Build = Callable[[Any], dict[str, Any]]
"""How pydantic makes the JSON Schema of what is marked: asked by the generator alone."""
Kind = Literal["ApprovalPolicy", "Credential", "KnowledgeBase", "Model"]


@dataclass(frozen=True, slots=True)
class Ref:
    """Marks a parameter that names an object: `Annotated[str, Ref("Credential", accepts=("apiKey",))]`."""

    kind: Kind
    accepts: tuple[str, ...] = ()
    """Of which types it may be."""

    def __get_pydantic_json_schema__(self, schema: Any, build: Build) -> dict[str, Any]:
        return {**build(schema), "x-ref": self.kind, **({"x-accepts": list(self.accepts)} if self.accepts else {})}


@dataclass(frozen=True, slots=True)
class TypeOf:
    """Marks an output that has the type of a parameter: `TypeOf("with.edit")`, or of all of them: `TypeOf("with")`."""

    path: str
    keyword: ClassVar[str] = "x-type-of"

    def __get_pydantic_json_schema__(self, schema: Any, build: Build) -> dict[str, Any]:
        return {**build(schema), self.keyword: self.path}


@dataclass(frozen=True, slots=True)
class FieldsOf:
    """Marks an output with the fields that a parameter lists, name → JSON Schema: `FieldsOf("with.answer")`."""

    path: str
    keyword: ClassVar[str] = "x-fields-of"

    def __get_pydantic_json_schema__(self, schema: Any, build: Build) -> dict[str, Any]:
        return {**build(schema), self.keyword: self.path}


@dataclass(frozen=True, slots=True)
class SchemaOf:
    """Marks an output that has the JSON Schema which a parameter holds: `SchemaOf("with.schema")`."""

    path: str
    keyword: ClassVar[str] = "x-schema-of"

    def __get_pydantic_json_schema__(self, schema: Any, build: Build) -> dict[str, Any]:
        return {**build(schema), self.keyword: self.path}


def name_in_documents(name: str) -> str:
    first, *rest = name.removesuffix("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


class Params(BaseModel):
    """What a node takes; also the base of whatever stands inside it."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", alias_generator=name_in_documents)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if isinstance(values, dict) and None in values.values():
            return {name: value for name, value in values.items() if value is not None}
        return values


class Output(BaseModel):
    """What a node gives; also the base of whatever stands inside it."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", alias_generator=name_in_documents, populate_by_name=True
    )

    @classmethod
    def of(cls, values: Mapping[str, Json]) -> "Output":
        """An output whose fields depend on the parameters: `output_like` of the node says how."""
        return Whole(values=dict(values))


class Whole(Output):
    """An output that is one value, and not a field for each name of a class."""

    values: dict[str, Json]
