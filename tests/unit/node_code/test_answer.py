"""How an answer is read that may be a lie, and the end of a process that gave none."""

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.answer import Answer, Failure, read_answer
from sandbox.limits import Limits, build_rlimits


def test_a_result_is_an_answer() -> None:
    assert read_answer(b'{"result": [1]}', 0, "said") == Answer([1], "said")


@given(st.binary(max_size=200), st.integers(-70, 255))
def test_no_bytes_and_no_end_can_raise_or_blame_the_cluster(said: bytes, status: int) -> None:
    found = read_answer(said, status, "")
    assert isinstance(found, Answer) or found.reason in ("CodeError", "OutOfMemory", "Timeout")


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        (-signal.SIGKILL, "OutOfMemory", "more memory than it may have"),
        (-signal.SIGXCPU, "Timeout", "processor time"),
        (-signal.SIGSEGV, "CodeError", "SIGSEGV: it called itself too deeply"),
        (-signal.SIGSYS, "CodeError", "SIGSYS"),
        (3, "CodeError", "by itself with status 3"),
    ],
)
def test_without_an_answer_the_end_of_the_process_says_why(status: int, reason: str, told: str) -> None:
    found = read_answer(b"", status, "")
    assert isinstance(found, Failure)
    assert found.reason == reason
    assert told in found.message


@given(st.floats(0.01, 86400))
def test_the_clock_stops_code_before_the_kernel_does(seconds: float) -> None:
    assert build_rlimits(Limits(seconds=seconds))["RLIMIT_CPU"] > seconds
