"""Names of what a node type takes and gives, and what is written beside the names."""

import re
from collections.abc import Iterable, Iterator

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.check.dependence import Way
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem
from headgate.names import YAML_WORDS
from headgate_lang.near import nearest
from headgate_lang.paths import KEYWORDS
from headgate_lang.schema.keywords import OTHER, is_special

ERROR = "error"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def check_fields(spec: NodeTypeSpec) -> Iterator[Problem]:
    yield from _params(SPEC / "params", spec.params)
    yield from _output(SPEC / "output", spec.output)


def _params(base: Path, fields: Iterable[str]) -> Iterator[Problem]:
    for name in fields:
        if is_special(name):
            if name != OTHER:
                yield _stray(base / name, name, (OTHER,))
        elif not _NAME.fullmatch(name):
            message = f"`{name}` cannot be a parameter: others refer to it by its name"
            yield _bad_name(base / name, message, "use letters, digits and `_`, and begin with a letter")
        elif name.lower() in YAML_WORDS:
            message = f"kubectl reads `{name}` as a boolean or as nothing"
            yield _bad_name(base / name, message, f"call it `{name}_value`, for instance")


def _output(base: Path, fields: Iterable[str]) -> Iterator[Problem]:
    for name in fields:
        if is_special(name):
            if name != OTHER and name not in tuple(Way):
                yield _stray(base / name, name, (OTHER, *Way))
        elif name == ERROR:
            message = "no output may be called `error`: `.error` reads why a node failed"
            yield _bad_name(base / name, message, "call it `problem`, for instance")
        elif not _NAME.fullmatch(name) or name in KEYWORDS:
            message = f"no expression could read an output called `{name}`"
            remedy = "use letters, digits and `_`; what has other names, give as a map"
            yield _bad_name(base / name, message, remedy)


def _bad_name(path: Path, message: str, remedy: str) -> Problem:
    return Problem(path, ProblemReason.INVALID_NAME, message, remedy, on_key=True)


def _stray(path: Path, name: str, known: tuple[str, ...]) -> Problem:
    near = nearest(name, known)
    message = f"`{name}` says nothing of the fields beside it"
    remedy = f"did you mean `{near}`?" if near else f"write one of {', '.join(known)}, or take it out"
    return Problem(path, ProblemReason.INVALID_SCHEMA, message, remedy, on_key=True)
