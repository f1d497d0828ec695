"""Every problem of a workflow at once: errors and warnings, each with its place, a reason and what to do.

The same answers in admission, in `status`, before a Run starts, and offline in `headgate lint`. `FAMILIES` is the list
of everything that is checked: a new check is a function in a module here, and a line there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.faults import faults_of
from headgate.compiler.build.nodes import graph_under, graph_with
from headgate.compiler.build.objects import vars_under
from headgate.compiler.build.survey import survey_of
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.check.approvals import check_approvals
from headgate.compiler.check.bounds import check_bounds
from headgate.compiler.check.children import check_children
from headgate.compiler.check.conditions import check_conditions
from headgate.compiler.check.constants import check_constants, check_inputs
from headgate.compiler.check.effects import check_effects
from headgate.compiler.check.expressions import Expressions
from headgate.compiler.check.finals import check_finals
from headgate.compiler.check.gates import check_gates
from headgate.compiler.check.loops import check_loops
from headgate.compiler.check.names import check_names
from headgate.compiler.check.objects import check_objects
from headgate.compiler.check.parameters import check_constant_parameters, check_forms, check_parameters
from headgate.compiler.check.places import in_order
from headgate.compiler.check.policies import check_policies
from headgate.compiler.check.retries import check_retries
from headgate.compiler.check.shape import check_parts, check_unused
from headgate.compiler.check.signatures import Signatures
from headgate.compiler.check.subject import MOST_PROBLEMS, Subject
from headgate.compiler.check.uses import check_uses
from headgate.compiler.graph import Graph
from headgate.errors import Problem, Severity


def check_graph(subject: Subject) -> Iterator[Problem]:
    return faults_of(subject.survey)


def check_expressions(subject: Subject) -> Iterator[Problem]:
    return iter(Expressions(subject.survey, Signatures(subject.catalogue)).problems)


FAMILIES: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    check_graph,
    check_names,
    check_inputs,
    check_constants,
    check_uses,
    check_children,
    check_parameters,
    check_constant_parameters,
    check_forms,
    check_objects,
    check_expressions,
    check_conditions,
    check_loops,
    check_retries,
    check_gates,
    check_approvals,
    check_policies,
    check_effects,
    check_finals,
    check_bounds,
    check_parts,
    check_unused,
)


@dataclass(frozen=True, slots=True)
class Checked:
    problems: tuple[Problem, ...]
    """By place. Of one family, a thousand at most."""
    graphs: Mapping[str | None, Graph]
    """By environment; None: where none is chosen. Fit to run only if no problem is an error."""

    @property
    def has_errors(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)


def check(
    spec: WorkflowSpec, catalogue: Catalogue, *, name: str | None = None, missing: Severity = Severity.WARNING
) -> Checked:
    """Check a workflow. `name` is its own. `missing`: what it is that an object is not there: an error when a Run
    starts."""
    survey = survey_of(spec, catalogue)
    constants = {environment: vars_under(spec, environment) for environment in (None, *spec.environments)}
    graph = graph_under(survey, constants[None])
    graphs: dict[str | None, Graph] = {None: graph}
    for environment in spec.environments:
        graphs[environment] = graph_with(graph, survey, constants[environment])
    subject = Subject(survey, name, constants, graphs, missing)
    found = dict.fromkeys(problem for family in FAMILIES for problem in islice(family(subject), MOST_PROBLEMS))
    return Checked(in_order(found), graphs)
