"""What an attack is: who tries what, and what the API server must say to it."""

from dataclasses import dataclass

from integration.approvals import scene
from integration.approvals.people import patch, vote


@dataclass(frozen=True)
class Attack:
    """`told` stands in the answer. Whatever the answer, nothing on the server may have changed."""

    name: str
    words: tuple[str, ...]
    told: str
    who: str = scene.MALLORY
    groups: tuple[str, ...] = ()
    stdin: object = None
    extra: tuple[str, ...] = ()


def votes(
    name: str,
    told: str,
    *,
    on: str = "open",
    body: tuple[str, ...] | None = None,
    who: str = scene.MALLORY,
    groups: tuple[str, ...] = (),
) -> Attack:
    """A patch of a request; the plain vote if no other is given."""
    return Attack(name, ("patch", f"apr/{on}", *(vote() if body is None else body)), told, who, groups)


def by_manager(name: str, told: str, body: tuple[str, ...], *, on: str = "open") -> Attack:
    """By somebody who may vote, and wants more."""
    return votes(name, told, on=on, body=body, who=scene.MIKE, groups=scene.MANAGERS)


def writes(
    name: str,
    words: str,
    stdin: object,
    told: str,
    *,
    who: str = scene.MALLORY,
    groups: tuple[str, ...] = (),
    extra: tuple[str, ...] = (),
) -> Attack:
    """With a manifest."""
    return Attack(name, (*words.split(), "-f", "-"), told, who, groups, stdin, extra)


def json_patch(*operations: dict[str, object]) -> tuple[str, ...]:
    return patch(list(operations), kind="json")
