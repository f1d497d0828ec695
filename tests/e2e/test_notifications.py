"""Notifications on a real cluster, under the chart's rights: told, told again after a death, in nobody's way."""

import json
import shlex
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION
from integration.approvals.people import Cluster
from integration.notifications.peer import KEY, is_signed
from support.chart import find_helm
from support.chart_operator import ChartOperator, run_chart
from support.installed_kinds import install_kinds
from support.operator_process import install_node_types

pytestmark = pytest.mark.e2e

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

ANA, BEA = "ana@example.com", "bea@example.com"
GROUPS = {ANA: ("editors",), BEA: ("approvers", "managers")}
VALUES = {"notifications": {"openAddresses": ["127.0.0.0/8"], "insecureHosts": ["127.0.0.1", "169.254.169.254"]}}
WORKFLOW = {
    "apiVersion": API_VERSION,
    "kind": "Workflow",
    "metadata": {"name": "ask"},
    "spec": {"nodes": [{"name": "ask", "use": "approval", "with": {"policy": "release", "message": "Publish?"}}]},
}


@dataclass
class Hook:
    """A webhook in a thread. What it does with a request, a test says; the last word stays."""

    acts: list[Callable[[], int]] = field(default_factory=lambda: [lambda: 204])
    got: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    port: int = 0

    def take(self, headers: dict[str, str], body: bytes) -> int:
        assert is_signed(headers, body)
        self.got.append((headers, json.loads(body)))
        return (self.acts.pop(0) if len(self.acts) > 1 else self.acts[0])()

    def told(self, type_: str) -> list[dict[str, Any]]:
        return [body["data"] for _, body in self.got if body["type"] == type_]


