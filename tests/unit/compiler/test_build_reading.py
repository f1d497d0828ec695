"""What a text reads: the quick way and the thorough one find the same."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.compiler.build import reading
from headgate.compiler.build.reading import Reader, Reading

PIECES = st.sampled_from(
    ["${a.x}", "${ab.x.y}", "${a}", "${a.in}", "${in.x}", "${true}", "$", "$$", "$${a.x}", "${", "}", "{", "\n", "\r\n",
     " ", "text", "${a.?x}", "${ a.x }", "${a['x']}", "${A.x}", "${'${a.x}'}", "${a.x", "🙂", "${a .x}", "${}"]
)  # fmt: skip


def told(found: Reading) -> object:
    reads = [(read.start, read.end, read.root, read.keys, read.references) for read in found.expressions]
    return reads, found.is_whole, found.flaws


@given(st.lists(PIECES, max_size=6).map("".join))
def test_texts_that_are_read_at_a_glance_are_read_alike_by_looking_closely(text: str) -> None:
    quick = Reader()._read_plain(text)
    if quick is not None:
        assert told(quick) == told(reading._read(text))


@given(st.lists(st.sampled_from(["${a.x}", "${b.y.z}", " and ", "$ 5", "{}"]), min_size=1, max_size=6).map("".join))
def test_texts_of_plain_paths_are_read_at_a_glance(text: str) -> None:
    assert Reader()._read_plain(text) is not None


def test_the_same_text_is_read_once() -> None:
    reader = Reader()
    places: list[reading.Place] = []
    reader.collect({"x": "${a.x + 1}", "y": ["${a.x + 1}"]}, ("with",), places)
    assert [place.steps for place in places] == [("with", "x"), ("with", "y", reading.item_of(0, None))]
    assert places[0].reading is places[1].reading
