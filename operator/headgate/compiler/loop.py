"""How far an expanded loop is: which items may start, and how the whole ends. Asked by the planner."""

from dataclasses import dataclass

from headgate.api.nodetype import Trait
from headgate.compiler.graph import Loop, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason


@dataclass(frozen=True, slots=True)
class Progress:
    length: int
    failed: int
    running: int
    waiting: tuple[int, ...]
    """Items that have neither settled nor started."""

    @property
    def is_over(self) -> bool:
        return not self.running and not self.waiting


def length_of(loop: Loop, prepared: Settled | None) -> int:
    """How many items there are: as the pod counted that prepared it, or as the list was written down."""
    if prepared is not None and prepared.length is not None:
        return prepared.length
    if isinstance(loop.items, list):
        return len(loop.items)
    raise ValueError("a loop over a computed list was prepared without saying its length")


def progress_of(node: Node, length: int, known: Known) -> Progress:
    failed, running, waiting = 0, 0, []
    for index in range(length):
        item = Instance(node.name, index)
        settled = known.settled.get(item)
        if settled is not None:
            failed += settled.outcome is Outcome.FAILED
        elif item in known.claimed:
            running += 1
        else:
            waiting.append(index)
    return Progress(length, failed, running, tuple(waiting))


def is_lost(loop: Loop, progress: Progress) -> bool:
    """Whether more items have failed than are tolerated: no further item starts."""
    return progress.failed > loop.tolerate.of(progress.length)


def startable(node: Node, loop: Loop, progress: Progress) -> tuple[int, ...]:
    """The items that may start now. Light ones all at once: the pods that they share keep to the parallelism."""
    if is_lost(loop, progress):
        return ()
    if node.role is Role.WORK and Trait.LIGHT in node.traits:
        return progress.waiting
    return progress.waiting[: max(0, loop.parallelism - progress.running)]


def end_of(loop: Loop, progress: Progress) -> Settled | None:
    """How the loop ends, once nothing of it runs and nothing more may start."""
    if is_lost(loop, progress):
        return None if progress.running else Settled(Outcome.FAILED, Reason.ITEMS_FAILED)
    return Settled(Outcome.SUCCEEDED) if progress.is_over else None
