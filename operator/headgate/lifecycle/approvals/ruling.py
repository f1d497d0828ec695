"""The rule by which a policy approves without people: what a pod found out about it, and whether that counts here.

Nothing is evaluated. Whatever is not exactly as it should be, people are asked, and the request says why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Decision, Question, RuleFound, RuleVerdict
from headgate.api.run import NodeStatus
from headgate.compiler.graph import Graph, Node
from headgate.compiler.known import Instance
from headgate.lifecycle.case import Case
from headgate.lifecycle.documents import TooLargeToReadError
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.marks import NO_MARK, Marks
from headgate.lifecycle.tidy import line
from headgate_lang import documents
from headgate_lang.documents import DocumentError
from headgate_lang.ruling import Ruling, detach, identify

_CHANGED = "the policy has another rule than the one that was evaluated"
_OTHER = "it was evaluated about something else"
_NOT_EVALUATED = "nothing told what came of it"
_CORRECTED = "what is shown has taken the place of something else: that is for people"
_ASKED = "people were asked about this node before in this Run"


def ruling_of(case: Case, facts: Facts, node: Node) -> Ruling | None:
    """What the pod that prepared a gate told of the rule. Raises NeedsReadError."""
    told = facts.told.get(Instance(node.name, prepare=True))
    if told is None or told.place is None:
        return None
    try:
        document = case.library.value(told.place)
    except (TooLargeToReadError, DocumentError):
        return None
    return detach(document)[1] if isinstance(document, dict) else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule is asked about."""

    run: str
    """Its uid."""
    question: Question
    values: Mapping[str, Any]
    """Those that may be corrected."""
    replaces: str | None


def judge_rule(rule: str | None, ruling: Ruling | None, subject: Subject) -> RuleFound | None:
    """What a ruling says of this question, under a policy with this rule. None: there is no rule to go by."""
    if rule is None or subject.question is not Question.APPROVAL:
        return None
    if subject.replaces is not None:
        return _unknown(_CORRECTED)
    if ruling is None:
        return _unknown(_NOT_EVALUATED)
    if ruling.rule != identify(rule):
        return _unknown(_CHANGED)
    if (ruling.run, ruling.values) != (subject.run, documents.digest(dict(subject.values))):
        return _unknown(_OTHER)
    if ruling.holds is None:
        return _unknown(ruling.message)
    return RuleFound(verdict=RuleVerdict.HOLDS if ruling.holds else RuleVerdict.FAILS)


def unless_asked(
    found: RuleFound | None, node: str, run: str, name: str, before: Iterable[ApprovalRequest]
) -> RuleFound | None:
    """Once people were asked about a node, only people decide: a rule overrules nobody's no, nor their silence."""
    if found is None or found.verdict is not RuleVerdict.HOLDS:
        return found
    others = (
        one for one in before if one.spec.node == node and one.metadata.name != name and one.metadata.is_part_of(run)
    )
    return found if all(_was_ruled(one) for one in others) else _unknown(_ASKED)


def holds(request: ApprovalRequest) -> bool:
    """Whether a request needs nobody: its rule held when it was made, and it takes no other's place."""
    binding = request.spec.binding
    return (
        request.spec.type is Question.APPROVAL
        and binding.corrects is None
        and binding.policy.auto_approve is not None
        and binding.rule is not None
        and binding.rule.verdict is RuleVerdict.HOLDS
    )


def without_rules_past(graph: Graph, nodes: Mapping[str, NodeStatus], marks: Marks) -> Graph:
    """A gate that has asked is past its rule: one that an admin writes meanwhile sends no pod after it."""
    return replace(graph, nodes=tuple(_past(node, nodes.get(node.name), marks) for node in graph))


def _past(node: Node, said: NodeStatus | None, marks: Marks) -> Node:
    mark = marks.get(node.name, NO_MARK)
    if node.rule is None or said is None or said.request is None:
        return node
    if (said.since or 0, said.retried or 0) != (mark.since, mark.retried):
        return node
    return replace(node, rule=None, prepares=node.prepares and not node.asks_anyway)


def _was_ruled(request: ApprovalRequest) -> bool:
    phase = request.status.phase if request.status else None
    return holds(request) and phase is Decision.AUTO_APPROVED


def _unknown(why: str) -> RuleFound:
    return RuleFound(verdict=RuleVerdict.UNKNOWN, message=line(" ".join(why.split()) or _NOT_EVALUATED))
