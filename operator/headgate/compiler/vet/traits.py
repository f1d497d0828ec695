"""What is true of a node type: traits that contradict each other, or what carries it out."""

from collections.abc import Iterator, Mapping

from headgate.api.nodetype import NodeTypeSpec, Trait
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.vet.references import named_kinds
from headgate.errors import SPEC, Item, Problem

_EXCLUDED: Mapping[Trait, Mapping[Trait, tuple[str, str]]] = {
    Trait.INSTANT: {
        Trait.LIGHT: ("Instant computes and Light waits for I/O", "keep `Instant` if it does no I/O, else `Light`"),
        Trait.INTERNET: ("an Instant node does no I/O", "take `Instant` out, or write `Light`"),
        Trait.GPU: ("an Instant node shares pods with anything, and a GPU is shared with nobody", "take `Instant` out"),
        Trait.USER_CODE: ("an Instant node is bounded, and nobody knows what a user's code does", "take `Instant` out"),
    },
    Trait.LIGHT: {
        Trait.GPU: ("a Light node shares a pod, and a GPU is shared with nobody", "take `Light` out"),
    },
}
"""Which traits exclude which others: why, and what to do."""


def check_traits(spec: NodeTypeSpec) -> Iterator[Problem]:
    traits = spec.traits
    for trait, others in _EXCLUDED.items():
        for index, other in enumerate(traits):
            if trait in traits and other in others:
                why, remedy = others[other]
                yield _conflict(index, f"`{trait}` and `{other}` contradict each other: {why}", remedy)
    credential = next((name for name, kind in named_kinds(spec.params) if kind == "Credential"), None)
    if Trait.USER_CODE in traits and credential is not None:
        message = f"code that a user wrote would be given a credential, by `{credential}`"
        remedy = f"take `{credential}` out, and let another node do what needs it"
        yield _conflict(traits.index(Trait.USER_CODE), message, remedy)


def _conflict(index: int, message: str, remedy: str) -> Problem:
    return Problem(SPEC / "traits" / Item(index), ProblemReason.CONFLICTING_TRAITS, message, remedy)


def check_carrier(spec: NodeTypeSpec) -> Iterator[Problem]:
    """An image is run by a command; a gate is carried out by the operator, in no pod."""
    if spec.image is not None and not spec.command:
        message = "`command` is missing: without one, the cluster would ask a registry what the image runs"
        yield Problem(SPEC, ProblemReason.MISSING_FIELD, message, "write `command: [/path/in/the/image]`")
    if spec.gate is None:
        return
    given = {
        "command": spec.command,
        "traits": spec.traits,
        "timeout": spec.timeout,
        "retry": spec.retry,
        "idempotentWhen": spec.idempotent_when,
    }
    for field, value in given.items():
        if value:
            message = f"a gate waits without a pod, so `{field}` says nothing of it"
            yield Problem(SPEC / field, ProblemReason.NOT_FOR_GATES, message, "take it out", on_key=True)
