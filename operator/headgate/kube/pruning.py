"""`prune(text) → text`: JSON without what is nested deeper than we read. Pure; asked by `client.parse` in need.

The API server takes objects nested up to 10,000 levels from anybody who may create one, and our parser reads 200. One
such object must not keep us from all others, so what stands too deep is cut out, and the rest of it is read: enough to
know which object it is, and to refuse it. What is left is still deeper than anything of ours may be (100), so nothing
ever runs on, or is approved by, what is left of it.
"""

import re

MAX_DEPTH = 150
"""Of a whole answer. In a list of objects, the content of one begins six or seven levels down."""
_DEEPEST = 20_000
"""The API server says nothing that is deeper: the parser refuses it."""
CUT = "… nested deeper than Headgate reads"
_CUT, _SHORTLY = f'"{CUT}"'.encode(), '"…"'.encode()
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{\]}]', re.DOTALL)
"""A string, or what opens or closes. Possessive: a text that breaks off in a string is read once, too."""
_OPENS, _CLOSES = frozenset(b"[{"), frozenset(b"]}")


def prune(text: bytes, most: int = MAX_DEPTH) -> bytes:
    """The very same text if nothing of it is nested deeper. Whether it is JSON at all, the parser says: it is not asked
    about what is cut out."""
    kept: list[bytes] = []
    depth = begin = rest = 0
    for token in _TOKEN.finditer(text):
        sign = text[token.start()]
        if sign in _OPENS:
            depth += 1
            if depth == most + 1:
                begin = token.start()
            elif depth > _DEEPEST:
                return text
        elif sign in _CLOSES:
            if depth == most + 1:
                is_worth_words = token.end() - begin > len(_CUT)  # else ten thousand `[]` would grow tenfold
                kept += (text[rest:begin], _CUT if is_worth_words else _SHORTLY)
                rest = token.end()
            depth -= 1
    return b"".join((*kept, text[rest:])) if kept else text
