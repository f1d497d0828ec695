"""A cluster in memory: Runs, the Argo Workflows that become of them, Secrets, requests. Actions change it, and time.

Observed is what a gatherer would have read of it; an older picture of it is kept by copying. Nothing runs by itself:
tests let a pod start or end, a person vote, the clock go on.
"""

import copy
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from headgate.api.common import Resource
from headgate.api.run import Run
from headgate.compiler.catalogue import StaticCatalogue
from headgate.compiler.emit.identity import CLAIMS, RUN_UID
from headgate.compiler.known import Instance
from headgate.lifecycle import actions as acts
from headgate.lifecycle import claims
from headgate.lifecycle.decide import decide
from headgate.lifecycle.moments import spell
from headgate.lifecycle.observed import Look, Observed, Reference, SecretSeen, Settings, Trusted
from headgate_lang import report
from headgate_lang.report import Phase
from support.emitting import PLATFORM
from support.gathering import observe
from support.legs import Leg, Pod
from support.pods import PodRun, Scripts

START = datetime(2026, 11, 21, 5, 30, 58, tzinfo=UTC)
TRUSTED = Trusted(("headgate/*",), ("headgate/*",))
"""The images of the built-in node types, which are called otherwise than the runtime's here."""
SETTINGS = Settings(PLATFORM, trusted=TRUSTED)
NAMESPACE = "docs"


_WAITED_FOR = re.compile(r"\bn(\d+)\.Succeeded\b")


