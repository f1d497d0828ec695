"""The name that somebody probably meant."""

import pytest

from headgate_lang.near import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("fetsh", "fetch"),
        ("fecth", "fetch"),
        ("FETCH", "fetch"),
        ("fetc", "fetch"),
        ("zebra", None),
        ("", None),
        ("x" * 1000, None),
    ],
)
def test_a_slip_of_the_fingers_is_recognized(name: str, meant: str | None) -> None:
    assert nearest(name, ["draft", "fetch", "publish"]) == meant


def test_of_two_equally_near_the_first_by_alphabet_is_meant() -> None:
    assert nearest("cat", ["hat", "bat"]) == "bat"


def test_a_short_name_is_not_near_to_everything() -> None:
    assert nearest("ab", ["xy"]) is None


def test_the_remedy_is_a_question() -> None:
    assert did_you_mean("fetsh", ["fetch"]) == "did you mean `fetch`?"
    assert did_you_mean("zebra", ["fetch"]) == ""
