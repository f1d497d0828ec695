"""What the checks look at: a workflow with its survey, and its graph under each environment."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.objects import Vars
from headgate.compiler.build.survey import Draft, Survey
from headgate.compiler.build.uses import Use
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.graph import Graph
from headgate.errors import Severity

MOST_PROBLEMS = 1000
"""Of one kind of check. Whoever has a thousand will not read more, and each takes its time."""


@dataclass(frozen=True)
class Subject:
    survey: Survey
    name: str | None
    """The workflow's own, where it is known."""
    constants: Mapping[str | None, Vars]
    """By environment; None: as `vars` has them."""
    graphs: Mapping[str | None, Graph]
    missing: Severity
    """What an object is that is not there: a warning in admission, since GitOps applies in any order, an error when a
    Run starts."""

    @property
    def spec(self) -> WorkflowSpec:
        return self.survey.spec

    @property
    def catalogue(self) -> Catalogue:
        return self.survey.catalogue

    @property
    def graph(self) -> Graph:
        """Under no environment: what does not depend on constants is the same under each."""
        return self.graphs[None]

    @cached_property
    def is_understood(self) -> bool:
        """Whether every reference leads somewhere. If not, what nobody seems to need may only be misspelt."""
        return self.survey.is_understood

    @cached_property
    def drafts(self) -> Sequence[Draft]:
        """Every node as it was written, doubles included."""
        return tuple(self.survey)

    def using(self, wanted: Callable[[Use], object]) -> Iterator[Draft]:
        """The nodes that use something of this kind. Where nobody does, it costs nothing to ask."""
        found = {use.text for use in self.survey.uses.values() if wanted(use)}
        return (draft for draft in self.drafts if draft.use.text in found) if found else iter(())
