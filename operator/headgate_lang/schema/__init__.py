"""JSON Schema, as much of it as Headgate takes, and the one shape of every form: name → JSON Schema (LANGUAGE §1.11).

`keywords` says what a schema may hold, `sane` whether one is sane, `checking` whether a value has it, `fields` the same
for a form: inputs, parameters, outputs, answers. All of it is bounded and linear: the operator reads what strangers
wrote.
"""

from headgate_lang.schema.checking import Computed, Kind, Violation, Written, check, check_written
from headgate_lang.schema.fields import check_fields, check_given, check_written_fields, is_required, with_defaults
from headgate_lang.schema.sane import check_form, check_schema

__all__ = [
    "Computed",
    "Kind",
    "Violation",
    "Written",
    "check",
    "check_fields",
    "check_form",
    "check_given",
    "check_schema",
    "check_written",
    "check_written_fields",
    "is_required",
    "with_defaults",
]
