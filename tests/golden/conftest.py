"""The fixture `golden`, and the one flag that stores golden files anew."""

import os

import pytest

from support.golden import Golden

FLAG = "--update-golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(FLAG, action="store_true", help="store what comes out as the new golden files")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    update = bool(request.config.getoption(FLAG, default=False))
    if update and os.environ.get("CI"):
        raise pytest.UsageError(f"CI compares golden files; {FLAG} is for people")
    return Golden(update)
