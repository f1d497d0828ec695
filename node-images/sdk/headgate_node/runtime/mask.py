"""Keeps the values of credentials out of all that leaves a pod: lines, errors, previews, outputs.

A value is found as it is, in JSON, in base64 and percent-encoded, and so is `user:password` as HTTP's Basic has it.
Values of fewer than six characters are left alone: they would be found in ordinary words.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

SHORTEST = 6
LINE = 16
"""How long a line of a value must be to be masked by itself: keys have many lines, and logs are written in lines."""
MASK = "***"


class Mask:
    def __init__(self, secrets: Iterable[Mapping[str, str]]) -> None:
        """Credentials, each field → value."""
        forms = {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if forms else None

    def text(self, text: str) -> str:
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """The same of every text in a value, keys included."""
        return self._value(value) if self._pattern else value

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._value(member) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [self._value(item) for item in value]
        return value


def _forms(secret: Mapping[str, str]) -> set[str]:
    values = [value.strip() for value in secret.values()]
    whole = [value for value in values if len(value) >= SHORTEST]
    pairs = [f"{one}:{other}" for one in values for other in whole if one and one != other]
    lines = [line for value in whole for line in value.splitlines() if len(line) >= LINE]
    encoded = [base64.b64encode(value.encode()).decode() for value in (*whole, *pairs)]
    quoted = [quote(value, safe="") for value in whole]
    in_json = [json.dumps(value, ensure_ascii=is_ascii)[1:-1] for value in whole for is_ascii in (True, False)]
    return {*whole, *lines, *encoded, *quoted, *in_json}
