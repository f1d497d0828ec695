"""What tests/conftest.py holds every test to, shown on a small suite of its own."""

import shutil
import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).parents[2] / "conftest.py"


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A suite whose tests stand in tiers, under a conftest.py of its own that is a copy of ours."""
    monkeypatch.delitem(sys.modules, "tests.conftest")
    tests = pytester.mkdir("tests")
    shutil.copy(CONFTEST, tests)
    tiers = "\n".join(f"    {tier}" for tier in ("unit", "golden", "integration", "e2e", "bench", "chaos"))
    pytester.makeini(f"[pytest]\naddopts = --import-mode=importlib -ra\nmarkers =\n{tiers}\n")
    return tests


def put(suite: Path, path: str, source: str) -> None:
    (suite / path).parent.mkdir(parents=True, exist_ok=True)
    (suite / path).write_text(source)


def test_tiers_run_in_order_and_what_breaks_the_cluster_comes_last(suite: Path, pytester: pytest.Pytester) -> None:
    for tier in ("chaos", "e2e", "golden", "unit"):
        put(suite, f"{tier}/test_it.py", "def test_it(): pass")
    result = pytester.runpytest_inprocess("-v")
    result.stdout.fnmatch_lines(["*unit/*", "*golden/*", "*e2e/*", "*chaos/*"])
    assert pytester.runpytest_inprocess("-m", "unit or e2e").parseoutcomes() == {"passed": 2, "deselected": 2}


def test_a_test_outside_of_the_tiers_is_refused(suite: Path, pytester: pytest.Pytester) -> None:
    put(suite, "test_it.py", "def test_it(): pass")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is in no tier: put it into one of*"])


SKIPS = """
import pytest

def test_without_a_word(): pytest.skip()

@pytest.mark.skip
def test_marked_without_a_word(): pass

@pytest.mark.xfail
def test_expected_to_fail_without_a_word(): assert False

def test_with_a_reason(): pytest.skip("no GPU here")

@pytest.mark.xfail(reason="argo#1")
def test_expected_to_fail(): assert False
"""


def test_a_skip_gives_its_reason(suite: Path, pytester: pytest.Pytester) -> None:
    put(suite, "unit/test_it.py", SKIPS)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=2, errors=1, skipped=1, xfailed=1)
    result.stdout.fnmatch_lines(["*no GPU here*"])


def test_a_unit_tier_that_has_become_slow_fails(suite: Path, pytester: pytest.Pytester) -> None:
    conftest = (suite / "conftest.py").read_text()
    (suite / "conftest.py").write_text(conftest.replace("UNIT_SECONDS = 60", "UNIT_SECONDS = 0"))
    put(suite, "unit/test_it.py", "def test_it(): sum(range(2_000_000))")
    result = pytester.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["The unit tier took * s of CPU time, more than it may take: 0 s, at most 0 s."])
