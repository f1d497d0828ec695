"""The small TLS server that admission asks, and the certificate that it shows. When it is down, the cluster works on.

Every replica serves; the one that leads renews the certificate and tells the API server to trust it.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from pydantic_core import to_json

from headgate.api.kinds import KINDS
from headgate.handlers.admission import Verdict, build_response, judge
from headgate.handlers.catalogue import LiveCatalogue, Models
from headgate.handlers.certificates import (
    Certificate,
    hosts_of,
    make_apart,
    needs_another,
    read_secret,
    secret_data,
    with_trust,
)
from headgate.handlers.given_certificate import UnfitError, asked_host, owner_of, read_given
from headgate.handlers.metrics import Metrics
from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.answers import parse
from headgate.kube.client import Client
from headgate.kube.errors import AlreadyExistsError, ConflictError, KubeError
from headgate.kube.kinds import Object
from headgate.settings import Webhook

log = logging.getLogger(__name__)

PATH = "/admit"
_LARGEST = 8 * 2**20
_LOOK_SECONDS = 60.0
_FIRST_SECONDS = 1.0
_KINDS = frozenset(kind.__name__ for kind in KINDS)


class Admission:
    """Answers reviews, out of the caches."""

    def __init__(self, world: World, client: Client, models: Models, metrics: Metrics) -> None:
        self._world = world
        self._client = client
        self._models = models
        self._metrics = metrics

    async def serve(self, request: web.Request) -> web.StreamResponse:
        try:
            review = parse(await request.read())
            asked = review["request"]
            uid, kind = asked["uid"], asked["kind"]["kind"]
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400, text="not an AdmissionReview")
        verdict = await self._judge(asked)
        known = kind if kind in _KINDS else "other"  # whoever reaches the port may ask about anything
        self._metrics.reviews.labels(known, str(not verdict.errors).lower()).inc()
        for problem in verdict.problems:
            self._metrics.problems_refused.labels(problem.reason).inc()
        log.debug("reviewed", extra={"uid": uid, "kind": kind, "problems": len(verdict.problems)})
        return web.Response(body=to_json(build_response(asked, verdict)), content_type="application/json")

    async def _judge(self, asked: dict[str, Any]) -> Verdict:
        namespace = str(asked.get("namespace") or "")
        if not self._world.synced:
            return Verdict()
        await self._look_for_workflow(asked, namespace)
        return judge(asked, LiveCatalogue(self._world, self._models, namespace))

    async def _look_for_workflow(self, asked: dict[str, Any], namespace: str) -> None:
        """A workflow that was created with its Run in one breath may not have been heard of."""
        if asked["kind"]["kind"] != kinds.RUN.name or asked.get("operation") != "CREATE":
            return
        name = ((asked.get("object") or {}).get("spec") or {}).get("workflow")
        if isinstance(name, str) and name and self._world.workflows.get(namespace, name) is None:
            try:
                found = await self._client.find(kinds.WORKFLOW, name, namespace)
            except KubeError:
                return
            if found is not None:
                self._world.workflows.put(found)


class WebhookServer:
    def __init__(self, admission: Admission, settings: Webhook, namespace: str, client: Client) -> None:
        self._admission = admission
        self._settings = settings
        self._namespace = namespace
        self._client = client
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._shown: Certificate | None = None
        self._told = ""
        """What was last said to be wrong."""
        self._runner: web.AppRunner | None = None
        self.port = settings.port

    async def keep(self, leads: Callable[[], bool], now: Callable[[], datetime]) -> None:
        """For ever: show the certificate that the Secret holds, and if we lead, see to it that there is one."""
        while True:
            try:
                certificate = await self._find(now()) if leads() else await self._read(now())
                if certificate is not None:
                    if leads():
                        await self._have_it_trusted(certificate)
                    await self._show(certificate)
                self._told = ""
            except (KubeError, OSError, RuntimeError, UnfitError) as error:
                # a port that is taken, a certificate that cannot be made: Runs go on, and so does this
                self._tell(str(error))
            await asyncio.sleep(_FIRST_SECONDS if self._shown is None else _LOOK_SECONDS)

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def _tell(self, why: str) -> None:
        """Once, as long as it is the same: it is tried each second."""
        if why != self._told:
            what = "admission is not served" if self._shown is None else "admission is served with what was there"
            log.warning(what, extra={"error": why})
            self._told = why

    async def _read(self, now: datetime) -> Certificate | None:
        secret = await self._client.find(kinds.SECRET, self._settings.secret, self._namespace)
        return self._read_given(secret, now) if secret is not None and owner_of(secret) else read_secret(secret)

    def _read_given(self, secret: Object, now: datetime) -> Certificate:
        given = read_given(secret, asked_host(self._settings.service, self._namespace), now)
        if given != self._shown:
            log.info("serves a given certificate", extra={"owner": owner_of(secret), "until": given.until.isoformat()})
        return given

    async def _find(self, now: datetime) -> Certificate | None:
        """The one that there is, or a new one. It is trusted before it is shown."""
        hosts = hosts_of(self._settings.service, self._namespace)
        secret = await self._client.find(kinds.SECRET, self._settings.secret, self._namespace)
        if secret is not None and owner_of(secret):
            return self._read_given(secret, now)
        found = read_secret(secret)
        if not needs_another(found, hosts, now):
            return found
        new = await make_apart(hosts, now, found)
        await self._have_it_trusted(new)
        data = secret_data(new)
        try:
            if secret is None:
                metadata = {"name": self._settings.secret}
                thing = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
                await self._client.create(kinds.SECRET, thing, self._namespace)
            else:
                version = {"resourceVersion": secret["metadata"]["resourceVersion"]}
                change = {"metadata": version, "data": data}
                await self._client.patch(kinds.SECRET, self._settings.secret, self._namespace, change)
        except (AlreadyExistsError, ConflictError):
            return None
        log.info("made a certificate", extra={"secret": self._settings.secret})
        return new

    async def _have_it_trusted(self, certificate: Certificate) -> None:
        name = self._settings.configuration
        found = await self._client.find(kinds.VALIDATING_WEBHOOK, name) if name else None
        webhooks = with_trust(found, certificate) if found else None
        if found and webhooks:
            change = {"metadata": {"resourceVersion": found["metadata"]["resourceVersion"]}, "webhooks": webhooks}
            await self._client.patch(kinds.VALIDATING_WEBHOOK, name, None, change)

    async def _show(self, certificate: Certificate) -> None:
        if certificate == self._shown:
            return
        certificate.load_into(self._context)
        if self._runner is None:
            self._runner = await self._open()
        self._shown = certificate

    async def _open(self) -> web.AppRunner:
        application = web.Application(client_max_size=_LARGEST)
        application.router.add_post(PATH, self._admission.serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, None, self._settings.port, ssl_context=self._context).start()
        except OSError:
            await runner.cleanup()
            raise
        self.port = min(runner.addresses, key=len)[1]  # where it is any, that of IPv4
        log.info("admission is served", extra={"port": self.port})
        return runner
