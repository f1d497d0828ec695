"""Attacks on gates of Runs that go on, counted: what was tried, on which Run, and whether anything behind it began.

Called by tests/e2e/test_ways_around.py, with the workflows and policies of gated.yaml, and the Runs of gated_runs.yaml.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from integration.approvals.people import Answer
from support.operator_process import ROOT
from support.people_stage import ANA, MALLORY, PeopleStage, run_of, spec_patch

OBJECTS = (ROOT / "tests/support/gated.yaml").read_text(encoding="utf-8")
RUNS = ROOT / "tests/support/gated_runs.yaml"
BEHIND = "publish"
"""The node that every gate there holds back."""


@dataclass
class Tally:
    tried: list[str] = field(default_factory=list)
    through: list[str] = field(default_factory=list)


@dataclass
class Scene:
    stage: PeopleStage
    tally: Tally

    def tries(self, attack: str, run: str, *nodes: str) -> None:
        """Count an attack, and that it came to nothing: of these nodes, the last one if none is named, none began."""
        self.tally.tried.append(attack)
        begun = [node for node in nodes or (BEHIND,) if self.has_begun(run, node)]
        if begun:
            self.tally.through.append(attack)
        assert begun == [], f"{attack}: {run} has run {begun}"

    def has_begun(self, run: str, node: str) -> bool:
        """Whether a node has, by the Run's status; as long as its gate is shut, also by what its legs hold."""
        found = self.stage.get(f"hrun/{run}")
        status = found.get("status", {})
        nodes = status.get("nodes", {})
        said, is_open = nodes.get(node, {}), nodes.get("ask", {}).get("phase") == "Succeeded"
        words = ("-l", f"headgate.dev/run-uid={found['metadata']['uid']}")
        legs = self.stage.get("workflows.argoproj.io", *words) or {"items": ()}
        is_held = not is_open and any(node in json.dumps(one) for one in legs["items"])
        return is_held or said.get("phase") in ("Running", "Succeeded", "Failed") or "leg" in said

    def refused(self, answer: Answer, told: str) -> None:
        assert not answer.accepted
        assert told in answer.said

    def ends_refused(self, run: str, *told: str) -> None:
        """A Run that may not be: failed before anything of it began."""
        status = self.stage.end(run)
        (condition,) = (one for one in status["conditions"] if one["type"] == "Succeeded")
        assert (status["phase"], condition["reason"]) == ("Failed", "InvalidRun")
        for text in (*told, "spec.from.skip"):
            assert text in status["message"]

    def child(self, run: str, node: str) -> str:
        """The name of the Run that a node is, once it is there."""

        def begun(found: Any) -> bool:
            return "child" in found.get("status", {}).get("nodes", {}).get(node, {})

        return str(self.stage.until(f"hrun/{run}", begun)["status"]["nodes"][node]["child"])

    def innermost(self, run: str, before: str = "") -> str:
        """The request of the gate two Runs below, once it is another than before."""
        inner = self.child(self.child(run, "sub"), "deep")
        return str(self.stage.asked_for(inner, "ask", before)["metadata"]["name"])

    def does_not_hear(self, request: str, who: str) -> None:
        """A vote is there, of somebody who is kept apart: it does not count, and the request says why."""
        told = f"the vote of {who} does not count: who asked for the Run, or acted on it, is excluded"
        found = self.stage.until(f"apr/{request}", lambda one: told in one["status"].get("waitingFor", ""))
        assert (found["status"]["phase"], found["status"]["votes"]) == ("Open", "0/1")

    def forge_child(self, run: str, **owner: object) -> Answer:
        """Somebody makes a Run under the name that the part `sub` of a Run will have, and says whose it is."""
        uid = self.stage.get(f"hrun/{run}")["metadata"]["uid"]
        child = run_of(f"{run}-sub", "own")
        child["metadata"]["ownerReferences"] = [{"name": run, "uid": uid, "controller": True, **owner}]
        return self.stage.by(MALLORY, "create", "-f", "-", stdin=child)

    def squat(self) -> None:
        """Somebody takes the names of two children and of a leg before the operator comes to them."""
        assert self.forge_child("victim", apiVersion="evil.example/v1", kind="Thing").accepted
        self.stage.start("robbed-sub", "own", MALLORY)
        uid = self.stage.get("hrun/squatted")["metadata"]["uid"]
        leg = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"name": f"squatted-{uid[:8]}-1"},
            "spec": {"entrypoint": "leg", "templates": [{"name": "leg", "suspend": {"duration": "0"}}]},
        }
        assert self.stage.by(MALLORY, "create", "-f", "-", stdin=leg).accepted
        for run in ("victim", "robbed", "squatted"):
            assert self.stage.by(ANA, "patch", f"hrun/{run}", *spec_patch(state="Running")).accepted
