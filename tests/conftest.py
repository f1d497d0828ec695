"""What holds for every test: the tier that its folder gives it, a reason for each skip, a unit tier that stays fast.

pytest loads it by itself. Fixtures of one tier stand in that tier's own folder.
"""

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

TESTS = Path(__file__).parent
TIERS = ("unit", "golden", "integration", "e2e", "bench", "chaos")
"""Folders and markers alike, in the order in which they run: what breaks the cluster comes last."""

UNIT_SECONDS = 60
"""What the unit tier may take of CPU time, our own and our children's."""
UNIT_SECONDS_AT_MOST = 2 * UNIT_SECONDS
"""Beyond this a run fails: the same tests took 52 s and 96 s on machines of one kind, as others shared their cores."""

_unit_seconds = pytest.StashKey[float]()

EXAMPLES = int(os.environ.get("HEADGATE_EXAMPLES", "25"))
"""Of each property: enough for every change, and more for whoever doubts one."""

hypothesis.settings.register_profile(
    "headgate", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=EXAMPLES
)
hypothesis.settings.load_profile("headgate")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--smoke", action="store_true", help="benchmarks run once and small, and record nothing")


@pytest.fixture(scope="session")
def smoke(request: pytest.FixtureRequest) -> bool:
    """Whether a benchmark should only show that it still runs."""
    return bool(request.config.getoption("--smoke"))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_unit_seconds] = 0.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(find_tier(item.path))
    items.sort(key=lambda item: TIERS.index(find_tier(item.path)))


def find_tier(path: Path) -> str:
    tier = path.relative_to(TESTS).parts[0]
    if tier not in TIERS:
        raise pytest.UsageError(f"{path} is in no tier: put it into one of tests/{{{','.join(TIERS)}}}")
    return tier


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not read_reason(report):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} is skipped and does not say why: give a reason"
    return report


def read_reason(report: pytest.TestReport) -> str:
    """Why a test was skipped, or expected to fail; empty if nobody said it."""
    if (expected := getattr(report, "wasxfail", None)) is not None:
        return str(expected)
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped").removeprefix(":").strip()
    return "" if reason == "unconditional skip" else reason


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    before = sum(os.times()[:4])
    try:
        return (yield)
    finally:
        if find_tier(item.path) == "unit":
            item.config.stash[_unit_seconds] += sum(os.times()[:4]) - before


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.stash[_unit_seconds] > UNIT_SECONDS_AT_MOST and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    spent = config.stash[_unit_seconds]
    if spent:
        told = "more than it may take:" if spent > UNIT_SECONDS else "of"
        terminalreporter.write_line(
            f"The unit tier took {spent:.1f} s of CPU time, {told} {UNIT_SECONDS} s, at most {UNIT_SECONDS_AT_MOST} s."
        )
