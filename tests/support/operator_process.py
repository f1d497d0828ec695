"""The operator as a process of its own, beside the cluster, for one namespace: started, killed, started again.

Used by tests/e2e and tests/chaos. It runs this working tree's code and the images that `make images` built of it.
"""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError

import yaml

from cluster.context import decide_context
from cluster.errors import ClusterError
from cluster.images.build import find_image
from cluster.images.containerd import list_images
from cluster.images.settings import read_settings
from cluster.kubectl import Kubectl
from cluster.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "workflow"
"""The executor's account in a namespace that `build_workspace` made."""
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_WORDS = ("run", "--standalone", "--all-namespaces", "-m", "headgate.main")
_PORT = re.compile(r'"status_port": (\d+)')


@cache
def find_core() -> str:
    """The core image of this tree, by digest; looked up once, since it takes a look at all of the tree."""
    return find_image("core", read_settings()).by_digest


def install_node_types(kubectl: Kubectl, settings: Settings) -> None:
    """The built-in node types that the core image runs. One whose image the cluster no longer has makes room, since a
    NodeType never changes."""
    core, present = find_core(), list_images(settings.containerd_socket)
    there = {one["metadata"]["name"]: one["spec"] for one in (kubectl.get("nodetypes") or {"items": ()})["items"]}
    for path in ("charts/headgate/files/nodetypes.yaml", "operator/headgate/catalogue/gates.yaml"):
        for thing in yaml.safe_load_all((ROOT / path).read_text(encoding="utf-8")):
            name, image = thing["metadata"]["name"], thing["spec"].get("image")
            if image is not None and not image.startswith("headgate/core@"):
                continue
            if image is not None:
                thing["spec"]["image"] = core
            if name in there and (image is None or there[name].get("image") in present):
                continue
            if name in there:
                kubectl("delete", "nodetype", name)
            kubectl.apply(thing)


def find_rival(kubectl: Kubectl) -> str | None:
    """An operator in the cluster that carries out the Runs of all namespaces, and so those of a test too."""
    pods = kubectl.get("pods", "-A", "-l", "app.kubernetes.io/component=operator")
    for pod in pods["items"] if pods else ():
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        for container in pod["spec"]["containers"]:
            for source in container.get("envFrom", ()):
                settings = kubectl.get("configmap", source["configMapRef"]["name"], "-n", namespace)
                if settings and not settings["data"].get("HEADGATE_WATCHED_NAMESPACE"):
                    return f"{namespace}/{name}"
    return None


class Fork:
    """A process that is no child of ours, as far as we need one: `subprocess.Popen` has the same."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        return self._wait(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._wait(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("an operator", timeout or 0.0)
        return code

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._end, number)

    def _wait(self, timeout: float | None) -> int | None:
        if self._end >= 0 and not select.select([self._end], [], [], timeout)[0]:
            return None
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
        return 0


class Nursery:
    """Where operators are born that live for a moment. A context manager: it is a process."""

    def __enter__(self) -> Self:
        words = [sys.executable, str(Path(__file__).with_name("operator_forks.py"))]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(timeout=_STOP_SECONDS)

    def bear(self, environment: Mapping[str, str], log: Path) -> Fork:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(
            json.dumps({"words": _WORDS, "environment": dict(environment), "log": str(log)}) + "\n"
        )
        self._process.stdin.flush()
        return Fork(int(self._process.stdout.readline()))


class OperatorProcess:
    def __init__(
        self,
        settings: Settings,
        namespace: str,
        log: Path,
        kubeconfig: Path | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        """`kubeconfig`: in place of the cluster's own, such as one that leads to a proxy."""
        self._settings = settings
        self._namespace = namespace
        self._log = log
        self._kubeconfig = kubeconfig
        self._nursery = nursery
        self._process: subprocess.Popen[bytes] | Fork | None = None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, **more: str) -> None:
        """Start it, and wait until it is ready."""
        self.launch(**more)
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers("/readyz"):
            if not self.is_running or time.monotonic() > deadline:
                raise ClusterError(f"the operator did not come up:\n{self.said()[-3000:]}")
            time.sleep(0.05)

    def launch(self, **more: str) -> None:
        self._log.write_bytes(b"")
        if self._nursery is not None:
            self._process = self._nursery.bear(self._environment(more), self._log)
            return
        words = [str(Path(sys.executable).with_name("kopf")), *_WORDS]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(words, env=self._environment(more), stdout=log, stderr=log)

    def stop(self) -> float:
        """As the kubelet would; how long it took."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ClusterError(f"the operator did not stop:\n{self.said()[-3000:]}") from None
        return time.monotonic() - began

    def kill(self) -> None:
        """As when its machine is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def until_ended(self) -> None:
        """Killed, or by itself."""
        assert self._process is not None
        try:
            end = os.pidfd_open(self._process.pid)
        except ProcessLookupError:
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(end, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(end)
            os.close(end)

    def answers(self, path: str) -> bool:
        try:
            return bool(self.ask(path))
        except URLError:
            return False

    def ask(self, path: str) -> str:
        port = _PORT.search(self.said())
        if port is None:
            raise URLError("it has not said where")
        with urllib.request.urlopen(f"http://127.0.0.1:{port[1]}{path}", timeout=5) as answer:
            text: str = answer.read().decode()
        return text

    def said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        settings = {
            "RUNTIME_IMAGE": find_core(),
            "EXECUTOR_ACCOUNT": ACCOUNT,
            "NAMESPACE": self._namespace,
            "WATCHED_NAMESPACE": self._namespace,
            "STATUS_PORT": "0",
            "LOG_LEVEL": "DEBUG",
        }
        context = decide_context(os.environ)
        access = {"HEADGATE_CONTEXT": context.name}
        if self._kubeconfig is not None:
            access = {"KUBECONFIG": str(self._kubeconfig), "HEADGATE_CONTEXT": ""}
        elif context.ours:
            access["KUBECONFIG"] = str(self._settings.admin_kubeconfig)
        return {**os.environ, **access, **{f"HEADGATE_{name}": value for name, value in {**settings, **more}.items()}}


@contextmanager
def run_operator(settings: Settings, namespace: str, log: Path, **more: str) -> Iterator[OperatorProcess]:
    operator = OperatorProcess(settings, namespace, log)
    operator.start(**more)
    try:
        yield operator
    finally:
        operator.kill()
