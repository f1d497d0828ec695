"""Every kind there is, in one explicit list: what `parse` reads and `generate` writes."""

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.common import Resource
from headgate.api.credential import Credential
from headgate.api.knowledgebase import KnowledgeBase
from headgate.api.model import Model
from headgate.api.nodetype import NodeType
from headgate.api.quota import Quota
from headgate.api.run import Run
from headgate.api.trigger import Trigger
from headgate.api.workflow import Workflow

KINDS: tuple[type[Resource], ...] = (
    Workflow,
    Run,
    ApprovalRequest,
    ApprovalPolicy,
    NodeType,
    Model,
    KnowledgeBase,
    Credential,
    Trigger,
    Quota,
)

BY_NAME = {kind.__name__: kind for kind in KINDS}
