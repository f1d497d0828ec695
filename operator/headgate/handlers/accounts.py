"""Whether pods can run in a namespace: Argo's executor needs an account there, which people make, and no operator."""

import time
from collections.abc import Callable

from headgate.kube import kinds
from headgate.kube.client import Client
from headgate.kube.errors import ForbiddenError

RECHECK_SECONDS = 10.0
"""Where it is missing: whoever has just made it waits for the condition to say so."""
_BELIEVED_SECONDS = 60.0
"""Where it is there."""


class Accounts:
    def __init__(self, client: Client, account: str, release: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._account = account
        self._release = release
        self._clock = clock
        self._known: dict[str, tuple[float, bool]] = {}
        """Namespace → until when it is believed, and whether the account is there."""

    async def remedy(self, namespace: str) -> str | None:
        """What to do, as commands; None: nothing."""
        until, is_there = self._known.get(namespace, (0.0, True))
        if self._clock() >= until:
            is_there = await self._look(namespace)
            believed = _BELIEVED_SECONDS if is_there else RECHECK_SECONDS * 0.9
            now = self._clock()
            self._known = {where: one for where, one in self._known.items() if now < one[0]}  # namespaces come and go
            self._known[namespace] = (now + believed, is_there)
        return None if is_there else build_remedy(namespace, self._account, self._release)

    async def _look(self, namespace: str) -> bool:
        try:
            return await self._client.find(kinds.SERVICE_ACCOUNT, self._account, namespace) is not None
        except ForbiddenError:
            return True  # then nobody can say


def build_remedy(namespace: str, account: str, release: str) -> str:
    return (
        f"namespace {namespace} lacks the service account {account} of Argo's executor: "
        f"kubectl create serviceaccount {account} -n {namespace} && "
        f"kubectl create rolebinding {account} -n {namespace} --clusterrole={release}-executor "
        f"--serviceaccount={namespace}:{account}"
    )
