"""What an expression yields, and what is wrong with it, by the schemas of what it reads.

`shapes` says what can be read (nodes, inputs, `run`, …), `walk` follows a path through a schema, `checker` asks CEL's
own checker about everything else (by way of `messages`), `fit` compares what comes out with what is taken. Asked by
`headgate.compiler.check`.
"""

from headgate.compiler.types.checker import Typed, check
from headgate.compiler.types.fit import misfit, text_misfit
from headgate.compiler.types.shapes import (
    ERROR,
    RUN,
    RUN_IN_FINALLY,
    UNKNOWN,
    Type,
    TypeScope,
    form,
    loop,
    node,
    of_value,
)
from headgate.compiler.types.values import type_of

__all__ = [
    "ERROR",
    "RUN",
    "RUN_IN_FINALLY",
    "UNKNOWN",
    "Type",
    "TypeScope",
    "Typed",
    "check",
    "form",
    "loop",
    "misfit",
    "node",
    "of_value",
    "text_misfit",
    "type_of",
]
