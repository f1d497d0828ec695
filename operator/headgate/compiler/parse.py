"""From a document, as YAML or the API server gives it, to the model of its kind: the first step of the compiler.

Admission, the operator and lint call it. All problems come at once, as data. What the models cannot say (reserved and
doubled names of nodes, references, parameters) is for `check`, which goes on with what could be saved of the model.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from headgate.api.common import OBJECT_NAME, Resource
from headgate.api.kinds import BY_NAME
from headgate.api.nodetype import NAME_PATTERN, NodeType
from headgate.api.run import Run
from headgate.compiler.document.bounds import MAX_PROBLEMS, bound
from headgate.compiler.document.doubles import doubled_items
from headgate.compiler.document.places import as_written, order
from headgate.compiler.document.repair import Mended, mend, unsay
from headgate.compiler.document.schemas import schema_problems
from headgate.compiler.document.wording import describe, is_noise
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem
from headgate.names import API_VERSION, GROUP, MAX_RUN_NAME
from headgate_lang.near import did_you_mean

_MAX_ROUNDS = 12
"""A field that is left out may be missed by the one around it; no kind nests deeper than this."""

_MAY_FOLLOW = {ProblemReason.MISSING_FIELD, ProblemReason.EXCLUSIVE_CHOICE, ProblemReason.NOBODY_MAY_VOTE}
"""What may be wrong only because we took something out."""

METADATA = Path(("metadata",))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of a document. With problems, the model is what could be saved, good for more checks and no more."""

    model: Resource | None
    problems: tuple[Problem, ...] = ()


def parse(document: Mapping[str, Any]) -> Parsed:
    """Read a document of any of our kinds."""
    tree, problems = bound(document)
    if tree is None:
        return Parsed(None, tuple(problems))
    kind, unknown = _kind_of(tree)
    if kind is None:
        return Parsed(None, (*problems, *unknown))
    tree["apiVersion"] = API_VERSION
    others = [*unknown, *_name_problems(kind, tree), *schema_problems(kind, tree)]
    model, wrong = _validate(kind, tree, problems)
    if model is not None:
        others.extend(doubled_items(model.spec, SPEC))
    by_place = sorted([*problems, *wrong, *others], key=lambda problem: order(document, problem.path))
    return Parsed(model, tuple(by_place))


def _kind_of(document: Mapping[str, Any]) -> tuple[type[Resource] | None, list[Problem]]:
    """The kind, unless a version is written that we do not have: it may have other fields."""
    kinds = f"the kinds are {', '.join(BY_NAME)}"
    version, kind = document.get("apiVersion"), document.get("kind")
    problems = []
    if version is None:
        problems.append(_missing("apiVersion", f"write `apiVersion: {API_VERSION}`"))
    elif version != API_VERSION:
        problems.append(_unknown("apiVersion", version, f"write `apiVersion: {API_VERSION}`"))
    known = BY_NAME.get(kind) if isinstance(kind, str) else None
    if kind is None:
        problems.append(_missing("kind", kinds))
    elif known is None:
        problems.append(_unknown("kind", kind, did_you_mean(str(kind), BY_NAME) or kinds))
    return (known if version in (None, API_VERSION) else None), problems


def _missing(field: str, remedy: str) -> Problem:
    return Problem(Path(), ProblemReason.MISSING_FIELD, f"`{field}` is missing", remedy)


def _unknown(field: str, value: object, remedy: str) -> Problem:
    return Problem(Path((field,)), ProblemReason.UNKNOWN_KIND, f"{GROUP} has no {field} `{value}`", remedy)


def _validate(
    kind: type[Resource], document: dict[str, Any], earlier: list[Problem]
) -> tuple[Resource | None, list[Problem]]:
    """Validate, mend, and validate again until the model stands or nothing of it is left.

    Unknown fields go first: the one that seems to be missing may stand there under another name.
    """
    told = {problem.path: problem for problem in earlier}
    mended = Mended()
    for _ in range(_MAX_ROUNDS):
        try:
            model = kind.model_validate(document, by_alias=True, by_name=False)
        except ValidationError as failure:
            errors = [error for error in failure.errors(include_url=False) if not is_noise(error, document)]
        else:
            return unsay(model, mended.unsaid), list(told.values())[len(earlier) :]
        strangers = [error for error in errors if error["type"] == "extra_forbidden"]
        errors = strangers or errors
        for error in errors[:MAX_PROBLEMS]:
            problem = describe(error, kind, document)
            problem = replace(problem, path=as_written(problem.path, mended.renames))
            if _is_news(error, problem, told):
                told[_place(error, problem)] = problem
        mend(document, errors, kind, mended)
        if not document:
            break
    return None, list(told.values())[len(earlier) :]


def _place(error: ErrorDetails, problem: Problem) -> Path:
    """What tells problems apart: one a place, and one for each field that a place misses."""
    return problem.path / str(error["loc"][-1]) if error["type"] == "missing" else problem.path


def _is_news(error: ErrorDetails, problem: Problem, told: Mapping[Path, Problem]) -> bool:
    """A choice of types yields an error for each: the one about the value says more than the one about the type. And
    what we took out ourselves is not missing."""
    place = _place(error, problem)
    if place in told:
        return told[place].reason == ProblemReason.WRONG_TYPE and problem.reason == ProblemReason.INVALID_VALUE
    if problem.reason not in _MAY_FOLLOW:
        return True
    depth = len(place.steps)
    return not any(
        path.steps[:depth] == place.steps and known.reason != ProblemReason.UNKNOWN_FIELD
        for path, known in told.items()
    )


def _name_problems(kind: type[Resource], document: Mapping[str, Any]) -> list[Problem]:
    metadata = document.get("metadata")
    if not isinstance(metadata, Mapping):
        return []
    name = metadata.get("name")
    if name is None and not metadata.get("generateName"):
        return [Problem(METADATA, ProblemReason.MISSING_FIELD, "`name` is missing", f"give the {kind.__name__} a name")]
    if not isinstance(name, str):
        return []
    wrong = _why_refused(kind, name)
    return (
        [Problem(METADATA / "name", ProblemReason.INVALID_NAME, f"`{name}` cannot be a name", wrong)] if wrong else []
    )


def _why_refused(kind: type[Resource], name: str) -> str:
    if len(name) > 253 or not re.fullmatch(OBJECT_NAME, name):
        return "names of objects are lower case: a-z, 0-9, `-` and `.`"
    if kind is Run and len(name) > MAX_RUN_NAME:
        return f"the name of a Run has at most {MAX_RUN_NAME} characters"
    if kind is NodeType and not re.fullmatch(NAME_PATTERN, name):
        return "the name of a NodeType ends in its version: `http.v2`"
    return ""
