"""Fixtures of the tests of the runtime, for the conftest of each tier: pods, served by one process that evaluates."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.bundles import Pods, fork_server


@pytest.fixture(scope="session")
def control() -> Iterator[socket.socket]:
    with fork_server() as ours:
        yield ours


@pytest.fixture
def pods(tmp_path: Path, control: socket.socket) -> Pods:
    return Pods(tmp_path, control)
