"""/livez, /readyz and /metrics, over plain HTTP, for the kubelet and for Prometheus."""

from collections.abc import Callable

from aiohttp import web

from headgate.handlers.health import Health


class StatusServer:
    def __init__(
        self, port: int, alive: Callable[[], Health], ready: Callable[[], Health], metrics: Callable[[], bytes]
    ) -> None:
        self._wanted = port
        self._alive = alive
        self._ready = ready
        self._metrics = metrics
        self._runner: web.AppRunner | None = None
        self.port = port

    async def start(self) -> None:
        application = web.Application()
        application.router.add_get("/livez", self._tell_alive)
        application.router.add_get("/readyz", self._tell_ready)
        application.router.add_get("/metrics", self._tell_metrics)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, None, self._wanted).start()
        self.port = min(self._runner.addresses, key=len)[1]  # where it is any, that of IPv4

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _tell_alive(self, _: web.Request) -> web.StreamResponse:
        return _answer(self._alive())

    async def _tell_ready(self, _: web.Request) -> web.StreamResponse:
        return _answer(self._ready())

    async def _tell_metrics(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=self._metrics(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _answer(health: Health) -> web.StreamResponse:
    return web.Response(status=200 if health.is_good else 503, text="\n".join(health.problems or ("ok",)) + "\n")
