"""An image is built when it is not there, and the reason names what changed."""

from cluster.images.plan import decide_step

PARTS = {"base": "1", "lock": "2", "packages": "3"}


def test_what_is_there_stays() -> None:
    step = decide_step(PARTS, built=PARTS, last={"base": "0"})
    assert (step.build, step.reason) == (False, "unchanged")


def test_first_build() -> None:
    step = decide_step(PARTS, built=None, last=None)
    assert (step.build, step.reason) == (True, "first build")


def test_names_every_part_that_changed() -> None:
    step = decide_step(PARTS, built=None, last={"base": "1", "lock": "old", "gone": "4"})
    assert (step.build, step.reason) == (True, "gone, lock, packages changed")


def test_a_lost_archive_is_made_again() -> None:
    step = decide_step(PARTS, built=None, last=PARTS)
    assert (step.build, step.reason) == (True, "its archive was gone")


def test_the_key_is_of_the_parts() -> None:
    key = decide_step(PARTS, built=PARTS, last=None).key
    assert decide_step(dict(PARTS), built=None, last=None).key == key
    assert decide_step(PARTS | {"lock": "x"}, built=None, last=None).key != key
