"""What the planner answers: the legs to create, and what else is due."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.compiler.known import Instance, Settled


@dataclass(frozen=True, slots=True)
class Bundle:
    """Instances that share a pod, in topological order; most hold one."""

    members: tuple[Instance, ...]
    waits_for: tuple[int, ...] = ()
    """Positions, in the same leg, of the bundles that must end first."""
    at_once: int | None = None
    """How many of its members may run at a time; of the items of a loop only."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of the graph that can run now with nobody in between: one Argo Workflow, a pod a bundle."""

    bundles: tuple[Bundle, ...]

    @property
    def instances(self) -> tuple[Instance, ...]:
        return tuple(member for bundle in self.bundles for member in bundle.members)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due, given what is known. Whatever starts is claimed first, and so planned once."""

    settled: Mapping[Instance, Settled] = field(default_factory=dict)
    """What settles without anything running: skipped, omitted, and loops whose items have all ended."""
    legs: tuple[Leg, ...] = ()
    gates: tuple[Instance, ...] = ()
    """Gates that ask now."""
    children: tuple[Instance, ...] = ()
    """Child Runs that start now."""
    questions: tuple[Instance, ...] = ()
    """Failures that people are asked about (`onError: Ask`)."""
