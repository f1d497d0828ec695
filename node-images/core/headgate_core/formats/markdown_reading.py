"""From Markdown to HTML, headings and front matter. Used by `markdown`."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from headgate_core.formats.yaml_reading import read_documents
from headgate_node import Json, NodeError

_FRONT = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)(?:\r?\n)?^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_NOT_IN_IDS = re.compile(r"[^\w\- ]+")


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    id: str


@dataclass(frozen=True)
class Reading:
    html: str
    headings: list[Heading]
    front_matter: dict[str, Json]


def read(text: str) -> Reading:
    """CommonMark with tables and struck text. HTML in it stays text, and links that would run code lead nowhere."""
    front_matter, body = _split(text)
    reader = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
    tokens = reader.parse(body)
    headings = _name_headings(tokens)
    return Reading(reader.renderer.render(tokens, reader.options, {}), headings, front_matter)


def _split(text: str) -> tuple[dict[str, Json], str]:
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    documents = read_documents(f"\n{found[1]}")  # a line before it, so that messages name the right one
    front_matter = documents[0] if documents else None
    if front_matter is None:
        return {}, text[found.end() :]
    if len(documents) > 1 or not isinstance(front_matter, dict):
        message = "text: what stands between `---` at its beginning is no object: write names and values, `title: …`"
        raise NodeError("InvalidFrontMatter", message)
    return front_matter, text[found.end() :]


def _name_headings(tokens: Sequence[Token]) -> list[Heading]:
    """Give each heading an id of its own, and list them."""
    used: set[str] = set()
    headings: list[Heading] = []
    for opening, inline in itertools.pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = "".join(_words(inline.children or ()))
        plain = _NOT_IN_IDS.sub("", text.lower()).strip().replace(" ", "-") or "section"
        name = plain if plain not in used else f"{plain}-{len(headings) + 1}"
        while name in used:
            name += "-"
        used.add(name)
        opening.attrSet("id", name)
        headings.append(Heading(int(opening.tag[1:]), text, name))
    return headings


def _words(tokens: Sequence[Token]) -> list[str]:
    """The text of a line without its marks. An image is its description."""
    words = []
    for token in tokens:
        if token.type in ("text", "code_inline", "text_special"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "image":
            words += _words(token.children or ())
    return words
