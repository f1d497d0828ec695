"""What each version of Landlock is asked to take charge of."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sandbox.landlock import FLAT_FOLDER, IOCTL_DEV, MAKE_REG, READ, REFER, REMOVE_DIR, TRUNCATE, build_ruleset


def test_the_first_version_knows_files_only() -> None:
    assert struct.unpack("=Q", build_ruleset(1)) == ((1 << 13) - 1,)


def test_the_newest_takes_charge_of_network_and_signals_too() -> None:
    files, network, scope = struct.unpack("=3Q", build_ruleset(7))
    assert files == (1 << 13) - 1 | REFER | TRUNCATE | IOCTL_DEV
    assert (network, scope) == (3, 3)


@given(st.integers(1, 30))
def test_a_newer_kernel_is_never_asked_for_less(version: int) -> None:
    older, newer = build_ruleset(version), build_ruleset(version + 1)
    assert len(newer) >= len(older)
    assert all(was & now == was for was, now in zip(older, newer, strict=False))


def test_scratch_takes_files_but_no_folders_and_nothing_from_elsewhere() -> None:
    assert FLAT_FOLDER & MAKE_REG
    assert FLAT_FOLDER & READ == READ
    assert not FLAT_FOLDER & (REFER | REMOVE_DIR | IOCTL_DEV)
