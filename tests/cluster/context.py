"""Which cluster a command or a test may touch: ours, or an existing one that is plainly for development.

`up`, `down` and the tests' fixtures ask `decide_context` before they do anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from cluster.errors import ContextRefusedError
from cluster.settings import CONTEXT

ALLOWED = (CONTEXT, "kind-*", "k3d-*", "minikube", "docker-desktop")


@dataclass(frozen=True)
class Context:
    """The kubectl context to use, and whether this project runs that cluster itself."""

    name: str
    ours: bool


def decide_context(environment: Mapping[str, str]) -> Context:
    """Our own cluster unless HEADGATE_CONTEXT names another; refuses one that may be somebody's production."""
    name = environment.get("HEADGATE_CONTEXT", "")
    if not name or name == CONTEXT:
        return Context(CONTEXT, ours=True)
    forced = environment.get("HEADGATE_FORCE_CONTEXT") == "1"
    if forced or any(fnmatchcase(name, pattern) for pattern in ALLOWED):
        return Context(name, ours=False)
    raise ContextRefusedError(
        f"HEADGATE_CONTEXT is {name!r}, which is not on the list of clusters a test may touch ({', '.join(ALLOWED)}): "
        "unset it to use our own cluster, or set HEADGATE_FORCE_CONTEXT=1 if this one may be lost."
    )


def check_removable(context: Context) -> None:
    if not context.ours:
        raise ContextRefusedError(
            f"HEADGATE_CONTEXT is {context.name!r}, which this project did not start, so it will not take it down: "
            "unset HEADGATE_CONTEXT to take down our own cluster."
        )
