"""Who we are to the API server, what RBAC lets us do, and so all that decides about our vote on a question."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.cli.cluster.reading import as_thing
from headgate.cli.cluster.session import Session
from headgate.cli.requests.people import Matter, Person, Rights
from headgate.kube.errors import ForbiddenError
from headgate.kube.kinds import APPROVAL_POLICY, APPROVAL_REQUEST, RUN, SELF_ACCESS_REVIEW, SELF_REVIEW, Kind
from headgate.lifecycle.acting import involved_in
from headgate.lifecycle.approvals.voting import Corrector, corrector_of

_AT_ONCE = 8
"""Questions looked into at a time."""


async def fetch_person(session: Session) -> Person:
    review = {"apiVersion": SELF_REVIEW.api_version, "kind": SELF_REVIEW.name}
    told = (await session.client.post(SELF_REVIEW, review))["status"]["userInfo"]
    return Person(told.get("username", ""), tuple(told.get("groups") or ()))


async def may(session: Session, verb: str, kind: Kind, namespace: str, name: str = "") -> bool:
    """Whether RBAC lets us. No namespace: in all of them."""
    asked = {"verb": verb, "group": kind.group, "resource": kind.plural, "namespace": namespace, "name": name}
    review = {"apiVersion": SELF_ACCESS_REVIEW.api_version, "kind": SELF_ACCESS_REVIEW.name}
    told = await session.client.post(SELF_ACCESS_REVIEW, {**review, "spec": {"resourceAttributes": asked}})
    return bool(told["status"].get("allowed"))


class Lookup:
    """Looks into questions for one person. What RBAC says is asked once for a namespace or a policy."""

    def __init__(self, session: Session, person: Person) -> None:
        self.person = person
        self._session = session
        self._allowed: dict[tuple[str, ...], asyncio.Task[bool]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def look_all(self, requests: Sequence[ApprovalRequest]) -> list[Matter]:
        async def one(request: ApprovalRequest) -> Matter:
            async with self._slots:
                return await self.look(request)

        return [*await asyncio.gather(*map(one, requests))]

    async def look(self, request: ApprovalRequest) -> Matter:
        namespace, policy = request.metadata.namespace or "", request.spec.binding.policy
        rights = Rights(
            await self._may("patch", APPROVAL_REQUEST, namespace),
            await self._may("approve", APPROVAL_POLICY, namespace, policy.name),
        )
        involved = await self._fetch_involved(request) if policy.exclude else frozenset[str]()
        corrector = await fetch_corrector(self._session, request)
        return Matter(request, self.person, rights, datetime.now(UTC), involved, corrector)

    async def _may(self, *asked: Any) -> bool:
        """Of several who ask the same at once, the first asks the API server."""
        if asked not in self._allowed:
            self._allowed[asked] = asyncio.ensure_future(may(self._session, *asked))
        return await self._allowed[asked]

    async def _fetch_involved(self, request: ApprovalRequest) -> frozenset[str]:
        """Without the right to read the Run, or the Run: whoever acted on it is told by the operator, afterwards."""
        try:
            thing = await self._session.client.find(RUN, request.spec.run, request.metadata.namespace)
        except ForbiddenError:
            return frozenset()
        return involved_in(as_thing(Run, thing)) if thing else frozenset()


async def fetch_corrector(session: Session, request: ApprovalRequest) -> Corrector | None:
    before = request.spec.binding.corrects
    if before is None:
        return None
    thing = await session.client.find(APPROVAL_REQUEST, before, request.metadata.namespace)
    return corrector_of(as_thing(ApprovalRequest, thing), request) if thing else None
