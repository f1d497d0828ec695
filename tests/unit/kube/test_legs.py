"""What is kept of an Argo Workflow, and what is read out of it, however Argo stores it."""

import base64
import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.kube.legs import LARGEST_KEPT, is_whole, read_leg, trim_leg

POD = {
    "type": "Pod",
    "displayName": "n3",
    "phase": "Failed",
    "message": "main: OOMKilled",
    "startedAt": "2026-11-25T12:00:00Z",
    "finishedAt": "2026-11-25T12:00:05Z",
    "outputs": {
        "parameters": [{"name": "report", "value": "{}"}, {"name": "o0", "value": "null"}],
        "artifacts": [{"name": "o0", "s3": {"key": "k"}}],
    },
}
DAG = {"type": "DAG", "displayName": "leg", "phase": "Running"}


def leg(nodes: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": "r-1",
            "namespace": "docs",
            "uid": "u",
            "resourceVersion": "7",
            "labels": {"headgate.dev/leg": "2", "headgate.dev/run-uid": "run"},
            "annotations": {"headgate.dev/claims": "[]", "other": "x"},
            "managedFields": [{}],
        },
        "spec": {"suspend": True, "templates": ["large"]},
        "status": {"phase": "Running", "nodes": nodes, **status},
    }


def test_a_pod_is_found_by_its_position_with_all_that_it_told() -> None:
    found = read_leg(trim_leg(leg({"a": DAG, "b": POD})))
    assert (found.name, found.number, found.run_uid, found.claims, found.suspended) == ("r-1", 2, "run", "[]", True)
    assert found.pods.keys() == {3}
    pod = found.pods[3]
    assert (pod.phase, pod.message, pod.artifacts) == ("Failed", "main: OOMKilled", frozenset({"o0"}))
    assert pod.outputs == {"report": "{}", "o0": "null"}
    assert pod.ended_at == datetime(2026, 11, 25, 12, 0, 5, tzinfo=UTC)


def test_the_cache_keeps_nothing_of_what_was_asked() -> None:
    kept = trim_leg(leg({"b": POD}))
    assert kept["spec"] == {"suspend": True}
    assert "managedFields" not in kept["metadata"]
    assert kept["metadata"]["annotations"] == {"headgate.dev/claims": "[]"}


def test_nodes_that_argo_compressed_are_read_alike() -> None:
    packed = base64.b64encode(gzip.compress(json.dumps({"b": POD}).encode())).decode()
    assert read_leg(trim_leg(leg({}, compressedNodes=packed))) == read_leg(trim_leg(leg({"b": POD})))


def test_what_would_not_fit_when_it_is_unpacked_is_refused() -> None:
    packed = base64.b64encode(gzip.compress(b" " * 17 * 2**20)).decode()
    with pytest.raises(ValueError, match="more than"):
        trim_leg(leg({}, compressedNodes=packed))


def test_a_large_output_is_left_out_and_read_from_the_leg_itself() -> None:
    value = "x" * (LARGEST_KEPT + 1)
    pod = {**POD, "outputs": {"parameters": [{"name": "o0", "value": value}, {"name": "report", "value": "{}"}]}}
    whole = leg({"b": pod})
    kept = trim_leg(whole)
    assert not is_whole(kept)
    assert is_whole(trim_leg(leg({"b": POD})))
    assert read_leg(kept).pods[3].outputs == {"report": "{}"}
    assert read_leg(whole, trimmed=False).pods[3].outputs == {"report": "{}", "o0": value}


def test_labels_that_somebody_made_up_harm_nobody() -> None:
    odd = leg({"b": {**POD, "displayName": "mine"}})
    odd["metadata"]["labels"] = {"headgate.dev/leg": "-1"}
    found = read_leg(trim_leg(odd))
    assert (found.number, found.run_uid, found.pods) == (0, "", {})


def test_whether_argo_has_seen_a_pod_and_has_what_it_left_is_kept() -> None:
    late = {**POD, "taskResultSynced": False, "hostNodeName": "node"}
    found = read_leg(trim_leg(leg({"b": POD, "c": {**late, "displayName": "n4"}})))
    assert (found.pods[3].synced, found.pods[4].synced) == (True, False)
    assert (found.pods[3].was_placed, found.pods[4].was_placed) == (False, True)


def test_until_when_a_pod_may_run_and_what_we_noted_is_kept() -> None:
    noted = {"headgate.dev/shut-down-at": "2026-11-25T12:00:00Z", "headgate.dev/resumed-at": "soon"}
    whole = leg({"b": POD})
    whole["metadata"] |= {"annotations": noted, "creationTimestamp": "2026-11-25T11:59:59Z"}
    whole["spec"]["templates"] = [{"name": "leg"}, {"name": "n3", "activeDeadlineSeconds": "720"}]
    for found in (read_leg(trim_leg(whole)), read_leg(whole, trimmed=False)):
        assert found.pods[3].due_at == datetime(2026, 11, 25, 12, 12, 0, tzinfo=UTC)
        assert found.shut_down_at == datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
        assert found.resumed_at is None, "anybody's words are no time"
        assert found.created_at == datetime(2026, 11, 25, 11, 59, 59, tzinfo=UTC)
