"""The filter as the kernel runs it: here by a machine of a few lines, for processors that we do not have, too."""

import fcntl
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.filter import ALLOW, AUDIT_ARCH, KILL_PROCESS, O_TMPFILE, REFUSE, build
from sandbox.syscalls import ALLOWED

MACHINES = list(AUDIT_ARCH)
PROGRAMS = {machine: list(struct.iter_unpack("HBBI", build(machine))) for machine in MACHINES}


def ask(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the kernel would do about a call."""
    spoken = AUDIT_ARCH[machine] if arch is None else arch
    data = struct.pack("=IIQ6Q", number, spoken, 0, *arguments, *[0] * (6 - len(arguments)))
    value = at = 0
    while True:
        operation, if_true, if_false, operand = PROGRAMS[machine][at]
        at += 1
        match operation:
            case 0x20:
                (value,) = struct.unpack_from("=I", data, operand)
            case 0x54:
                value &= operand
            case 0x15:
                at += if_true if value == operand else if_false
            case 0x06:
                return int(operand)


def number_of(name: str, machine: str) -> int:
    number = ALLOWED[name][machine != "x86_64"]
    assert number is not None
    return number


@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_what_is_listed_is_allowed(machine: str) -> None:
    listed = {numbers[machine != "x86_64"] for numbers in ALLOWED.values()} - {None}
    narrowed = {number_of(name, machine) for name in ("fcntl", "ioctl")}  # refused with their arguments all zero
    allowed = {number for number in range(600) if ask(machine, number) == ALLOW}
    assert allowed == listed - narrowed


@given(st.sampled_from(MACHINES), st.integers(600, 2**32 - 1), st.lists(st.integers(0, 2**64 - 1), max_size=6))
def test_a_call_that_nobody_knows_is_refused_whatever_it_says(machine: str, number: int, arguments: list[int]) -> None:
    assert ask(machine, number, *arguments) == REFUSE


@given(st.sampled_from(MACHINES), st.integers(0, 2**32 - 1), st.integers(0, 600))
def test_a_call_in_the_convention_of_another_processor_kills(machine: str, arch: int, number: int) -> None:
    if arch != AUDIT_ARCH[machine]:
        assert ask(machine, number, arch=arch) == KILL_PROCESS


@pytest.mark.parametrize("machine", MACHINES)
@given(st.integers(0, 2**64 - 1))
def test_no_file_without_a_name_is_opened(machine: str, flags: int) -> None:
    expected = REFUSE if flags & O_TMPFILE else ALLOW
    assert ask(machine, number_of("openat", machine), 0, 0, flags) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_a_file_handle_can_be_doubled_but_not_made_to_signal(machine: str) -> None:
    number = number_of("fcntl", machine)
    commands = {command for command in range(2000) if ask(machine, number, 1, command) == ALLOW}
    assert commands == {fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_DUPFD_CLOEXEC}


@pytest.mark.parametrize("machine", MACHINES)
def test_waiting_and_waking_is_all_that_a_futex_is_for(machine: str) -> None:
    number = number_of("futex", machine)
    plain = {operation & 127 for operation in range(512) if ask(machine, number, 0, operation) == ALLOW}
    assert plain == {0, 1, 9, 10}


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_not_given_twice(machine: str) -> None:
    numbers = [numbers[machine != "x86_64"] for numbers in ALLOWED.values()]
    given_numbers = [number for number in numbers if number is not None]
    assert len(given_numbers) == len(set(given_numbers))
