"""The functions that expressions have, and what people from other languages call them. For remedies only."""

from headgate_lang.near import did_you_mean

FUNCTIONS = frozenset(
    "all bool bytes charAt contains double duration dyn endsWith exists exists_one filter format getDate "
    "getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds "
    "has hasValue indexOf int join lastIndexOf lowerAscii map matches optFlatMap optMap or orValue replace "
    "reverse size split startsWith string substring timestamp trim type uint upperAscii value".split()
)

_CALLED = {
    "concat": "`+`",
    "count": "`size(x)`",
    "default": "`a.?b.orValue(…)`",
    "find": "`.filter(x, …)[0]`",
    "get": "`a.?b.orValue(…)`",
    "includes": "`.contains(x)`",
    "isEmpty": "`size(x) == 0`",
    "len": "`size(x)`",
    "length": "`size(x)`",
    "lower": "`.lowerAscii()`",
    "parseInt": "`int(x)`",
    "some": "`.exists(x, …)`",
    "str": "`string(x)`",
    "toFixed": "`'%.2f'.format([x])`",
    "toLower": "`.lowerAscii()`",
    "toLowerCase": "`.lowerAscii()`",
    "toString": "`string(x)`",
    "toUpper": "`.upperAscii()`",
    "toUpperCase": "`.upperAscii()`",
    "upper": "`.upperAscii()`",
}
_LEFT_OUT = {
    "env": "there is no environment: give the Run an input, or the workflow a constant",
    "now": "there is no clock, so that a replay is exact: read `run.startedAt`",
    "random": "there is no chance, so that a replay is exact: a node can have a seed",
    "uuid": "there is no chance, so that a replay is exact: read `run.uid`",
}


_MACROS = {
    **dict.fromkeys(
        ("all", "exists", "exists_one", "filter", "map"), "it takes a name and what to do with it: `.{name}(x, …)`"
    ),
    **dict.fromkeys(("optMap", "optFlatMap"), "it takes a name and what to do with it: `a.?b.{name}(x, …)`"),
    "has": "it takes a path: `has(a.b)`",
}


def function_meant(name: str) -> str:
    """What to write instead of a function that there is not, or that is none for these arguments."""
    if name in _MACROS:
        return _MACROS[name].format(name=name)
    if name in _CALLED:
        return f"write {_CALLED[name]}"
    return _LEFT_OUT.get(name) or did_you_mean(name, FUNCTIONS) or "a node can do what no function does"
