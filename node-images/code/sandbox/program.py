"""What a person's code is: a `main` that gets the inputs by name and returns JSON. Run by `child`, behind the locks.

As a *module*, the code defines `main`; as a *body*, it is what stands inside: it reads the inputs and says `return`.
All that goes wrong is told in the person's own words and lines, the most telling line first.
"""

import json
import sys
import types
from typing import TYPE_CHECKING

from sandbox import javascript

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator
    from typing import Any

FILE = "code"
_CHARACTERS = 4000
_FRAMES = 10
_ONLY_PARSE = 0x400  # PyCF_ONLY_AST: to import `ast` for it costs every start 5 ms
_NOT_ALLOWED = (
    "code has no network, no threads, no other processes, and no files but those it makes in tempfile.gettempdir(), "
    "without folders: what it needs from outside, another node fetches and hands to it under `args`"
)


class FlawError(Exception):
    """The code is not what it has to be. The text is what to do about it."""


def execute(code: str, inputs: "dict[str, Any]", language: str = "python", form: str = "module") -> str:
    """The answer, as JSON: `result`, or `error` with a text. Raises MemoryError, and nothing else."""
    call = _call_javascript if language == "javascript" else _call
    try:
        result = call(code, inputs, is_body=form == "body")
        flaw = next(find_flaws(result, "result"), None)
        answer = {"error": flaw} if flaw else {"result": result}
        return json.dumps(answer, allow_nan=False)
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit and what else a person may raise
        return json.dumps({"error": describe(error, code)[:_CHARACTERS]})


def _call(code: str, inputs: "dict[str, Any]", *, is_body: bool) -> object:
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    names = ", ".join(inputs)
    compiled = _compile_body(code, names) if is_body else compile(code, FILE, "exec", dont_inherit=True)
    exec(compiled, module.__dict__)  # noqa: S102 - what all of this is for
    main = module.__dict__.get("main")
    if not callable(main):
        raise FlawError(f"there is no function `main`: write `def main({names}):` and return the result from it")
    try:
        return main(**inputs)
    except TypeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            raise
        raise FlawError(f"{error}: `main` gets each input by its name, and they are: {names or 'none'}") from None


def _compile_body(code: str, names: str) -> "types.CodeType":
    """A `main` around the code. Put together as trees: lines keep their numbers, and texts their form."""
    shell, body = (_parse(source) for source in (f"def main({names}): pass", code))
    if body.body:
        main = shell.body[0]
        main.body = body.body  # type: ignore[attr-defined]  # it is the function that was written above
    return compile(shell, FILE, "exec", dont_inherit=True)


def _parse(source: str) -> "ast.Module":
    tree: ast.Module = compile(source, FILE, "exec", _ONLY_PARSE, dont_inherit=True)
    return tree


def _call_javascript(code: str, inputs: "dict[str, Any]", *, is_body: bool) -> object:
    names = ", ".join(inputs)
    try:
        return javascript.call(f"function main({{{names}}}) {{ {code}\n}}" if is_body else code, inputs)
    except LookupError:
        raise FlawError(
            f"there is no function `main`: write `function main({{{names}}}) {{…}}` and return the result from it"
        ) from None


def find_flaws(value: object, path: str) -> "Iterator[str]":
    """Why a value is no JSON, and where. What JSON would change without a word is a flaw, too."""
    match value:
        case None | bool() | int() | str():
            pass
        case float():
            if value - value != 0:
                yield f"{path} is {value}, which JSON does not have: return null or a text instead"
        case list() | tuple():
            for index, item in enumerate(value):
                yield from find_flaws(item, f"{path}[{index}]")
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    yield f"{path} has the key {key!r}: JSON's keys are texts, so write `str(key)`"
                yield from find_flaws(item, f"{path}.{key}")
        case _:
            kind = type(value).__name__
            yield f"{path} is a {kind}, which JSON does not have: return texts, numbers, lists and dicts"


def describe(error: BaseException, code: str) -> str:
    """What went wrong, where in the person's lines, and what to do if that is known."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception of the person's own making
        text = ""
    if isinstance(error, (FlawError, javascript.ScriptError)):
        return text
    if isinstance(error, SyntaxError) and error.filename == FILE:
        text = f"{error.msg} (line {error.lineno})"
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    lines = [said[: _CHARACTERS // 2], *_list_frames(error, code)]
    if remedy := _advise(error, text):
        lines.append(remedy)
    return "\n".join(lines)


def _list_frames(error: BaseException, code: str) -> list[str]:
    source = code.splitlines()
    found = []
    place = error.__traceback__
    while place is not None:
        where, number = place.tb_frame.f_code, place.tb_lineno
        if where.co_filename == FILE and 0 < number <= len(source):
            found.append(f"  line {number}, in {where.co_name}: {source[number - 1].strip()[:200]}")
        place = place.tb_next
    return found[-_FRAMES:]


def _advise(error: BaseException, text: str) -> str:
    if isinstance(error, PermissionError) or "start new thread" in text:
        return _NOT_ALLOWED
    if isinstance(error, ModuleNotFoundError):
        return "there is Python's standard library, and nothing else: use another node, or a node type of your own"
    if isinstance(error, RecursionError):
        return "it calls itself too deeply, or the result contains itself"
    return ""
