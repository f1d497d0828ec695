"""Whether what a model answered is JSON of a schema, and what is wrong if not. Pure; `llm` asks it."""

import re
from typing import Any

from headgate_lang.documents import DocumentError, decode
from headgate_lang.schema import check

_FENCED = re.compile(r"```(?:json)?[ \t]*\n(.*)\n```", re.DOTALL | re.IGNORECASE)


def decide_answer(text: str, schema: dict[str, Any]) -> tuple[Any, list[str]]:
    """The value, and no faults; or what is wrong, in words that a model and a person understand."""
    fenced = _FENCED.fullmatch(text.strip())  # models that are not held to a schema like to dress it up
    try:
        value = decode(fenced[1] if fenced else text)
    except DocumentError as error:
        return None, [str(error)]
    violations = check(value, schema)
    return value, [f"the answer {violation}" if not violation.path else str(violation) for violation in violations]
