"""Every golden manifest is taken whole by a real API server with Argo's full definitions: nothing pruned or refused.

A dry run: nothing is created.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.kubectl import Kubectl

GOLDEN = Path(__file__).parents[1] / "golden"


def manifests() -> dict[str, dict[str, Any]]:
    """By file, and by number where a file has several."""
    found = {}
    for path in sorted(GOLDEN.rglob("*.yaml")):
        documents = yaml.safe_load_all(path.read_text(encoding="utf-8"))
        workflows = [
            one for one in documents if isinstance(one, dict) and one.get("apiVersion") == "argoproj.io/v1alpha1"
        ]
        for number, workflow in enumerate(workflows, 1):
            found[f"{path.relative_to(GOLDEN)}#{number}"] = workflow
    return found


MANIFESTS = manifests()


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_golden_manifest_is_taken_whole(name: str, kubectl: Kubectl, namespace: str) -> None:
    manifest = MANIFESTS[name]
    manifest["metadata"]["namespace"] = namespace
    taken = kubectl(
        "create", "--dry-run=server", "--validate=strict", "-o", "json", "-f", "-", stdin=json.dumps(manifest)
    )
    assert json.loads(taken)["spec"] == manifest["spec"]


def test_there_are_some() -> None:
    assert len(MANIFESTS) >= 8
