"""A runtime on this machine, for Runs without a cluster: real processes, and nothing else that is shared."""

from pathlib import Path

import pytest

from support.local_runs import install_runtime


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_runtime(tmp_path_factory.mktemp("runtime"))