class World:
    def __init__(self, objects: list[Resource], scripts: Scripts | None = None, settings: Settings = SETTINGS) -> None:
        self.catalogue = StaticCatalogue(objects, complete=True)
        self.scripts = scripts or Scripts()
        self.settings = settings
        self.now = START
        self.runs: dict[str, dict[str, Any]] = {}
        self.legs: dict[str, Leg] = {}
        self.secrets: dict[str, tuple[Mapping[str, str], dict[str, str]]] = {}
        self.guard: str | None = "guard"
        self.revisions: dict[str, tuple[Mapping[str, str], Any]] = {}
        self.requests: dict[str, dict[str, Any]] = {}
        self.events: list[tuple[str, str, str]] = []
        self.secret_of: dict[str, SecretSeen] = {}
        """Credential or Model → what is seen of its Secret."""
        self.writes: Counter[str] = Counter()
        self.executions: Counter[tuple[str, Instance]] = Counter()
        self.memory: dict[str, dict[str, Any]] = {}
        self.count = 0
        self.log: list[str] = []

    def __repr__(self) -> str:
        return f"World({', '.join(self.runs)})"

    # -- people ------------------------------------------------------------------------------------------------

    def submit(self, name: str, **spec: Any) -> None:
        self._create_run({"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})

    def declare(self, name: str, **spec: Any) -> None:
        self.runs[name]["spec"].update(spec)
        self.runs[name]["metadata"]["generation"] += 1
        self._touch(self.runs[name])

    def status(self, name: str) -> dict[str, Any]:
        return dict(self.runs[name].get("status") or {})

    def node(self, name: str, node: str) -> dict[str, Any]:
        return dict(self.status(name)["nodes"][node])

    # -- the operator ------------------------------------------------------------------------------------------

    def observe(self, name: str, *, fresh: bool = True) -> Observed:
        return observe(self, Run.model_validate(self.runs[name]), fresh=fresh)

    def decide(self, name: str, *, seen: "World | None" = None) -> acts.Decision:
        """As the operator does: again, where it is told to read more. `seen`: an older picture is what it sees."""
        where = seen or self
        if name not in where.runs:
            return acts.Decision()
        observed = where.observe(name, fresh=False)
        decision = decide(observed, self.now)
        if decision.refresh:
            if name not in self.runs:
                return acts.Decision()
            observed = self.observe(name)
            decision = decide(observed, self.now)
            assert not decision.refresh
        if decision.looks:
            looked = {look: self.look(look) for look in decision.looks}
            decision = decide(replace(observed, catalogue=self.catalogue, looked=looked), self.now)
            if decision.refresh:
                decision = decide(replace(self.observe(name), looked=looked), self.now)
            assert not decision.looks
        assert not decision.reads
        return decision

    def look(self, look: Look) -> SecretSeen:
        """The Secret that an object names, whatever it is called: there, unless a test says otherwise."""
        return self.secret_of.get(look.name, SecretSeen(exists=True))

    def apply(self, name: str, decision: acts.Decision, most: int | None = None) -> int:
        """Carry actions out until one fails, or the operator dies. The number of those that changed something."""
        done = 0
        for action in decision.actions[:most]:
            if not self._apply(name, action):
                break
            done += 1
        return done

    def settle(self, name: str) -> None:
        """Decide until nothing more is to be done now."""
        for _ in range(50):
            decision = self.decide(name)
            if not decision.actions:
                return
            self.apply(name, decision)
        raise AssertionError(f"{name} never comes to rest: {decision.actions}")

    def settle_all(self) -> None:
        for _ in range(50):
            busy = [name for name in list(self.runs) if self.decide(name).actions]
            if not busy:
                return
            for name in busy:
                if name in self.runs:
                    self.settle(name)
        raise AssertionError("the Runs never come to rest")

    # -- pods --------------------------------------------------------------------------------------------------

    def start_pod(self, leg: Leg, position: int) -> None:
        leg.pods[position] = Pod("Running", started_at=self.now)

    def end_pod(self, leg: Leg, position: int, *, killed_after: int | None = None, message: str = "") -> None:
        """It runs to its end, or is killed."""
        started_at = leg.pods[position].started_at if position in leg.pods else self.now
        run = PodRun(
            leg.task(position),
            leg.positions[position],
            self.scripts,
            spell(started_at or self.now),
            leg.said,
            self.memory.setdefault(leg.run_uid, {}),
            files=self._files(leg, position),
            on_errors=self.on_errors,
        )
        outputs = run.run(killed_after)
        for instance in run.ran:
            self.executions[leg.run_uid, instance] += 1
        entries = report.decode(outputs["report"], [str(one) for one in leg.positions[position]]).instances
        leg.said.update({Instance.parse(path): e for path, e in entries.items() if e.phase is not Phase.RUNNING})
        phase = "Succeeded" if killed_after is None else "Failed"
        leg.pods[position] = Pod(phase, message, outputs, started_at or self.now)
        self._close_leg(leg)

    def _files(self, leg: Leg, position: int) -> dict[str, str]:
        """What is mounted from Secrets, and what the template holds. A Secret that is not there is a pod that hangs."""
        template = leg.template(position)
        artifacts = template.get("inputs", {}).get("artifacts", ())
        files = {one["path"]: one["raw"]["data"] for one in artifacts if "raw" in one and "data" in one["raw"]}
        for volume in template.get("volumes", ()):
            for source in volume["projected"]["sources"]:
                secret = self.secrets[source["secret"]["name"]][1]
                files.update({f"/kept/{one['path']}": secret[one["key"]] for one in source["secret"]["items"]})
        return files

    def lose_pod(self, leg: Leg, position: int, message: str = "pod deleted") -> None:
        """It is gone before it could report anything."""
        leg.pods[position] = Pod("Error", message, {"report": ""}, self.now)
        self._close_leg(leg)

    on_errors: Mapping[str, str] = {}
    hears_since: datetime | None = None
    argo_is_silent = False
    """Nothing becomes of legs from now on."""

    def run_legs(self) -> None:
        """Every leg to its end, one pod after the other."""
        for leg in list(self.legs.values()):
            while leg.runnable:
                self.now += timedelta(seconds=1)
                self.end_pod(leg, leg.runnable[0])

    def finish(self, name: str, most: int = 60) -> dict[str, Any]:
        """The Run to its end, with nobody disturbing it."""
        for _ in range(most):
            self.settle_all()
            if self.status(name).get("endedAt"):
                return self.status(name)
            if not any(leg.runnable for leg in self.legs.values()):
                wakes = [
                    wake for one in self.runs if (wake := self.decide(one).wake_at) is not None and wake > self.now
                ]
                assert wakes, f"{name} waits for nothing: {self.status(name)}"
                self.now = min(wakes)
            self.run_legs()
        raise AssertionError(f"{name} does not end: {self.status(name)}")

    def sleep(self) -> None:
        """Until the operator wants to look again by itself."""
        wakes = [self.decide(name).wake_at for name in self.runs]
        later = [wake for wake in wakes if wake is not None and wake > self.now]
        assert later, f"nothing is waited for: {[self.status(name) for name in self.runs]}"
        self.now = min(later)

    def copy(self) -> "World":
        picture = copy.copy(self)
        for part in ("runs", "secrets", "revisions", "requests"):
            setattr(picture, part, copy.deepcopy(getattr(self, part)))
        picture.legs = {name: copy.deepcopy(leg) for name, leg in self.legs.items()}
        return picture

    # -- carrying out ------------------------------------------------------------------------------------------

    def _apply(self, name: str, action: acts.Action) -> bool:
        self.writes[type(action).__name__] += 1
        self.log.append(f"{name}: {action}"[:200])
        done = getattr(self, f"_do_{type(action).__name__}")(name, action)
        return done is not False

    def _do_PinRevision(self, name: str, action: acts.PinRevision) -> None:
        self.revisions.setdefault(action.name, (action.labels, copy.deepcopy(action.content)))
        assert self.revisions[action.name][1] == action.content

    def _do_DeleteLeg(self, name: str, action: acts.DeleteLeg) -> None:
        self._with_leg(action, lambda leg: self.legs.pop(leg.name))

    def _do_SuspendLeg(self, name: str, action: acts.SuspendLeg) -> None:
        self._with_leg(action, lambda leg: setattr(leg, "suspended", True))

    def _do_ResumeLeg(self, name: str, action: acts.ResumeLeg) -> None:
        def resume(leg: Leg) -> None:
            leg.suspended, leg.resumed_at = False, action.at

        self._with_leg(action, resume)

    def _do_ShutDownLeg(self, name: str, action: acts.ShutDownLeg) -> None:
        def shut_down(leg: Leg) -> None:
            leg.shutdown, leg.suspended, leg.shut_down_at = "Terminate", False, action.at
            if not self.argo_is_silent:
                self._end(leg)

        self._with_leg(action, shut_down)

    def _do_CreateChild(self, name: str, action: acts.CreateChild) -> None:
        if action.name not in self.runs:
            self._create_run(copy.deepcopy(dict(action.manifest)))

    def _do_DeclareChildState(self, name: str, action: acts.DeclareChildState) -> bool:
        if self.runs[action.name]["metadata"]["resourceVersion"] != action.resource_version:
            return False
        attempt = {"attempt": action.attempt} if action.attempt else {}
        self.declare(action.name, state=str(action.state), actedBy=list(action.acted_by), **attempt)
        return True

    def _do_RecordEvent(self, name: str, action: acts.RecordEvent) -> None:
        self.events.append((action.request or name, action.reason, action.message))

    def _do_DeleteRun(self, name: str, action: acts.DeleteRun) -> None:
        self.delete_run(action.name)

    def delete_run(self, name: str) -> None:
        run = self.runs.pop(name, None)
        if run is None:
            return
        uid = run["metadata"]["uid"]
        self.legs = {key: leg for key, leg in self.legs.items() if leg.run_uid != uid}
        self.secrets = {key: one for key, one in self.secrets.items() if one[0][RUN_UID] != uid}

    def _do_WriteStatus(self, name: str, action: acts.WriteStatus) -> bool:
        run = self.runs[name]
        if run["metadata"]["resourceVersion"] != action.resource_version:
            return False
        before = run.get("status")
        run["status"] = copy.deepcopy(dict(action.status))
        assert run["status"] != before, "a status is written only when it says something new"
        self._touch(run)
        return True

    def _do_CreateLeg(self, name: str, action: acts.CreateLeg) -> None:
        if action.name in self.legs:
            return
        metadata = action.manifest["metadata"]
        positions = claims.read_annotation(metadata["annotations"][CLAIMS])
        assert positions is not None
        self._check_claims(action, positions)
        tasks = action.manifest["spec"]["templates"][0]["dag"]["tasks"]
        waits = [{int(other) for other in _WAITED_FOR.findall(one.get("depends", ""))} for one in tasks]
        leg = Leg(copy.deepcopy(dict(action.manifest)), self._uid(), self.now, positions, waits)
        leg.phase = "" if self.argo_is_silent else "Running"
        self.legs[action.name] = leg

    def _check_claims(self, action: acts.CreateLeg, positions: claims.Positions) -> None:
        """Claims always precede legs."""
        uid = action.manifest["metadata"]["labels"][RUN_UID]
        run = next(run for run in self.runs.values() if run["metadata"]["uid"] == uid)
        claimed = next(leg for leg in run["status"]["legs"] if leg["number"] == action.number)
        assert claimed["phase"] == "Pending", "a leg is created once"
        created = (one for members in positions for one in members)
        assert claims.are_same(claims.read(claimed["claims"]), created)

    def _do_KeepOutputs(self, name: str, action: acts.KeepOutputs) -> None:
        if action.secret in self.secrets:
            return
        data = {key: self._text(text) for key, text in action.data.items()}
        assert sum(map(len, data.values())) < 1_000_000
        self.secrets[action.secret] = (action.labels, data)

    def _text(self, text: str | acts.Copied) -> str:
        if isinstance(text, str):
            return text
        source: Reference = text.source
        return self.secrets[source.secret][1][source.key]

    def _with_leg(self, action: Any, change: Callable[[Leg], object]) -> None:
        leg = self.legs.get(action.name)
        if leg is not None and leg.uid == action.uid:
            change(leg)

    def _end(self, leg: Leg) -> None:
        """As Argo does with a leg that is shut down."""
        for pod in leg.pods.values():
            if pod.phase in ("Pending", "Running"):
                pod.phase, pod.message = "Failed", "workflow shutdown with strategy: Terminate"
        leg.phase, leg.ended_at = "Failed", self.now

    def _close_leg(self, leg: Leg) -> None:
        leg.omit()
        if len(leg.pods) == len(leg.positions) and not leg.runnable:
            bad = any(pod.phase != "Succeeded" for pod in leg.pods.values())
            leg.phase, leg.ended_at = "Failed" if bad else "Succeeded", self.now

    def _create_run(self, run: dict[str, Any]) -> None:
        metadata = {"creationTimestamp": spell(self.now), "uid": self._uid(), "generation": 1, **run["metadata"]}
        run = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Run", **run, "metadata": metadata}
        self._touch(run)
        self.runs[metadata["name"]] = run

    def _do_CreateRequest(self, name: str, action: acts.CreateRequest) -> None:
        if action.name in self.requests:
            return
        request = copy.deepcopy(dict(action.manifest))
        request["metadata"] |= {"uid": self._uid(), "creationTimestamp": spell(self.now), "generation": 1}
        self._touch(request)
        self.requests[action.name] = request

    def _do_UpdateRequestStatus(self, name: str, action: acts.UpdateRequestStatus) -> bool:
        request = self.requests.get(action.name)
        if request is None or request["metadata"]["resourceVersion"] != action.resource_version:
            return False
        assert request.get("status") != action.status
        request["status"] = copy.deepcopy(dict(action.status))
        self._touch(request)
        return True

    def vote(self, request: str, user: str, verdict: str, **more: Any) -> None:
        one = self.requests[request]
        one["spec"].setdefault("votes", {})[user] = {"verdict": verdict, **more}
        one["metadata"]["generation"] += 1
        self._touch(one)

    def _uid(self) -> str:
        self.count += 1
        return f"{self.count:08x}-0000-4000-8000-000000000000"

    def _touch(self, thing: dict[str, Any]) -> None:
        self.count += 1
        thing["metadata"]["resourceVersion"] = str(self.count)
