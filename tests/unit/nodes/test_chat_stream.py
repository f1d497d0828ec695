"""Server-sent events: the same answer however the network cuts it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.chat_stream import MAX_LINE, Completion, Events, MalformedError, Usage, read_fault
from support.chat_peer import chunk, closing, write_events

ANSWER = write_events(chunk("Zür", usage=(14, 1)), chunk("ich\n\n"), chunk(".", "stop"), closing(cached=8), "[DONE]")


def fold(*pieces: bytes) -> Completion:
    events, completion = Events(), Completion()
    for piece in pieces:
        for data in events.feed(piece):
            completion.add(data)
    for data in events.finish():
        completion.add(data)
    return completion


@given(st.lists(st.integers(0, len(ANSWER)), max_size=20), st.sampled_from([b"\n", b"\r\n"]))
def test_it_does_not_matter_where_it_is_cut(cuts: list[int], end: bytes) -> None:
    answer = ANSWER.replace(b"\n", end)
    places = [0, *sorted(cuts), len(answer)]
    completion = fold(*(answer[start:stop] for start, stop in pairwise(places)))
    assert (completion.text, completion.finish, completion.is_done) == ("Zürich\n\n.", "stop", True)
    assert completion.usage == Usage(14, 8, 3)


@given(st.lists(st.binary(max_size=40), max_size=10))
def test_whatever_comes_is_read_or_refused(pieces: list[bytes]) -> None:
    try:
        fold(b"data: ", *pieces)
    except MalformedError:
        return


def test_comments_and_other_fields_are_passed_over_and_the_last_event_needs_no_empty_line() -> None:
    assert fold(b": ping\n\nevent: x\nid: 7\ndata: " + ANSWER.split(b"\n")[0][6:]).text == "Zür"


def test_what_is_known_of_an_answer_that_breaks_off_is_kept() -> None:
    assert fold(ANSWER[: ANSWER.index(b"\n\n") + 2]).usage == Usage(14, 0, 1)


def test_a_line_without_an_end_is_refused() -> None:
    with pytest.raises(MalformedError, match="has no end"):
        fold(b"data: " + b"x" * MAX_LINE)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"choices": []}, None),
        ({"error": None}, None),
        ({"error": "bad"}, "bad"),
        ({"error": {"message": "bad", "code": 400}}, "bad (400)"),
        ({"error": {"message": "bad", "code": None}}, "bad"),
        ({"error": {"type": 7}}, "it does not say what"),
        ({"object": "error", "message": "bad", "code": 404}, "bad (404)"),
        ([], None),
    ],
)
def test_errors_are_read_in_all_the_shapes_that_servers_use(document: object, said: str | None) -> None:
    assert read_fault(document) == said
