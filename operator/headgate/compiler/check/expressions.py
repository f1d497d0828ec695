"""Every expression of a workflow: how it reads, what type it has, and whether that fits where it stands.

The nodes are visited in topological order, so that what a node gives is known before others read it.
"""

from collections.abc import Callable

from headgate.compiler.build.reading import Place, Steps
from headgate.compiler.build.survey import Draft, Survey
from headgate.compiler.build.uses import Use
from headgate.compiler.check.glance import glance
from headgate.compiler.check.look import Look, Scope
from headgate.compiler.check.outputs import Outputs, items_of
from headgate.compiler.check.references import Origin
from headgate.compiler.check.subject import MOST_PROBLEMS
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.sound import sound_form
from headgate.compiler.suggestions import Suggestions
from headgate.compiler.types import RUN, RUN_IN_FINALLY, UNKNOWN, form, of_value
from headgate.errors import SPEC, Problem
from headgate_lang.schema.keywords import Fields, Schema

MOST_TYPED = 2000
"""Computed expressions whose types are asked of the engine: it may take three milliseconds for each. How the others
read is checked all the same."""
_COUNT: Schema = {"type": "integer"}
_NOTHING_KNOWN = Scope({})


class Expressions:
    """One visit of a workflow: its `problems`, and the types of its `outputs`."""

    def __init__(self, survey: Survey, fields_of: Callable[[Use], Fields | None]) -> None:
        self.problems: list[Problem] = []
        self.outputs: dict[Steps, Schema] = {}
        """The types of what the workflow's outputs compute, by where it stands."""
        self._survey = survey
        self._fields_of = fields_of
        self._made = Outputs()
        self._computed = 0
        spec = survey.spec
        inputs = form(sound_form(spec.inputs))
        self._roots: dict[str, Schema] = {"inputs": inputs, "vars": of_value(spec.vars), "run": RUN}
        """What can be read: ours, then node after node."""
        self._declared = {"inputs": Suggestions(spec.inputs), "vars": Suggestions(spec.vars)}
        self._scope = Scope(self._roots)
        self._scope_at_the_end = self._scope.with_also({"run": RUN_IN_FINALLY})
        for name in survey.order:
            self._node(survey.drafts[name])
        for double in survey.doubles:
            self._node(double)
        self._workflow_outputs()

    def _node(self, draft: Draft) -> None:
        if draft.torn is not None:
            message = f"it reads the output of `{draft.torn}` and its error, and there is never both"
            remedy = f"read one of them in another node, or both by `{draft.torn}.?…` and `{draft.torn}.?error`"
            self.problems.append(Problem(draft.path, ProblemReason.NEVER_RUNS, message, remedy))
        known: dict[Steps, Schema] = {}
        if draft.places:
            self._places(draft, known)
        if not draft.final and draft.name not in self._roots:
            schema = self._made.schema_of(draft, self._fields_of(draft.use), known)
            if schema is not None:
                self._roots[draft.name] = schema

    def _places(self, draft: Draft, known: dict[Steps, Schema]) -> None:
        scope = self._scope_at_the_end if draft.final else self._scope
        in_with = scope if draft.node.for_each is None else None
        for place in draft.places:
            if place.steps[0] != "with":
                here = scope
            else:
                if in_with is None:
                    in_with = scope.with_also({"item": items_of(draft, known), "index": _COUNT})
                here = in_with
            schema = glance(draft, place, here.roots)
            known[place.steps] = self._look(draft, place, here) if schema is None else schema

    def _workflow_outputs(self) -> None:
        for place in self._survey.outputs:
            schema = glance(None, place, self._roots)
            self.outputs[place.steps] = self._look(None, place, self._scope) if schema is None else schema

    def _look(self, draft: Draft | None, place: Place, scope: Scope) -> Schema:
        if len(self.problems) >= MOST_PROBLEMS:
            return UNKNOWN.schema
        self._computed += not place.reading.is_plain
        if self._computed > MOST_TYPED:
            scope = _NOTHING_KNOWN
        origin = Origin(self._survey, draft, self._declared)
        base, params = (draft.path, draft.use.params) if draft else (SPEC, None)
        look = Look(base, place, origin, scope, params)
        self.problems.extend(look.problems())
        return look.schema