@dataclass
class Scene(Cluster):
    kubectl: Kubectl
    namespace: str
    operator: ChartOperator
    hook: Hook

    def policy(self, url: str, **annotations: str) -> None:
        notify = [{"name": "chat", "url": url, "secret": "chat"}]
        spec = {"stages": [{"name": "managers", "groups": ["managers"]}], "notify": notify}
        notes = {f"headgate.dev/{name}": value for name, value in annotations.items()}
        metadata = {"name": "release", "namespace": self.namespace, "annotations": notes}
        self.kubectl.apply({"apiVersion": API_VERSION, "kind": "ApprovalPolicy", "metadata": metadata, "spec": spec})

    def run(self, name: str) -> None:
        run = {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": name}, "spec": {"workflow": "ask"}}
        made = self.ask(ANA, "create", "-f", "-", groups=GROUPS[ANA], stdin=run)
        assert made.accepted, made.said

    def notice(self, run: str, line: str, phase: str) -> dict[str, Any]:
        def stands(found: Any) -> bool:
            return bool(found.get("status", {}).get("notices", {}).get(line, {}).get("phase") == phase)

        found = self.kubectl.wait(f"apr/{run}-ask", "-n", self.namespace, until=stands)
        return dict(found["status"])


def serve(hook: Hook) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            code = hook.take({name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(code)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def scene(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    namespace = f"test-notify-{uuid.uuid4().hex[:8]}"
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    hook = Hook()
    server = serve(hook)
    kubectl("create", "namespace", namespace)
    try:
        with run_chart(kubectl, namespace, VALUES, tmp_path_factory.mktemp("operator")) as operator:
            operator.bind("editor", "approver")
            secret = ("secret", "generic", "chat", "--type=headgate.dev/webhook", f"--from-literal=key={KEY.decode()}")
            kubectl("create", *secret, "-n", namespace)
            kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(WORKFLOW))
            here = Scene(kubectl, namespace, operator, hook)
            here.policy(f"http://127.0.0.1:{hook.port}/hook")
            yield here
    finally:
        server.shutdown()
        server.server_close()
        kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def test_an_operator_that_is_killed_while_it_tells_tells_it_again_under_the_same_id_and_once_more_only(
    scene: Scene,
) -> None:
    died = threading.Event()

    def die() -> int:
        scene.operator.kill()
        died.set()
        return 204

    scene.hook.acts[:] = [die, lambda: 204]
    scene.run("one")
    assert died.wait(60), scene.operator.log.read_text()[-4000:]
    assert scene.notice("one", "asked.chat", "Pending")["notices"]["asked.chat"].get("attempts", 0) == 0
    scene.operator.start()
    status = scene.notice("one", "asked.chat", "Sent")
    assert [headers["webhook-id"] for headers, _ in scene.hook.got] == [scene.hook.got[0][0]["webhook-id"]] * 2
    (condition,) = (one for one in status["conditions"] if one["type"] == "Notified")
    assert condition["status"] == "True"
    asked = scene.hook.told("approval.asked")[0]
    assert (asked["message"], asked["requester"], asked["waitingFor"]) == ("Publish?", ANA, "1 more of group managers")


def test_the_command_that_a_webhook_was_told_answers_and_a_webhook_that_fails_delays_nothing(scene: Scene) -> None:
    scene.hook.acts[:] = [lambda: 500]
    command = scene.hook.told("approval.asked")[0]["commands"][1]
    program, *said = shlex.split(command)
    assert (program, *said[:5]) == ("kubectl", "patch", "apr", "one-ask", "-n", scene.namespace)
    voted = scene.ask(BEA, *said, groups=GROUPS[BEA])
    assert voted.accepted, voted.said
    began = time.monotonic()
    words = ("hrun/one", "-n", scene.namespace)
    scene.kubectl.wait(*words, until=lambda one: one.get("status", {}).get("phase") == "Succeeded")
    print(f"from the vote to the end of the Run, while the webhook fails: {time.monotonic() - began:.2f} s")
    pending = scene.notice("one", "decided.chat", "Pending")["notices"]["decided.chat"]
    assert pending.get("message", "HTTP 500") == "HTTP 500"
    scene.hook.acts[:] = [lambda: 204]
    scene.notice("one", "decided.chat", "Sent")
    assert scene.hook.told("approval.decided")[-1]["decision"] == f"approved by {BEA}"


def test_an_address_inside_is_never_asked_and_a_policy_that_is_mended_mends_what_was_not_sent(scene: Scene) -> None:
    scene.policy("http://169.254.169.254/latest/meta-data")
    scene.run("two")

    def was_refused(found: Any) -> bool:
        one = found.get("status", {}).get("notices", {}).get("asked.chat", {})
        return "metadata service" in one.get("message", "")

    scene.kubectl.wait("apr/two-ask", "-n", scene.namespace, until=was_refused)
    scene.policy(f"http://127.0.0.1:{scene.hook.port}/hook")
    scene.notice("two", "asked.chat", "Sent")


def test_a_dead_letter_is_seen_and_sent_again_by_one_line(scene: Scene) -> None:
    scene.hook.acts[:] = [lambda: 410]
    scene.run("three")
    status = scene.notice("three", "asked.chat", "Dead")
    (condition,) = (one for one in status["conditions"] if one["type"] == "Notified")
    assert (condition["status"], condition["reason"]) == ("False", "DeliveryFailed")
    assert "HTTP 410" in condition["message"]
    wide = scene.kubectl("get", "apr", "three-ask", "-n", scene.namespace, "-o", "wide")
    assert wide.split("\n")[0].split()[-2] == "NOTIFIED"
    words = ("events", "-n", scene.namespace, "--field-selector", "reason=NotificationFailed")
    scene.kubectl.wait(*words, until=lambda found: bool(found["items"]))
    scene.hook.acts[:] = [lambda: 204]
    time.sleep(1.1)  # times of a status have whole seconds: what is asked must be later
    again = condition["message"].partition("try again: ")[2].split()
    assert again[:3] == ["kubectl", "annotate", "aprp"]
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    scene.kubectl("annotate", "aprp", "release", "-n", scene.namespace, "--overwrite", f"headgate.dev/resend={now}")
    scene.notice("three", "asked.chat", "Sent")
    assert scene.kubectl.get("apr/three-ask", "-n", scene.namespace)["status"]["phase"] == "Open"
