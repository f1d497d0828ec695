"""What is wrong with an object by itself, whatever else there is: policies, types of nodes, and what has no effect yet.

Lint, admission and the operator ask the same.
"""

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.common import Resource
from headgate.api.knowledgebase import KnowledgeBase
from headgate.api.nodetype import NodeType
from headgate.api.quota import Quota
from headgate.api.trigger import Trigger
from headgate.compiler.policy import check_policy
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.vet import check_node_type
from headgate.errors import SPEC, Problem, Severity


def check_alone(model: Resource | None) -> tuple[Problem, ...]:
    match model:
        case ApprovalPolicy(spec=spec):
            return check_policy(spec)
        case NodeType(spec=spec):
            return check_node_type(spec)
        case Trigger() | Quota() | KnowledgeBase():
            message = f"this version of Headgate keeps a {type(model).__name__} and does nothing with it"
            remedy = "leave it out, or keep it for a version that acts on it"
            return (Problem(SPEC, ProblemReason.NOTHING_ACTS, message, remedy, severity=Severity.WARNING),)
    return ()
