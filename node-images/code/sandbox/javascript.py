"""A person's JavaScript: QuickJS in the same child, behind the same locks. It has no modules, no timers, no `fetch`.

`child` has `load` find the engine before the locks are shut; `program` has `call` run the code behind them.
"""

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

ENGINE = "_quickjs"
"""The module in C: the package around it wants threads."""
STACK_BYTES = 4 << 20

_CONSOLE = """(() => {
    const tell = one => typeof one === "object" ? JSON.stringify(one) : String(one)
    globalThis.console = {log: (...all) => print(all.map(tell).join(" "))}
})()"""
_CALL = """(() => {
    const result = main(JSON.parse(INPUTS))
    if (result instanceof Promise) throw new TypeError("`main` must not be async: there is nothing to wait for")
    return JSON.stringify(result) ?? "null"
})()"""


class ScriptError(Exception):
    """What the code threw, with the person's lines."""


def load(folder: str) -> None:
    """Import the engine from the folder of packages where `spawn` found it."""
    sys.path.append(folder)
    __import__(ENGINE)
    sys.path.pop()


def call(code: str, inputs: "dict[str, Any]") -> object:
    """What `main` returns. Raises ScriptError and MemoryError; LookupError if there is no `main`."""
    engine = sys.modules[ENGINE]
    context = engine.Context()
    context.set_max_stack_size(STACK_BYTES)
    context.add_callable("print", print)
    try:
        context.eval(_CONSOLE)
        context.eval(code)
        if context.eval("typeof main") != "function":
            raise LookupError
        context.set("INPUTS", json.dumps(inputs))
        return json.loads(context.eval(_CALL))
    except engine.JSException as error:
        text = str(error)
        if text.startswith("InternalError: out of memory"):
            raise MemoryError from None
        lines = [line.replace("<input>", "line", 1) for line in text.splitlines() if "<eval>" not in line]
        raise ScriptError("\n".join(lines[:10])) from None
