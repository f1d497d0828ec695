"""What requests are called. A later round of a node has names of its own, and so has what replaces a request."""

from headgate.names import child_name


def name_in_round(run: str, node: str, number: int) -> str:
    return child_name(run, node, *((f"r{number}",) if number else ()))


def name_beside(base: str, digest: str) -> str:
    return child_name(base, digest.removeprefix("sha256:")[:6])
