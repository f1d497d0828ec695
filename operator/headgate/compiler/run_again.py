"""Whether what a Run wants with another (`from`) can be: of nodes that there are, with outputs that fit, past no gate.

The start of a Run asks, and before it lint, admission and the command line.
"""

from collections.abc import Iterator

from headgate.api.run import From, RunSpec, Skip
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build import build
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.document.depth import FLATTEN, NESTED_DEEPER, is_deeper
from headgate.compiler.graph import OUTPUTS, Graph, Node, Way
from headgate.compiler.passing import ways, why_not_given
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.rerun import given_in_place
from headgate.compiler.run import REASONS
from headgate.errors import SPEC, Item, Path, Problem
from headgate_lang.near import did_you_mean
from headgate_lang.schema import check_given


def check_run_again(run: RunSpec, workflow: WorkflowSpec, catalogue: Catalogue) -> tuple[Problem, ...]:
    """By the workflow as it is: what a Run keeps to is not known before it starts."""
    if run.from_ is None:
        return ()
    return tuple(check_from(run.from_, build(workflow, catalogue, run.environment).graph))


def check_from(wanted: From, graph: Graph) -> Iterator[Problem]:
    """`graph`: of the content that the Run will keep to."""
    names = [name for name in graph.by_name if name != OUTPUTS]
    for field, given in (("restart", wanted.restart), ("skip", tuple(wanted.skip))):
        for name in given:
            path = SPEC / "from" / field
            if name not in names:
                message = f"there is no node `{name}`"
                yield Problem(path, ProblemReason.UNKNOWN_NODE, message, did_you_mean(name, names) or "")
            elif field == "skip":
                yield from _skipped(path, graph, graph[name], wanted.skip[name])


def _skipped(path: Path, graph: Graph, node: Node, skip: Skip) -> Iterator[Problem]:
    found = ways(graph, node.name)
    way = why_not_given(found, has_output=skip.output is not None)
    if way is None:
        yield from _given(node, skip)
    else:
        message, remedy = _held_back(node, way, found[way].name)
        yield Problem(path, ProblemReason.NOT_FOR_GATES, message, remedy)


def _held_back(node: Node, way: Way, gate: str) -> tuple[str, str]:
    """Why nobody can go on with another end of a node, and what to do."""
    name = node.name
    match way:
        case Way.HOLDS:
            what = "is a gate" if node.type is not None else "is a workflow that holds a gate"
            return f"`{name}` {what}, and nobody can skip one", "let people answer it"
        case Way.AFTER:
            what = f"`{name}` comes after `{gate}`, which is a gate or holds one"
            return f"{what}, and nobody can skip past one", "let people answer it"
        case Way.BEFORE:
            return f"without `{name}` the gate `{gate}` would not ask, and nobody can skip one", "give its output"
        case Way.DECIDES:
            what = f"what `{name}` gives may decide whether `{gate}` asks"
            return f"{what}, and nobody can skip a gate", "let it run"
        case Way.UNSEEN:
            what = f"what `{name}` gives goes to what comes after `{gate}`, which does not show it"
            return f"{what}: nobody would have approved it", "let it run, or let the gate show it"


def _given(node: Node, skip: Skip) -> Iterator[Problem]:
    """What is wrong with an output that stands in for a node's."""
    if skip.output is not None and is_deeper(skip.output):
        path = SPEC / "from" / "skip" / node.name / "output"
        yield Problem(path, ProblemReason.INVALID_VALUE, f"the output {NESTED_DEEPER}", FLATTEN)
        return
    form = given_in_place(node)
    if skip.output is None or form is None:
        return
    for violation in check_given(skip.output, form):
        steps = (Item(step) if isinstance(step, int) else step for step in violation.path)
        path = Path(("spec", "from", "skip", node.name, "output", *steps))
        what = f"`{'.'.join(str(step) for step in violation.path)}`" if violation.path else "the output"
        yield Problem(path, REASONS[violation.kind], f"{what} {violation.message}", violation.remedy)
