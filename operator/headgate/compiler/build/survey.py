"""The survey of a workflow: each node as it was written, beside what was found out about it.

The same under every environment: made once, then `build` makes a graph of it for each, and `check` asks it everything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from headgate.api.nodetype import Gate, Trait
from headgate.api.workflow import Node, WorkflowSpec
from headgate.compiler.build import circles, order
from headgate.compiler.build.gates import gates_of
from headgate.compiler.build.needs import ACCEPTED, AFTER, NEVER, NOTHING, Manner, read_by
from headgate.compiler.build.objects import Mention, mentions_of
from headgate.compiler.build.reading import Place, Reader
from headgate.compiler.build.uses import Use, resolve
from headgate.compiler.catalogue import Catalogue
from headgate.compiler.suggestions import Suggestions
from headgate.errors import SPEC, Item, Path
from headgate_lang.fate import Outcome


@dataclass(slots=True)
class Draft:
    """A node on its way into the graph."""

    node: Node
    use: Use
    index: int
    final: bool
    places: Sequence[Place]
    """Its texts with expressions: `when`, `forEach.in`, then `with`, in the order in which they are read."""
    reads: dict[str, Manner]
    """The nodes that it reads, and how; those that there are not, too."""
    inputs: frozenset[str] = NOTHING
    """The inputs that it reads."""
    mentions: tuple[Mention, ...] = ()
    """The objects that it names."""
    needs: dict[str, Outcome] = field(default_factory=dict)
    """What it waits for, among the nodes that there are."""
    strays: bool = False
    """Whether it reads or waits for what it cannot."""
    torn: str | None = None
    """A node of which it reads both the output and the error: there is never both."""

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def path(self) -> Path:
        return SPEC / ("finally" if self.final else "nodes") / Item(self.index, self.name)

    @property
    def is_plain(self) -> bool:
        """Whether its texts are copied together out of documents, with nothing to evaluate."""
        return all(place.reading.is_plain for place in self.places)

    @property
    def has_written_list(self) -> bool:
        """A loop whose length is known without computing anything."""
        return self.node.for_each is not None and isinstance(self.node.for_each.items, list)

    @property
    def is_expanded(self) -> bool:
        """A loop whose items are planned one by one."""
        return self.node.for_each is not None and not (self.use.type and Trait.INSTANT in self.use.type.traits)

    def at(self, *steps: str | Item) -> Path:
        return Path((*self.path.steps, *steps))


@dataclass(slots=True)
class Survey:
    spec: WorkflowSpec
    catalogue: Catalogue
    drafts: Mapping[str, Draft]
    """The first node of each name: those of `nodes`, then those of `finally`."""
    doubles: tuple[Draft, ...]
    """Further nodes of a name that is taken. In no graph, and checked all the same."""
    uses: Mapping[str, Use]
    """Everything that nodes use, by how it is written."""
    outputs: tuple[Place, ...]
    output_reads: Mapping[str, Manner]
    output_inputs: frozenset[str]
    node_names: Suggestions
    gates: Mapping[str, frozenset[Gate]] = field(default_factory=dict)
    """Of `uses`, those that are a gate or hold one: which kinds."""
    order: tuple[str, ...] = ()
    """The names in topological order, as written where it leaves a choice; those of `finally` last."""
    circles: tuple[Sequence[str], ...] = ()
    """Nodes that wait for each other, as work would flow, each from its first node back to it."""

    @property
    def is_understood(self) -> bool:
        """Whether every reference leads somewhere."""
        if any(name not in self.drafts for name in self.output_reads) or _has_flaws(self.outputs):
            return False
        return not any(draft.strays or (draft.places and _has_flaws(draft.places)) for draft in self)

    def __iter__(self) -> Iterator[Draft]:
        yield from self.drafts.values()
        yield from self.doubles


def survey_of(spec: WorkflowSpec, catalogue: Catalogue) -> Survey:
    reader = Reader()
    uses: dict[str, Use] = {}
    drafts: dict[str, Draft] = {}
    doubles = []
    for final, nodes in ((False, spec.nodes), (True, spec.finally_)):
        for index, node in enumerate(nodes):
            use = uses.get(node.use) or uses.setdefault(node.use, resolve(node.use, catalogue))
            places = _places(node, reader)
            reads, inputs = read_by(places, spec.inputs) if places else ({}, NOTHING)
            draft = Draft(node, use, index, final, places, reads, inputs)
            if use.references:
                draft.mentions = mentions_of(node.with_, use.references, spec)
            if drafts.setdefault(node.name, draft) is not draft:
                doubles.append(draft)
    outputs: list[Place] = []
    reader.collect(spec.outputs, ("outputs",), outputs)
    survey = Survey(
        spec,
        catalogue,
        drafts,
        tuple(doubles),
        uses,
        tuple(outputs),
        *read_by(outputs, spec.inputs),
        Suggestions(drafts),
    )
    survey.gates = gates_of(uses, catalogue)
    for draft in survey:
        _connect(draft, drafts)
    _sort(survey)
    return survey


def _has_flaws(places: Sequence[Place]) -> bool:
    return any(place.reading.flaws for place in places)


def _places(node: Node, reader: Reader) -> list[Place]:
    places: list[Place] = []
    if node.when is not None:
        reader.collect(node.when, ("when",), places)
    if node.for_each is not None:
        reader.collect(node.for_each.items, ("forEach", "in"), places)
    for name, value in node.with_.items():
        if not isinstance(value, str) or "${" in value:
            reader.collect(value, ("with", name), places)
    return places


def _connect(draft: Draft, drafts: Mapping[str, Draft]) -> None:
    """Say what it needs. `after` overrides what references say; `finally` accepts whatever end."""
    needs = draft.needs
    for name, manner in draft.reads.items():
        known = drafts.get(name)
        if known is None or known.final:
            draft.strays = True
        else:
            accepts = ACCEPTED[manner]
            if accepts is NEVER:
                draft.torn = name
            needs[name] = Outcome.ENDED if draft.final else Outcome.SUCCEEDED if accepts is NEVER else accepts
    if draft.final:
        return
    for name, how in draft.node.after.items():
        known = drafts.get(name)
        if known is None or known.final:
            draft.strays = True
        else:
            needs[name] = AFTER[how]


def _sort(survey: Survey) -> None:
    """Put the nodes in order, those of `finally` last. Of circles, only what an order allows remains."""
    needs = {name: draft.needs for name, draft in survey.drafts.items() if not draft.final}
    ordered, leftover = order.sort(needs)
    last = [name for name, draft in survey.drafts.items() if draft.final]
    survey.order = (*ordered, *leftover, *last)
    if leftover:
        survey.circles = tuple(circles.find(needs, leftover))
        place = {name: number for number, name in enumerate(survey.order)}
        for name in leftover:
            draft = survey.drafts[name]
            draft.needs = {need: how for need, how in draft.needs.items() if place[need] < place[name]}
