"""What is wrong with an object by itself, whatever else there is: policies, and types of nodes.

Lint, admission and the operator ask the same.
"""

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.common import Resource
from headgate.api.nodetype import NodeType
from headgate.compiler.policy import check_policy
from headgate.compiler.vet import check_node_type
from headgate.errors import Problem


def check_alone(model: Resource | None) -> tuple[Problem, ...]:
    match model:
        case ApprovalPolicy(spec=spec):
            return check_policy(spec)
        case NodeType(spec=spec):
            return check_node_type(spec)
    return ()
