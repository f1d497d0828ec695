"""What is wrong with the graph itself: names, what nodes use, references that lead nowhere, circles."""

from collections.abc import Iterable, Iterator

from headgate.compiler.build.foreign import meant_by
from headgate.compiler.build.needs import ROOTS
from headgate.compiler.build.reading import Place
from headgate.compiler.build.survey import Draft, Survey
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem, Span
from headgate.names import why_refused
from headgate_lang import template


def faults_of(survey: Survey) -> Iterator[Problem]:
    for draft in survey:
        refused = why_refused(draft.name)
        if refused is not None:
            yield Problem(draft.at("name"), ProblemReason.INVALID_NAME, refused, renamed(draft.name))
        if draft.use.answer is None:
            yield _use(draft)
        if draft.strays:
            yield from _after(draft, survey)
            yield from _references(draft.path, draft.places, survey)
    yield from _doubles(survey)
    yield from _references(SPEC, survey.outputs, survey)
    yield from _circles(survey)


def renamed(name: str) -> str:
    """What to call it instead."""
    plain = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name.lower()).strip("_")
    for candidate in (plain[:40], f"{plain[:38]}_1", f"n_{plain[:38]}"):
        if why_refused(candidate) is None and candidate != name:
            return f"call it `{candidate}`, for instance"
    return "take another name"


def _doubles(survey: Survey) -> Iterator[Problem]:
    for double in survey.doubles:
        message = f"there is a node `{double.name}` already"
        yield Problem(double.path, ProblemReason.DUPLICATE_NAME, message, "give one of them another name")


def _use(draft: Draft) -> Problem:
    use = draft.node.use
    if template.has_expression(use):
        message, remedy = "what a node does is never computed", "write a node for each, and let `when` choose"
        return Problem(draft.at("use"), ProblemReason.NOT_COMPUTED, message, remedy)
    message = f"`{use}` is neither a node type nor a workflow"
    return Problem(draft.at("use"), ProblemReason.INVALID_USE, message, _use_remedy(use))


def _use_remedy(use: str) -> str:
    name, _, version = use.rpartition(".v")
    if name and version.isdigit():
        return f"write `{name}@{version}`"
    if use.startswith("workflow"):
        return "write `workflow/NAME`, the name of a Workflow in the same namespace"
    return "write `http`, `http@2` or `workflow/NAME`"


def _after(draft: Draft, survey: Survey) -> Iterator[Problem]:
    if draft.final:
        return
    for name in draft.node.after:
        known = survey.drafts.get(name)
        if known is None:
            remedy = survey.node_names.remedy(name) or "name a node of this workflow, or leave the line out"
            message = f"there is no node `{name}`"
            yield Problem(draft.at("after", name), ProblemReason.UNKNOWN_NODE, message, remedy, on_key=True)
        elif known.final:
            yield _refers_to_finally(draft.at("after", name), name, None)


def _references(base: Path, places: Iterable[Place], survey: Survey) -> Iterator[Problem]:
    """What expressions read that is no node, or one that comes after everything."""
    for place in places:
        for read in place.reading.expressions:
            for reference in read.references:
                if reference.root in ROOTS:
                    continue
                known = survey.drafts.get(reference.root)
                if known is not None and not known.final:
                    continue
                path = Path((*base.steps, *place.steps))
                span = Span(read.start + reference.start, read.start + reference.root_end)
                if known is not None:
                    yield _refers_to_finally(path, reference.root, span)
                else:
                    message, remedy = (
                        f"there is no node `{reference.root}`",
                        meant_by(reference, survey.drafts, survey.node_names),
                    )
                    yield Problem(path, ProblemReason.UNKNOWN_NODE, message, remedy, span=span)


def _refers_to_finally(path: Path, name: str, span: Span | None) -> Problem:
    message = f"`{name}` stands in `finally`, which begins when everything else has ended"
    remedy = f"move `{name}` into `nodes`, or read there what it reads"
    return Problem(path, ProblemReason.REFERS_TO_FINALLY, message, remedy, span=span, on_key=span is None)


def _circles(survey: Survey) -> Iterator[Problem]:
    for circle in survey.circles:
        path = survey.drafts[circle[0]].path
        way = circle if len(circle) <= 12 else (*circle[:10], "…", circle[-1])
        message = f"the nodes wait for each other: {' → '.join(way)}"
        yield Problem(path, ProblemReason.CYCLE, message, "take one of these references out")
