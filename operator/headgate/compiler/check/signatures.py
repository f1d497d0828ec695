"""What nodes give, as fields with types: what a node type says, or what another workflow's outputs come to
(LANGUAGE §3.10). Each workflow is looked at once."""

from headgate.api.workflow import OnError
from headgate.compiler.build.nodes import graph_under
from headgate.compiler.build.reading import Place, Reader
from headgate.compiler.build.survey import Survey, survey_of
from headgate.compiler.build.uses import Use
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.check.expressions import Expressions
from headgate.compiler.check.outputs import type_of
from headgate_lang.fate import Outcome
from headgate_lang.schema.keywords import Fields

_DEEPEST = 10
"""Workflows inside one another whose outputs are looked at. What lies deeper is not known here, and checked there."""


class Signatures:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._workflows: dict[str, Fields | None] = {}
        self._depth = 0

    def __call__(self, use: Use) -> Fields | None:
        """The fields that a node gives; None where nobody knows."""
        if use.type is not None:
            return use.output
        if use.workflow is None:
            return None
        if use.name not in self._workflows and self._depth < _DEEPEST:
            self._workflows[use.name] = None  # should it use itself, nobody knows: another check tells that
            self._depth += 1
            self._workflows[use.name] = self._outputs_of(survey_of(use.workflow, self._catalogue))
            self._depth -= 1
        return self._workflows.get(use.name)

    def _outputs_of(self, survey: Survey) -> Fields:
        visit = Expressions(survey, self)  # its problems are told where that workflow is checked
        sure, reader = _surely_succeeded(survey), Reader()
        fields = {}
        for name, value in survey.spec.outputs.items():
            schema = type_of(value, ("outputs", name), visit.outputs)
            places: list[Place] = []
            reader.collect(value, ("outputs", name), places)
            fields[name] = schema if _is_there(places, survey, sure) else {**schema, "optional": True}
        return fields


def _surely_succeeded(survey: Survey) -> set[str]:
    """The nodes that have succeeded, whenever the whole Run has."""
    sure: set[str] = set()
    for node in graph_under(survey, {}):
        met = all(
            need in sure if accepted is Outcome.SUCCEEDED else accepted & Outcome.NOT_FAILED == Outcome.NOT_FAILED
            for need, accepted in node.needs.items()
        )
        if node.when is None and node.on_error is OnError.FAIL and met:
            sure.add(node.name)
    return sure


def _is_there(places: list[Place], survey: Survey, sure: set[str]) -> bool:
    """Whether an output surely has a value: a plain reference without one leaves it out."""
    return all(
        reference.is_optional or (reference.root in sure and not reference.is_error)
        for place in places
        for read in place.reading.expressions
        for reference in read.references
        if reference.root in survey.drafts
    )
