"""How to tell that a component is ready, asked over HTTP or a socket.

Made by the modules that hold the components; asked by `supervisor` ten times a second while it waits, so every
probe gives up after a second or two.
"""

import datetime as dt
import http.client
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 2.0
Judge = Callable[[Any], str]


def _tls(ca: Path | None, certificate: Path | None) -> ssl.SSLContext:
    """Made anew each time: the cluster may have been taken down and given other certificates in between."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(ca)
    if certificate is not None:
        context.load_cert_chain(f"{certificate}.crt", f"{certificate}.key")
    return context


@dataclass(frozen=True)
class Http:
    """Ready when the address answers 200 and, where given, the judge finds nothing to say about the answer."""

    url: str
    ca: Path | None = None
    certificate: Path | None = None
    judge: Judge | None = None

    def reason(self) -> str:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or 0
        try:
            if parts.scheme == "https":
                connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                    host, port, timeout=TIMEOUT, context=_tls(self.ca, self.certificate)
                )
            else:
                connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
            try:
                connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            return f"no answer ({error})"
        if answer.status != 200:
            return f"answers {answer.status}"
        return self.judge(json.loads(body)) if self.judge else ""


@dataclass(frozen=True)
class Socket:
    """Ready when a unix socket accepts a connection."""

    path: Path

    def reason(self) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(TIMEOUT)
            try:
                client.connect(str(self.path))
            except OSError as error:
                return f"no answer ({error})"
        return ""


@dataclass(frozen=True)
class All:
    """Ready when each of several probes is."""

    probes: tuple[Http | Socket, ...]

    def reason(self) -> str:
        return next((reason for probe in self.probes if (reason := probe.reason())), "")


@dataclass(frozen=True)
class Marker:
    """Ready when a file holds the text it would be given now: the task was done with these inputs."""

    path: Path
    text: Callable[[], str]

    def reason(self) -> str:
        try:
            done = self.path.read_text() == self.text()
        except OSError:
            done = False
        return "" if done else "not done yet"


def judge_node(node: Any, since: float) -> str:
    """What the API server remembers from before the kubelet was started says nothing about it."""
    conditions = {c["type"]: c for c in node.get("status", {}).get("conditions", [])}
    ready = conditions.get("Ready", {})
    if ready.get("status") != "True":
        return f"node is not ready ({ready.get('message', 'no condition yet')})"
    heard = dt.datetime.fromisoformat(ready["lastHeartbeatTime"]).timestamp()
    return "" if heard >= int(since) else "node has not been heard of since"


def judge_established(definition: Any) -> str:
    conditions = definition.get("status", {}).get("conditions") or []
    return "" if any(c["type"] == "Established" and c["status"] == "True" for c in conditions) else "not established"


def judge_gpus(node: Any, wanted: int, since: float) -> str:
    if reason := judge_node(node, since):
        return reason
    offered = int(node.get("status", {}).get("allocatable", {}).get("nvidia.com/gpu", "0"))
    return "" if offered == wanted else f"node offers {offered} of {wanted} GPUs"
