"""What nodes give, as schemas: what their types say, with what depends on parameters filled in (LANGUAGE §1.11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate.compiler.build.reading import Steps, item_of
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.dependence import Dependence, Way, dependence, parameter
from headgate.compiler.sound import sound_form, sound_schema
from headgate.compiler.types import UNKNOWN, form, loop, node, of_value
from headgate.compiler.types.shapes import closed, common
from headgate_lang import template
from headgate_lang.schema.keywords import Fields, Schema, is_schema

Known = Mapping[Steps, Schema]
"""The types of a node's texts with expressions, by where they stand."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How the fields of one type depend on parameters."""

    fields: Fields
    whole: Dependence | None
    single: Mapping[str, Dependence]


class Outputs:
    """Makes the schemas. What is equal is made once, and is then one object: answers about it are found again.

    What a key takes the identity of is kept beside it, so that nothing else can take that identity.
    """

    def __init__(self) -> None:
        self._recipes: dict[int, _Recipe] = {}
        self._made: dict[tuple[Any, ...], tuple[Schema, Any]] = {}

    def schema_of(self, draft: Draft, fields: Fields | None, known: Known) -> Schema | None:
        """What expressions can read of a node that gives these fields: its output and its error."""
        if fields is None:
            return None
        recipe = self._recipes.get(id(fields)) or self._recipe(fields)
        item = items_of(draft, known) if draft.node.for_each is not None else None
        if recipe.single:
            return _node({**fields, **_filled_in(draft, recipe, known)}, item)
        if recipe.whole is None:
            return self._make((id(fields), id(item)), fields, item)
        own = _fields(draft, recipe.whole, known)
        return self._make((id(item), *own, *map(id, own.values())), own, item)

    def _recipe(self, fields: Fields) -> _Recipe:
        single = {name: one for name, schema in fields.items() if (one := dependence(schema)) is not None}
        recipe = self._recipes[id(fields)] = _Recipe(fields, dependence(fields), single)
        return recipe

    def _make(self, key: tuple[Any, ...], fields: Fields, item: Schema | None) -> Schema:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _node(fields, item), (fields, item)
        return made[0]


def _node(fields: Fields, item: Schema | None) -> Schema:
    return node(fields) if item is None else loop(fields, item)


def _filled_in(draft: Draft, recipe: _Recipe, known: Known) -> Fields:
    found = {name: resolved(draft, one, known) for name, one in recipe.single.items()}
    return {name: schema for name, schema in found.items() if schema is not None}


def _fields(draft: Draft, whole: Dependence, known: Known) -> Fields:
    """The fields of an output that a parameter names."""
    written = parameter(draft.node.with_, whole.keys)
    if not isinstance(written, dict):
        return {}
    if whole.way is Way.TYPE:
        steps = ("with", *whole.keys)
        return {name: type_of(value, (*steps, name), known) for name, value in written.items()}
    return sound_form(written) if whole.way is Way.FIELDS else sound_schema(written).get("properties", {})


def items_of(draft: Draft, known: Known) -> Schema:
    """The schema of what a loop runs over."""
    items = draft.node.for_each.items if draft.node.for_each else None
    schema = type_of(items, ("forEach", "in"), known)
    inner = schema.get("items") if schema.get("type") == "array" else None
    return inner if is_schema(inner) else UNKNOWN.schema


def resolved(draft: Draft, own: Dependence, known: Known) -> Schema | None:
    """What a dependence comes to with the parameters of a node; None where the parameter is not given."""
    written = parameter(draft.node.with_, own.keys)
    if own.way is Way.TYPE:
        return closed({}) if written is None else type_of(written, ("with", *own.keys), known)
    if not isinstance(written, dict):
        return None
    return form(sound_form(written)) if own.way is Way.FIELDS else sound_schema(written)


def type_of(value: Any, steps: Steps, known: Known) -> Schema:
    """The type of a value as it stands in a workflow, by the types of its expressions."""
    if isinstance(value, str):
        return known.get(steps, UNKNOWN.schema) if template.has_expression(value) else of_value(value)
    if isinstance(value, dict):
        return closed({name: type_of(held, (*steps, name), known) for name, held in value.items()})
    if isinstance(value, list):
        held = [type_of(one, (*steps, item_of(index, one)), known) for index, one in enumerate(value)]
        return {"type": "array", "items": common(held)}
    return of_value(value)
