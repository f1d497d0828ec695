"""Times as Kubernetes writes them. Read and written by everything that talks about an object's times."""

from datetime import UTC, datetime


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write_time(time: datetime) -> str:
    """With seconds, as most times of Kubernetes."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_micro_time(time: datetime) -> str:
    """As Leases and Events have them."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
