"""What a text is made of: words for `camelCase` and `slug`, letters without accents. Used by `text`."""

import re
import unicodedata
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"}
)
"""Latin letters that are no letter with an accent."""


def words_of(text: str) -> list[str]:
    """`parseHTTPAnswer-now` has four: parse, HTTP, Answer, now."""
    return [part for word in _WORD.findall(text) for part in _HUMPS.split(word)]


def camel(words: Sequence[str]) -> str:
    return "".join(
        word.lower() if not index else word[:1].upper() + word[1:].lower() for index, word in enumerate(words)
    )


def title(text: str) -> str:
    """The first letter of each word in capitals, the rest as it is: `don't` becomes `Don't`."""
    return re.sub(r"\S+", lambda word: word[0][:1].upper() + word[0][1:], text)


def plain(text: str) -> str:
    """Without accents: `Čížek` becomes `Cizek`. Other scripts stay."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return unicodedata.normalize("NFC", "".join(sign for sign in decomposed if not unicodedata.combining(sign)))


def slug(text: str, separator: str) -> str:
    """For addresses and names of files. Scripts other than Latin keep their letters, so nothing vanishes in silence."""
    return separator.join(_WORD.findall(plain(text).lower()))
