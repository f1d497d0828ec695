"""Which of the requests that are there are ours, and which nobody asks for any more. `chain` asks, for one node.

A request that is not exactly what we would have asked is not ours, whoever made it: the question goes out under another
name.
"""

from collections.abc import Container, Iterator

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.approvalrequest import ApprovalRequest
from headgate.compiler.catalogue import Found
from headgate.lifecycle.approvals.naming import name_beside
from headgate.lifecycle.approvals.question import Asked, is_ours
from headgate.lifecycle.approvals.terms import under
from headgate.lifecycle.case import Case
from headgate.lifecycle.legview import NeedsFreshLookError
from headgate.lifecycle.observed import Observed
from headgate_lang import documents

MAX_CORRECTIONS = 50
MAX_NAMES = 8


class Requests:
    def __init__(self, case: Case, node: str) -> None:
        self._case = case
        self._about = [request for request in case.observed.requests if request.spec.node == node]
        self._taken = {request.metadata.name for request in case.observed.requests}
        self._known = frozenset(_known(case, node))

    def find(self, asked: Asked, name: str) -> tuple[str | None, ApprovalRequest | None]:
        """The request that asks this, whatever it is called: if others have the name, it is one beside them. Or a name
        for it, if there is one left. One that the Run does not know of yet, we have made just now, by the policy that
        applies; or somebody else has, by a policy of theirs."""
        ours = [request for request in self._about if is_ours(self._case, asked, request)]
        known = [request for request in ours if request.metadata.uid in self._known]
        rules = under(self._case, asked)
        new = (request for request in ours if rules is not None and rules.is_of(request, self._case.now))
        for request in known or new:
            return request.metadata.name or "", request
        return self._free(asked, name), None

    def _free(self, asked: Asked, name: str) -> str | None:
        """A name that nobody has, the same until it is taken. None: whatever we ask is not as we asked it."""
        digest = asked.digest(self._case)
        beside = (name_beside(name, documents.digest([digest, number])) for number in range(1, MAX_NAMES))
        return next((one for one in (name, name_beside(name, digest), *beside) if one not in self._taken), None)


def is_gone(case: Case, node: str) -> bool:
    """Whether the request that the Run knows of is there no more. One made again in its place is another, and decides
    nothing. Raises NeedsFreshLookError."""
    before = case.before(node)
    uid = before.request_uid if before is not None else None
    if uid is None or any(request.metadata.uid == uid for request in case.observed.requests):
        return False
    if not case.observed.is_fresh:
        raise NeedsFreshLookError
    return True


def left_behind(case: Case, node: str, passed: Container[str | None]) -> Iterator[ApprovalRequest]:
    """Open questions about a node whose answers nobody would read: what is asked now is something else."""
    for request in case.observed.requests:
        is_about = request.spec.node == node and request.metadata.is_part_of(case.uid)
        if request.is_open and is_about and request.metadata.name not in passed:
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
