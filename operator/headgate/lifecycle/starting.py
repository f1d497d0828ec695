"""The first decision about a Run: whether it may start now, whether it can, and what it keeps to from then on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from headgate.api.run import Run
from headgate.api.workflow import OnLimit, WorkflowSpec
from headgate.compiler.build import build
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.check import check
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.run import check_run
from headgate.compiler.run_again import check_from
from headgate.errors import Problem, Severity
from headgate.lifecycle import moments, pinned
from headgate.lifecycle.children import is_part
from headgate.lifecycle.observed import Observed, Sibling
from headgate.lifecycle.pinned import REVISION, Pinned, PinnedCatalogue

_BREATH = timedelta(seconds=1)
_TOLD_AFTER = timedelta(seconds=3)
"""The status of a Run that has started is written by then."""
NEAR = 10
"""With so many ahead at most, a Run in the queue is told how many. Whoever stands further back is told what stays true
while others come and go: of a thousand in a queue, each that ends would else be a thousand writes."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It can never start."""

    reason: str
    message: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Queued:
    message: str
    briefly: bool = False
    """Only until it is known which of the others start."""


def start(observed: Observed, now: datetime) -> Pinned | Refused | Queued:
    run = observed.run
    brought = _brought_along(observed)
    if brought is not None:
        return _fit(run, brought, observed.catalogue)
    found = observed.catalogue.workflow(run.spec.workflow)
    if not isinstance(found, Found):
        near = getattr(found, "near", None)
        remedy = f": did you mean `{near}`?" if near else ": apply it first, then create the Run again"
        return Refused(ProblemReason.MISSING_WORKFLOW, f"there is no Workflow `{run.spec.workflow}` here{remedy}")
    limited = _limited(found.value, observed, now)
    if limited is not None:
        return limited
    checked = check(found.value, observed.catalogue, name=run.spec.workflow, missing=Severity.ERROR)
    errors = [problem for problem in checked.problems if problem.severity is Severity.ERROR]
    if errors:
        return _refused("InvalidWorkflow", f"workflow {run.spec.workflow}", errors)
    return _fit(run, pinned.pin(run.spec.workflow, found.value, observed.catalogue), observed.catalogue)


def _brought_along(observed: Observed) -> Pinned | None:
    """A child Run keeps to what was fixed when the root started."""
    metadata = observed.run.metadata
    if not is_part(observed.run) or REVISION not in metadata.labels or observed.pinned is None:
        return None
    brought = pinned.read(observed.pinned)
    return brought if brought.revision == metadata.labels[REVISION] else None


def _fit(run: Run, revision: Pinned, catalogue: Catalogue) -> Pinned | Refused:
    problems = [*check_run(run.spec, revision.workflow)]
    if run.spec.from_ is not None:
        graph = build(revision.workflow, PinnedCatalogue(revision, catalogue), run.spec.environment).graph
        problems += check_from(run.spec.from_, graph)
    return _refused("InvalidRun", "the Run", problems) if problems else revision


def _refused(reason: str, what: str, problems: Sequence[Problem]) -> Refused:
    more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
    return Refused(reason, f"{what}: {problems[0]}{more}", tuple(problems))


def _limited(workflow: WorkflowSpec, observed: Observed, now: datetime) -> Refused | Queued | None:
    """A Run that only waits uses up no place; of those that are to start, the oldest is first.

    What is seen of the others may lag behind: several Runs are decided at one moment, and none sees another start. So
    one that older Runs may leave no place to is not refused before these are under way, or refused themselves.
    """
    concurrency = workflow.execution.concurrency if workflow.execution else None
    if concurrency is None:
        return None
    name, limit = observed.run.spec.workflow, concurrency.limit
    if limit == 0:
        return Refused("Retired", f"workflow {name} is retired: its concurrency limit is 0")
    running = sum(one.phase == "Running" for one in observed.siblings)
    refuses = concurrency.on_limit is OnLimit.REFUSE
    if refuses and running >= limit:
        return Refused("ConcurrencyLimit", f"{running} of {limit} Runs of {name} are under way")
    starting = [one for one in observed.siblings if one.phase in ("", "Pending") and one.may_start]
    created, its = moments.parse(observed.run.metadata.creation_timestamp), observed.run.metadata.name or ""
    older = sum(created is None or (one.created_at, one.name) < (created, its) for one in starting)
    ahead = older + sum(_may_have_been_first(one, created, its, now) for one in starting)
    if running + ahead < limit:
        return None
    message = f"queued: {running} of {limit} Runs of {name} are under way, {ahead} are ahead"
    if ahead > NEAR:
        message = f"queued: more than {NEAR} Runs of {name} are ahead, of which {limit} may be under way at once"
    return Queued(message, briefly=refuses or running + older < limit)


def _may_have_been_first(sibling: Sibling, created: datetime | None, name: str, now: datetime) -> bool:
    """No older than this one, but created in one breath with it, it may have been seen alone, and be about to start,
    whatever the order of their names: a time of creation has whole seconds. By and by, its status tells."""
    if created is None or (sibling.created_at, sibling.name) < (created, name):
        return False
    if sibling.created_at - created > _BREATH:
        return False
    return abs(now - max(sibling.created_at, created)) < _TOLD_AFTER
