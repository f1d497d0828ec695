"""How long a decision waits for its record, on a real API server: it is written before the next leg is created."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace
from cluster.kubectl import Kubectl
from headgate.audit.entry import Action, Fact
from headgate.audit.retention import Retention
from headgate.handlers.ledger import Ledger
from headgate.handlers.metrics import Metrics
from headgate.kube.access import read_access
from headgate.kube.client import Client
from headgate.kube.kinds import CONFIG_MAP
from support.figures import record

__all__ = ["cluster_settings", "kubectl", "namespace", "new_namespace"]

_STORY = (Action.RUN_CREATED, Action.ASKED, Action.VOTED, Action.DECIDED, Action.LEG_STARTED, Action.DECISION_USED)


def test_what_a_decision_waits_for_costs_little_more_than_any_write(
    smoke: bool, kubectl: Kubectl, namespace: str, tmp_path: Path
) -> None:
    """Beside a plain ConfigMap that is created, in turns: both feel the same load."""
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
    count = 3 if smoke else 60

    async def measure() -> tuple[list[float], list[float]]:
        ours, plain = [], []
        async with Client(read_access({"KUBECONFIG": str(kubeconfig)})) as client:
            ledger = Ledger(client, namespace, "bench", Retention(), Metrics(), lambda: datetime.now(UTC))
            await ledger.load()
            for number in range(count):
                story = [Fact(action, action, "Run", "r", f"uid-{number}") for action in _STORY]
                began = time.perf_counter()
                await ledger.append(story)
                between = time.perf_counter()
                thing = {"metadata": {"name": f"plain-{number}"}, "data": {"a": "b"}}
                await client.create(CONFIG_MAP, thing, namespace)
                ours.append((between - began) * 1000)
                plain.append((time.perf_counter() - between) * 1000)
        return sorted(ours), sorted(plain)

    ours, plain = asyncio.run(measure())
    assert len(ours) == count
    if smoke:
        return
    half = count // 2
    note = "six entries in one write, segments up to 64 KiB; the other: a ConfigMap of one letter"
    record("audit_append_p50_ms", round(ours[half], 1), "<= 50", "ms", n=count, note="depends on the load")
    record("audit_append_p99_ms", round(ours[-1], 1), "<= 250", "ms", n=count, note="the slowest of them")
    ratio = round(ours[half] / plain[half], 2)
    record("audit_append_over_create", ratio, "<= 2", "x", n=count, ours=ours[half], other=plain[half], note=note)
