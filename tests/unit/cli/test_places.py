"""From a path and a span to the very characters in the file, whatever the style in which they were written."""

import textwrap
from collections.abc import Iterator
from pathlib import Path as File

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from headgate.cli.reading.places import place_of
from headgate.cli.reading.scalars import offsets
from headgate.cli.reading.source import Source
from headgate.cli.reading.syntax import read_documents
from headgate.cli.reading.tree import Mapping, Node, Scalar
from headgate.errors import Item, Path, Problem, Span
from support.trying import times


def shown(text: str, path: Path, find: str = "", *, on_key: bool = False) -> str:
    """What the carets would stand under; `find` is the part of the value that the problem's span marks."""
    source = Source("f.yaml", textwrap.dedent(text))
    root = read_documents(source).roots[0]
    value = _value(root, path) if find else ""
    span = Span(value.index(find), value.index(find) + len(find)) if find else None
    place = place_of(source, root, Problem(path, "Reason", "message", span=span, on_key=on_key))
    return source.text[place.start : place.end]


def scalars(root: Node) -> Iterator[Scalar]:
    if isinstance(root, Scalar):
        yield root
    else:
        held = [entry.value for entry in root.entries] if isinstance(root, Mapping) else root.items
        yield from (scalar for node in held for scalar in scalars(node))


def _value(root: object, path: Path) -> str:
    for step in path.steps:
        if isinstance(root, Mapping):
            entry = root.entry(str(step))
            assert entry is not None
            root = entry.value
    assert isinstance(root, Scalar)
    return root.text


A = Path(("a",))
EXAMPLES = File(__file__).parents[3] / "operator" / "docs" / "examples"


class TestSpansLeadTo:
    @pytest.mark.parametrize(
        "text",
        [
            "a: x ${b.c} y",
            "a: 'x ${b.c} y'",
            'a: "x ${b.c} y"',
            'a: "tab\\t, \\u00e9, \\x41 ${b.c} y"',
            "a: 'it''s ${b.c}'",
            "a: !!str x ${b.c}",
            "a: &anchor x ${b.c}",
            '{a: "x ${b.c} y", d: 1}',
            "a: 日本語 ${b.c}",
            "a: |\n  x\n    deeper\n\n  ${b.c}\n",
            "a: |2-\n    x\n  ${b.c}\n\n",
            "a: >\n  x\n  y\n\n  z\n    code\n  ${b.c}\n  more\n",
            "a: >+\n\n\n  x\n  ${b.c}\n\n\n",
            "a: x\n  y\n\n  ${b.c}",
            "a: 'x\n  y\n\n  ${b.c}'",
            'a: "x \\\n   y \\\n   ${b.c}"',
            "a: |\r\n  x\r\n  ${b.c}\r\n",
            "b: &t\n  a: x ${b.c}\n<<: *t\n",
        ],
        ids=lambda text: text.replace("\n", "⏎").replace("\r", "␍"),
    )
    def test_the_same_characters(self, text: str) -> None:
        assert shown(text, A, "b.c") == "b.c"

    def test_the_escape_where_a_character_is_escaped(self) -> None:
        assert shown('a: "x \\u0024{b}"', A, "$") == "\\"

    @times(4)
    @given(
        st.text(st.sampled_from("ab ${}:#'\"\\\t\n-é日😀|>"), max_size=60),
        st.sampled_from(["", "'", '"', "|", ">"]),
        st.integers(20, 60),
    )
    @example("a \n\n b\n  c\nd\n\n", ">", 20)
    def test_the_same_characters_however_a_text_is_written(self, text: str, style: str, width: int) -> None:
        written = yaml.dump({"a": text}, default_style=style, width=width, allow_unicode=True)
        source = Source("f.yaml", written)
        root = read_documents(source).roots[0]
        assert isinstance(root, Mapping)
        scalar = root.entries[0].value
        assert isinstance(scalar, Scalar)
        assert scalar.text == text
        at = offsets(written, scalar)
        assert at is not None
        assert len(at) == len(text) + 1
        assert at == sorted(at)
        for character, offset in zip(text, at[:-1], strict=True):
            if character not in " \n":
                assert written[offset] in (character, "\\")


class TestWithoutASpan:
    def test_a_value_is_shown_whole(self) -> None:
        assert shown("a: {b: some text, c: 1}", A / "b") == "some text"

    def test_a_quoted_value_is_shown_with_its_quotes(self) -> None:
        assert shown('a: "some text"', A) == '"some text"'

    def test_a_block_is_shown_by_its_first_line(self) -> None:
        assert shown("a: |\n  first line\n  second\n", A) == "first line"
        assert shown("a: >-\n\n  first line\n  second\n", A) == "first line"

    def test_a_map_is_shown_by_the_key_that_it_hangs_under(self) -> None:
        assert shown("a:\n  bcd:\n    e: 1\n", A / "bcd") == "bcd"

    def test_an_item_of_a_list_is_shown_by_its_name(self) -> None:
        text = """\
            nodes:
            - use: http
              name: fetch
            """
        assert shown(text, Path(("nodes", Item(0, "fetch")))) == "fetch"

    def test_an_item_without_a_name_is_shown_by_its_first_key(self) -> None:
        assert shown("nodes:\n- use: http\n  with: {}\n", Path(("nodes", Item(0)))) == "use"

    def test_an_item_that_is_a_value_is_shown(self) -> None:
        assert shown("a: [one, two]", A / Item(1)) == "two"

    def test_what_is_absent_is_shown_by_what_it_is_missing_from(self) -> None:
        text = """\
            nodes:
            - name: draft
              with: {model: small}
            """
        assert shown(text, Path(("nodes", Item(0, "draft"), "with", "prompt"))) == "with"
        assert shown(text, Path(("nodes", Item(0, "draft"), "use"))) == "draft"
        assert shown(text, Path(("spec", "nodes"))) == "nodes"

    def test_a_key_is_shown_where_the_key_is_meant(self) -> None:
        assert shown("a: {b: 1, retries: 3}", A / "retries", on_key=True) == "retries"

    def test_an_empty_value_still_has_a_place(self) -> None:
        assert shown("a:\nb: 1\n", A) == "\n"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_character_of_every_value_in_the_examples_is_found_again(path: File) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    for root in read_documents(source).roots:
        for scalar in scalars(root):
            assert offsets(source.text, scalar) is not None


def test_a_span_beyond_the_text_falls_back_to_the_whole() -> None:
    source = Source("f.yaml", "a: text")
    root = read_documents(source).roots[0]
    place = place_of(source, root, Problem(A, "Reason", "message", span=Span(40, 50)))
    assert source.text[place.start : place.end] == "text"
