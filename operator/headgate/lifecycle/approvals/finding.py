"""Which of the requests that are there are ours, and which nobody asks for any more. `chain` asks, for one node.

A request that is not exactly what we would have asked is not ours, whoever made it: the question goes out under another
name.
"""

from collections.abc import Container, Iterator

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.approvalrequest import ApprovalRequest, Decision
from headgate.compiler.catalogue import Found
from headgate.lifecycle.approvals.naming import name_beside
from headgate.lifecycle.approvals.question import Asked, is_as_now, is_ours
from headgate.lifecycle.case import Case
from headgate.lifecycle.observed import Observed

MAX_CORRECTIONS = 50


class Requests:
    def __init__(self, case: Case, node: str) -> None:
        self._case = case
        self._by_name = {request.metadata.name or "": request for request in case.observed.requests}
        self._known = frozenset(_known(case, node))

    def find(self, asked: Asked, name: str) -> tuple[str, ApprovalRequest | None]:
        """The request of this name, if it is ours; if another has the name, one beside it."""
        request = self._by_name.get(name)
        if request is None or self._is_ours(asked, request):
            return name, request
        beside = name_beside(name, asked.digest(self._case))
        request = self._by_name.get(beside)
        return beside, request if request is not None and self._is_ours(asked, request) else None

    def _is_ours(self, asked: Asked, request: ApprovalRequest) -> bool:
        """One that the Run does not know of yet, we have made just now, by the policy that there is; or somebody else
        has, by a policy of theirs."""
        if not is_ours(self._case, asked, request):
            return False
        if request.metadata.uid in self._known:
            return True
        policy = policy_of(self._case.observed, request)
        return policy is not None and is_as_now(self._case, request, policy)


def left_behind(case: Case, node: str, passed: Container[str | None]) -> Iterator[ApprovalRequest]:
    """Open questions about a node whose answers nobody would read: what is asked now is something else."""
    for request in case.observed.requests:
        is_open = request.status is not None and request.status.phase is Decision.OPEN
        is_about = request.spec.node == node and request.metadata.is_part_of(case.uid)
        if is_open and is_about and request.metadata.name not in passed:
            yield request


def policy_of(observed: Observed, request: ApprovalRequest) -> ApprovalPolicySpec | None:
    """As it is now."""
    answer = observed.catalogue.policy(request.spec.binding.policy.name)
    return answer.value if isinstance(answer, Found) else None


def _known(case: Case, node: str) -> Iterator[str]:
    """The uids of requests that the Run's status knows: of the last one, and so of those whose places it took."""
    by_uid = {request.metadata.uid: request for request in case.observed.requests}
    before = case.before(node)
    uid = before.request_uid if before is not None else None
    for _ in range(MAX_CORRECTIONS):
        if uid is None:
            return
        yield uid
        request = by_uid.get(uid)
        uid = request.spec.binding.corrects_uid if request is not None else None
