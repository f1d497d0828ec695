"""The objects that nodes name by a parameter (LANGUAGE §3.9): whether they are there, and serve the node."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from headgate.api.common import OBJECT_NAME
from headgate.api.credential import CredentialSpec
from headgate.api.model import ModelSpec
from headgate.compiler.build.objects import MODEL, Mention
from headgate.compiler.build.survey import Draft
from headgate.compiler.catalogue import Answer, Catalogue, Found, Missing
from headgate.compiler.check.environments import under_each
from headgate.compiler.check.subject import Subject
from headgate.compiler.credentials import Wish, host_called, refusals
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem

_Lookup = Callable[[Catalogue, str], Answer[Any]]

_KINDS: Mapping[str, tuple[str, ProblemReason, _Lookup]] = {
    "ApprovalPolicy": ("policy", ProblemReason.MISSING_POLICY, lambda among, name: among.policy(name)),
    "Credential": ("credential", ProblemReason.MISSING_CREDENTIAL, lambda among, name: among.credential(name)),
    "Model": ("model", ProblemReason.MISSING_MODEL, lambda among, name: among.model(name)),
    "KnowledgeBase": (
        "knowledge base",
        ProblemReason.MISSING_KNOWLEDGE_BASE,
        lambda among, name: among.knowledge_base(name),
    ),
}
_NAME = re.compile(OBJECT_NAME)


def check_objects(subject: Subject) -> Iterator[Problem]:
    by_constant = []
    for draft in subject.using(lambda use: use.references):
        for mention in draft.mentions:
            if mention.constant is not None:
                by_constant.append((draft, mention))
            elif mention.is_computed:
                yield _computed(draft, mention)
            else:
                yield from _objects(subject, draft, mention, None)
    yield from under_each(subject, lambda environment: _by_constant(subject, by_constant, environment))


def _by_constant(
    subject: Subject, mentions: Iterable[tuple[Draft, Mention]], environment: str | None
) -> Iterator[Problem]:
    for draft, mention in mentions:
        yield from _objects(subject, draft, mention, environment)


def _objects(subject: Subject, draft: Draft, mention: Mention, environment: str | None) -> Iterator[Problem]:
    for name in mention.names(subject.constants[environment]):
        yield from _object(subject, draft, mention, name)


def _computed(draft: Draft, mention: Mention) -> Problem:
    message = f"`{mention.parameter}` names an object, so it is a literal or a constant"
    remedy = "write the name, or `${vars.x}`"
    if mention.kind == MODEL:
        remedy = "write the name, `${vars.x}`, or `${inputs.x}` of an input with an `enum`"
    return Problem(draft.at("with", mention.parameter), ProblemReason.COMPUTED_REFERENCE, message, remedy)


def _object(subject: Subject, draft: Draft, mention: Mention, name: str) -> Iterator[Problem]:
    path = draft.at("with", mention.parameter)
    word, missing, look_up = _KINDS[mention.kind]
    if not _NAME.fullmatch(name):
        message = f"no {word} can be called `{name}`"
        yield Problem(path, ProblemReason.INVALID_VALUE, message, "names of objects are lower case: a-z, 0-9 and `-`")
        return
    answer = look_up(subject.catalogue, name)
    if isinstance(answer, Missing):
        remedy = f"did you mean `{answer.near}`?" if answer.near else f"apply the {mention.kind} `{name}`"
        yield Problem(path, missing, f"there is no {word} `{name}`", remedy, subject.missing)
    elif isinstance(answer, Found):
        for why, remedy in _refusals(subject, draft, mention, answer.value):
            yield Problem(path, ProblemReason.OBJECT_REFUSED, f"{word} `{name}` {why}", remedy)


def _refusals(subject: Subject, draft: Draft, mention: Mention, found: Any) -> Iterator[tuple[str, str]]:
    """Why an object does not serve a node, and what to do."""
    accepted = mention.schema.get("x-accepts")
    if isinstance(found, CredentialSpec):
        host = host_called(draft.use.type, draft.node.with_)
        yield from refusals(found, Wish(draft.use.name, accepted, subject.name, host))
    elif isinstance(found, ModelSpec) and isinstance(accepted, list) and found.task not in accepted:
        yield f"is of type {found.task}", f"`{draft.use.name}` takes {' or '.join(map(str, accepted))}"
