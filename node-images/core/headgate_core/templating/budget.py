"""What a template may cost, counted while it runs: the same template and values always come as far.

Every turn of a loop, every call, every filter and every value that one of them looks at is a step. So is each part of a
long text. Whatever could be large is counted before it is made.
"""

from typing import Any

from jinja2.runtime import Undefined

from headgate_node import NodeError

MAX_STEPS = 500_000
MAX_LETTERS = 5_000_000
MAX_DEPTH = 100
_LETTERS_A_STEP = 64


class Budget:
    def __init__(self, steps: int = MAX_STEPS, letters: int = MAX_LETTERS) -> None:
        self._steps = steps
        self._letters = letters

    def take(self, steps: int = 1) -> None:
        self._steps -= max(steps, 0)
        if self._steps < 0:
            message = f"template: it needs more than {MAX_STEPS:,} steps: loop over less, or leave the work to a node"
            raise NodeError("TooExpensive", message)

    def write(self, letters: int) -> None:
        """Account for text that is written, also where it is only kept."""
        self._letters -= max(letters, 0)
        if self._letters < 0:
            message = f"template: it writes more than {MAX_LETTERS:,} letters: write less"
            raise NodeError("TooLarge", message)
        self.take(1 + letters // _LETTERS_A_STEP)

    def check_length(self, length: int) -> None:
        """Account for a text or a list that is about to be made."""
        if length > MAX_LETTERS:
            raise NodeError("TooLarge", f"template: it makes a text of more than {MAX_LETTERS:,} letters: make less")
        self.take(1 + length // _LETTERS_A_STEP)

    def weigh(self, *values: Any) -> None:
        """Account for everything in values, however often it occurs in them."""
        level = [value for value in values if not isinstance(value, int | float | None)]
        for _ in range(MAX_DEPTH):
            if not level:
                return
            self.take(len(level))
            below: list[Any] = []
            for value in level:
                if isinstance(value, str):
                    self.take(len(value) // _LETTERS_A_STEP)
                elif isinstance(value, dict):
                    self.take(len(value))
                    below += value.values()
                elif isinstance(value, list | tuple):
                    self.take(len(value))
                    below += value
            level = [value for value in below if not isinstance(value, int | float | None | Undefined)]
        if level:
            message = f"template: a value is nested deeper than {MAX_DEPTH} levels: write a part of it"
            raise NodeError("TooLarge", message)
