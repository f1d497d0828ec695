"""Metrics are a contract: what is told and what is documented are the same."""

import re
from pathlib import Path

import yaml
from prometheus_client.parser import text_string_to_metric_families

from headgate.handlers.metrics import Metrics, State
from headgate.handlers.world import build_world
from headgate.kube.access import Access
from headgate.kube.client import Client
from headgate.kube.kinds import RUN
from headgate.kube.reflector import Reflector
from headgate.kube.wire import Call

ALERTS = Path(__file__).resolve().parents[3] / "operator/docs/guides/alerts.yaml"
PAGE = Path(__file__).resolve().parents[3] / "operator/docs/metrics.md"


def told() -> dict[str, dict[tuple[str, ...], float]]:
    metrics = Metrics()
    reflector = Reflector(Client(Access("http://x", None, "d", lambda: None)), build_world().runs, clock=lambda: 10.0)
    metrics.watch(
        State(
            lambda: ["Running", "Running"],
            lambda: ["UnknownNode"],
            lambda: (3, 4),
            [reflector],
            lambda: 12.5,
            lambda _: 2,
        )
    )
    metrics.note_call(Call("patch", RUN, 409, 0.01))
    metrics.note_end({"phase": "Failed", "startedAt": "2026-11-25T12:00:00Z", "endedAt": "2026-11-25T12:01:00Z"})
    metrics.actions.labels("CreateLeg", "done").inc()
    families = text_string_to_metric_families(metrics.render().decode())
    return {
        sample.name: {tuple(sorted(sample.labels.values())): sample.value}
        for family in families
        for sample in family.samples
        if sample.value or not sample.labels
    }


def test_every_metric_that_is_told_is_documented_and_no_other() -> None:
    documented = set(re.findall(r"^\| `(headgate_[a-z_]+)`", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    metrics = Metrics()
    metrics.watch(State(list, list, lambda: (0, 0), [], lambda: 0.0, lambda _: 0))
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.registry.collect()
        if family.name.startswith("headgate_")
    }
    assert names == documented


def test_alerts_and_the_page_about_replicas_speak_of_metrics_that_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(headgate_[a-z_]+)`", page, re.MULTILINE))
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["spec"]["groups"]
    used = {name for rule in group["rules"] for name in re.findall(r"headgate_[a-z_]+", rule["expr"])}
    assert {re.sub(r"(?<=seconds)_(bucket|count|sum)$", "", name) for name in used} <= documented
    explained = re.findall(r"`(Headgate[A-Z]\w+)`", ALERTS.with_suffix(".md").read_text(encoding="utf-8"))
    assert {rule["alert"] for rule in group["rules"]} == set(explained)
    replicas = page.partition("## With several replicas")[2].partition("```")[0]
    told = {name for name in documented for part in re.findall(r"headgate_[a-z_]+", replicas) if name.startswith(part)}
    assert told == documented


def test_what_happened_is_counted() -> None:
    samples = told()
    assert samples["headgate_runs"] == {("Running",): 2.0}
    assert samples["headgate_workflow_problems"] == {("UnknownNode",): 1.0}
    assert samples["headgate_queue_due"] == {(): 3.0}
    assert samples["headgate_run_seconds_sum"] == {("Failed",): 60.0}
    assert samples["headgate_api_request_seconds_count"] == {("409", "patch", "runs"): 1.0}
    assert samples["headgate_watch_silence_seconds"] == {("runs.headgate.dev",): 2.5}
