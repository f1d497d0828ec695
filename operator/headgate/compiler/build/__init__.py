"""From a workflow to its graph, under one environment.

A graph comes out even of a workflow with problems, of as much of it as makes sense, so that everything else can be
checked: what leads nowhere is left out. What has problems never runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.faults import faults_of
from headgate.compiler.build.nodes import graph_under
from headgate.compiler.build.objects import vars_under
from headgate.compiler.build.survey import survey_of
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.graph import Graph
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Problem
from headgate_lang.near import did_you_mean


@dataclass(frozen=True, slots=True)
class Built:
    graph: Graph
    problems: tuple[Problem, ...]


def build(spec: WorkflowSpec, catalogue: Catalogue, environment: str | None = None) -> Built:
    survey = survey_of(spec, catalogue)
    problems = (*faults_of(survey), *_environment(spec, environment))
    return Built(graph_under(survey, vars_under(spec, environment)), problems)


def _environment(spec: WorkflowSpec, environment: str | None) -> Iterator[Problem]:
    """A workflow without environments is the same under any; one that has some must have this one."""
    if environment is not None and spec.environments and environment not in spec.environments:
        known = ", ".join(spec.environments)
        remedy = did_you_mean(environment, spec.environments) or f"it has {known}"
        message = f"there is no environment `{environment}`"
        yield Problem(SPEC / "environments", ProblemReason.UNKNOWN_ENVIRONMENT, message, remedy)
