"""Nodes with an effect on the world, and the ledger in which each effect stands: who runs twice is found out.

The node is a person's own: a few lines of Python in a NodeType of its own, in a pod of its own, which tell the ledger
their idempotency key before they do their work. The ledger is a socket of the test's, at the machine's end of the link
to the node. Used by tests/chaos.
"""

import json
import socketserver
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION
from support.operator_process import find_core

_PROGRAM = """
import base64, json, os, socket, sys, time
task = json.loads(base64.b64decode(os.environ["HEADGATE_TASK"]))
member = task["members"][0]
node, given = member["node"], member.get("with", {})

def put(name, text):
    with open(f"/out/{name}.part", "w") as file:
        file.write(text)
    os.rename(f"/out/{name}.part", f"/out/{name}")

def tell(phase, **more):
    put("report", json.dumps({"version": 1, "instances": {node: {"phase": phase, **more}}}))
    if phase != "Running":
        put("ends", json.dumps({node: {"outcome": [phase]}}))
        sys.exit(0) if phase == "Omitted" else None

for file in task.get("go", {}):
    put(file, "true")
for need, accepted in member.get("needs", {}).items():
    source = task["sources"][need]
    end = source.get("end") or json.load(open(source["ends"][0]))[need]
    if not set(end["outcome"]) & set(accepted):
        tell("Omitted", reason="NeedFailed", cause=need)
tell("Running", attempts=1)
with socket.create_connection((HOST, PORT), 300) as ledger:
    told = {"key": task["run"]["uid"] + "/" + node, "pod": os.environ.get("HOSTNAME", "")}
    ledger.sendall(json.dumps(told).encode() + b"\\n")
    ledger.recv(1)
time.sleep(given.get("seconds", 0))
put(member["document"], json.dumps({"done": True}))
tell("Succeeded", attempts=1)
"""


_LONGEST_HELD = 120.0


class _Entry(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        told = json.loads(self.rfile.readline())
        ledger: Ledger = self.server.ledger  # type: ignore[attr-defined]  # socketserver has no place for it
        ledger.note(told["key"], told["pod"])
        with suppress(OSError):  # it was killed meanwhile
            self.wfile.write(b"!")


@dataclass
class Ledger:
    address: tuple[str, int] = ("", 0)
    pods: dict[str, list[str]] = field(default_factory=dict)
    """Idempotency key → the pods that used it."""
    held: frozenset[str] = frozenset()
    """Nodes that stay at work, when they run first, until they are let go on."""
    released: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, pod: str) -> None:
        with self._lock:
            self.pods.setdefault(key, []).append(pod)
            is_first = len(self.pods[key]) == 1
        if is_first and key.partition("/")[2] in self.held:
            self.released.wait(_LONGEST_HELD)

    def uses(self, run_uid: str) -> Counter[str]:
        """Node → how often its key was used in this Run."""
        with self._lock:
            mine = {key.partition("/")[2]: pods for key, pods in self.pods.items() if key.startswith(f"{run_uid}/")}
        return Counter({node: len(pods) for node, pods in mine.items()})


@contextmanager
def serve_ledger(settings: Settings) -> Iterator[Ledger]:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server((settings.network.host, 0), _Entry) as server:
        ledger = Ledger(server.server_address[:2])  # type: ignore[arg-type]  # of an IPv4 socket, host and port
        server.ledger = ledger  # type: ignore[attr-defined]  # see above
        thread = threading.Thread(target=server.serve_forever, args=(0.1,))
        thread.start()
        try:
            yield ledger
        finally:
            ledger.released.set()
            server.shutdown()
            thread.join(5)


def build_type(name: str, ledger: Ledger, *traits: str, image: str | None = None) -> dict[str, Any]:
    """`image`: in place of one that has Python."""
    head = "HOST, PORT = {!r}, {}\n".format(*ledger.address)
    return {
        "apiVersion": API_VERSION,
        "kind": "NodeType",
        "metadata": {"name": f"{name}.v1"},
        "spec": {
            "description": "Has an effect that is written down, and lasts for a while.",
            "image": image or find_core(),
            "command": _command(head + _PROGRAM),
            "params": {"seconds": {"type": "number", "default": 0}},
            "output": {"done": {"type": "boolean"}},
            "traits": list(traits),
        },
    }


def _command(program: str) -> list[str]:
    """A word of a command may have 1,024 bytes."""
    pieces = [program[at : at + 1000] for at in range(0, len(program), 1000)]
    return ["python3", "-c", "import sys; exec(''.join(sys.argv[1:]))", *pieces]


@contextmanager
def install_effects(kubectl: Kubectl, ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Two types under names of their own: `once` may not run again, `again` may."""
    suffix = uuid.uuid4().hex[:6]
    once, again = f"once-{suffix}", f"again-{suffix}"
    kubectl.apply(build_type(once, ledger), build_type(again, ledger, "Idempotent"))
    try:
        yield once, again
    finally:
        kubectl("delete", "nodetype", f"{once}.v1", f"{again}.v1", "--ignore-not-found", check=False)
