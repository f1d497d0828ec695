"""How things are read (LANGUAGE §1.1, §3.1, §3.5, §3.14): what can never be there, what may not be, and what is a loop.

Asked by `expressions` for each expression that a glance does not settle. Nodes that there are not are told by `build`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from headgate.compiler.build.needs import ROOTS
from headgate.compiler.build.survey import Draft, Survey
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.suggestions import Suggestions
from headgate_lang.fate import Outcome
from headgate_lang.flaw import Flaw
from headgate_lang.paths import Reference, spell

ALL_THE_SAME = frozenset({ProblemReason.MAY_BE_ABSENT, ProblemReason.NEVER_RUNS})
"""After these flaws, the reference has a type all the same."""
_AT_THE_END = frozenset({"phase", "failed"})
"""What only `finally` can read of `run`."""
_OF_LOOPS = frozenset({"outputs", "failed", "error"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where something is read: in a node, or in the outputs, where there is none."""

    survey: Survey
    draft: Draft | None
    declared: Mapping[str, Suggestions]
    """The names of inputs and constants."""

    def flaws(self, reference: Reference, field: str) -> Iterator[Flaw]:
        """What is wrong with a reference in `with`, `when`, `forEach` or `outputs`."""
        root = reference.root
        if root in ("inputs", "vars"):
            yield from self._declared(reference)
        elif root in ("item", "index"):
            yield from self._item(reference, field)
        elif root == "run":
            yield from self._run(reference)
        elif root not in ROOTS and root in self.survey.drafts:
            yield from self._node(reference, self.survey.drafts[root])

    def _declared(self, reference: Reference) -> Iterator[Flaw]:
        spec = self.survey.spec
        declared, word, reason = (
            (spec.inputs, "input", ProblemReason.UNKNOWN_INPUT)
            if reference.root == "inputs"
            else (spec.vars, "constant", ProblemReason.UNKNOWN_VAR)
        )
        name = reference.steps[0].key if reference.steps else None
        if isinstance(name, str) and name not in declared:
            remedy = self.declared[reference.root].remedy(name) or f"declare `{name}` under `{reference.root}`"
            yield Flaw(reason, f"there is no {word} `{name}`", remedy, *_first_step(reference))

    def _item(self, reference: Reference, field: str) -> Iterator[Flaw]:
        root = reference.root
        loop = self.draft.node.for_each if self.draft else None
        if loop is None:
            remedy = "write `forEach: {in: …}` on the node that should run once for each item"
            message = f"`{root}` is there only in `with` of a node with `forEach`"
            yield Flaw(ProblemReason.ITEM_OUTSIDE_LOOP, message, remedy, reference.start, reference.root_end)
        elif field == "when":
            remedy = "choose the items in the list: `in: ${list.filter(i, …)}`"
            message = "`when` is asked once, before the list, so it cannot choose items"
            yield Flaw(ProblemReason.WHEN_READS_ITEM, message, remedy, reference.start, reference.root_end)
        elif field == "forEach":
            message = f"`{root}` is there only in `with`, when the list is known"
            remedy = "read it in `with`"
            yield Flaw(ProblemReason.ITEM_OUTSIDE_LOOP, message, remedy, reference.start, reference.root_end)

    def _run(self, reference: Reference) -> Iterator[Flaw]:
        name = reference.steps[0].key if reference.steps else None
        if name in _AT_THE_END and not (self.draft and self.draft.final):
            message, remedy = f"`run.{name}` is known when everything has ended", "read it in a node of `finally`"
            yield Flaw(ProblemReason.UNKNOWN_FIELD, message, remedy, *_first_step(reference))

    def _node(self, reference: Reference, node: Draft) -> Iterator[Flaw]:
        if node.final:
            return
        key = reference.steps[0].key if reference.steps else None
        if node.node.for_each is not None and isinstance(key, str) and key not in _OF_LOOPS:
            yield _reads_loop(reference, key)
        elif self.draft is not None and not (reference.is_optional or _asks_whether(reference)):
            yield from self._certain(reference, self.draft)

    def _certain(self, reference: Reference, draft: Draft) -> Iterator[Flaw]:
        """What is read as if it were there must be there, whenever the node runs."""
        root = reference.root
        wanted = Outcome.FAILED if reference.is_error else Outcome.SUCCEEDED
        arrives = Outcome.ENDED if draft.final else draft.needs.get(root, wanted)
        if arrives is wanted or draft.torn == root:
            return
        what = "error" if reference.is_error else "output"
        if not arrives & wanted:
            message = f"it runs after `{root}: {draft.node.after[root]}`, and then there is no {what} of it"
            remedy = f"take `{root}` out of `after`, or read what there is"
            yield Flaw(ProblemReason.NEVER_RUNS, message, remedy, reference.start, reference.end)
            return
        optional = _optional(reference)
        message = f"`{root}` may have ended without an {what}"
        remedy = f"write `{optional}`, in a text `{optional}.orValue('')`"
        yield Flaw(ProblemReason.MAY_BE_ABSENT, message, remedy, reference.start, reference.end)


def _reads_loop(reference: Reference, key: str) -> Flaw:
    root = reference.root
    message = f"`{root}` is a loop: it has an output for each item"
    rest = spell("o", [step.key for step in reference.steps])
    first = spell(f"{root}.outputs[0]", [step.key for step in reference.steps])
    remedy = f"write `{root}.outputs.map(o, {rest})` for all of them, or `{first}` for the first"
    return Flaw(ProblemReason.READS_LOOP, message, remedy, reference.start, reference.end)


def _first_step(reference: Reference) -> tuple[int, int]:
    """Where the name after the root stands."""
    step = reference.steps[0]
    return max(step.end - len(str(step.key)), step.start), step.end


def _asks_whether(reference: Reference) -> bool:
    return bool(reference.steps) and reference.steps[0].tested


def _optional(reference: Reference) -> str:
    """The same path, as it reads what may be absent."""
    keys = [step.key for step in reference.steps]
    return f"{reference.root}.?{spell('', keys).removeprefix('.')}" if keys else f"{reference.root}.?…"
