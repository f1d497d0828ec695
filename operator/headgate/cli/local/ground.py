"""What a local Run stands on in place of a cluster: Runs, legs, requests and what was kept, in memory.

Decisions are carried out here as `handlers.execute` does it with the API server, and observed as `handlers.observe`
reads it from there. Nothing happens by itself; the clock is passed in. `course` drives it.
"""

import copy
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.cli.local.leg import Leg
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.kube.siblings import read_sibling
from headgate.lifecycle import actions as acts
from headgate.lifecycle.moments import spell
from headgate.lifecycle.observed import Holder, Kept, Look, Observed, SecretSeen, Settings, Sibling
from headgate.lifecycle.pinned import REVISION
from headgate.names import API_VERSION

Object = dict[str, Any]
GUARD = "local"
"""There are no admission policies to watch over: who sits at the terminal is who votes."""


class Ground:
    def __init__(
        self,
        catalogue: Catalogue,
        settings: Settings,
        given: Mapping[str, Mapping[str, str]] | None = None,
        namespace: str = "local",
    ) -> None:
        """`given`: Secret → its data, of what a person gave."""
        self.catalogue = catalogue
        self.settings = settings
        self.namespace = namespace
        self.runs: dict[str, Object] = {}
        self.legs: dict[str, Leg] = {}
        self.requests: dict[str, Object] = {}
        self.kept: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {}
        """Secret → labels, data."""
        self._given = dict(given or {})
        self.changed: dict[str, None] = {}
        """Runs about which something has changed, oldest first."""
        self._revisions: dict[str, Mapping[str, Any]] = {}
        self._count = 0
        self._by_kind: Mapping[type[acts.Action], Callable[[Any, datetime], bool | None]] = {
            acts.PinRevision: self._pin,
            acts.CreateLeg: self._create_leg,
            acts.KeepOutputs: self._keep,
            acts.DeleteLeg: self._delete_leg,
            acts.SuspendLeg: self._suspend,
            acts.ResumeLeg: self._resume,
            acts.ShutDownLeg: self._shut_down,
            acts.CreateRequest: self._create_request,
            acts.UpdateRequestStatus: self._update_request,
            acts.CreateChild: self._create_child,
            acts.DeclareChildState: self._declare_child,
            acts.RecordEvent: lambda _action, _now: None,  # the picture tells it
            acts.DeleteRun: lambda _action, _now: None,  # all of it is gone in a moment
        }

    # -- what people do ----------------------------------------------------------------------------------------

    def submit(self, manifest: Mapping[str, Any], now: datetime) -> None:
        """Create a Run. One that is there already is left alone."""
        run = copy.deepcopy(dict(manifest))
        name = run["metadata"]["name"]
        if name in self.runs:
            return
        run["metadata"] = {
            "namespace": self.namespace,
            "creationTimestamp": spell(now),
            "uid": self._uid(),
            "generation": 1,
            **run["metadata"],
        }
        self.runs[name] = {"apiVersion": API_VERSION, "kind": "Run", **run}
        self._touch_run(self.runs[name])

    def declare(self, name: str, **spec: Any) -> None:
        run = self.runs[name]
        run["spec"].update(spec)
        run["metadata"]["generation"] += 1
        self._touch_run(run)

    def vote(self, name: str, user: str, vote: Mapping[str, Any]) -> None:
        request = self.requests[name]
        request["spec"].setdefault("votes", {})[user] = dict(vote)
        request["metadata"]["generation"] += 1
        self._touch_request(request)

    # -- what is seen ------------------------------------------------------------------------------------------

    def run(self, name: str) -> Run:
        return Run.model_validate(self.runs[name])

    def note_leg(self, leg: Leg) -> None:
        """A pod of it has started or ended."""
        for name, run in self.runs.items():
            if run["metadata"]["uid"] == leg.run_uid:
                self.changed[name] = None

    def observe(self, name: str) -> Observed:
        run = self.run(name)
        uid = run.metadata.uid or ""
        revision = run.status.revision if run.status else None
        pinned = revision or run.metadata.labels.get(REVISION)
        owner = next((one.name for one in run.metadata.owner_references if one.kind == "Run"), None)
        return Observed(
            run=run,
            catalogue=self.catalogue,
            settings=self.settings,
            pinned=self._revisions.get(pinned) if pinned else None,
            legs=tuple(leg.observe() for leg in self.legs.values() if leg.run_uid == uid),
            kept=tuple(
                Kept(secret, int(labels[LEG]), data)
                for secret, (labels, data) in self.kept.items()
                if labels[RUN_UID] == uid
            ),
            requests=tuple(
                ApprovalRequest.model_validate(one) for one in self.requests.values() if _is_owned(one, uid)
            ),
            children=tuple(Run.model_validate(one) for one in self.runs.values() if _is_owned(one, uid)),
            parent=self.run(owner) if owner in self.runs else None,
            siblings=() if revision else tuple(self._siblings(run)),  # asked for while it waits its turn
            is_fresh=True,
            guard=GUARD,
        )

    def look(self, looks: Iterable[Look]) -> Mapping[Look, SecretSeen | None]:
        """What the Secrets have that these objects name."""
        return {one: self._seen(secret) if (secret := self._secret_of(one)) else None for one in looks}

    def _secret_of(self, look: Look) -> str | None:
        if look.kind is Holder.CREDENTIAL:
            credential = self.catalogue.credential(look.name)
            return credential.value.secret if isinstance(credential, Found) else None
        model = self.catalogue.model(look.name)
        key = model.value.external.key if isinstance(model, Found) and model.value.external else None
        return key.secret if key else None

    def _seen(self, secret: str) -> SecretSeen:
        return SecretSeen(secret in self._given, frozenset(self._given.get(secret, ())))

    @property
    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """All that pods may mount."""
        return {**self._given, **{name: data for name, (_, data) in self.kept.items()}}

    def _siblings(self, run: Run) -> list[Sibling]:
        others = [one for one in self.runs.values() if one["spec"]["workflow"] == run.spec.workflow]
        return [read_sibling(one) for one in others if one["metadata"]["uid"] != run.metadata.uid]

    # -- what is decided ---------------------------------------------------------------------------------------

    def carry_out(self, name: str, action: acts.Action, now: datetime) -> bool:
        """Whether the next action of the decision still holds."""
        self.changed[name] = None
        if isinstance(action, acts.WriteStatus):
            return self._write_status(name, action)
        return self._by_kind[type(action)](action, now) is not False

    def _write_status(self, name: str, action: acts.WriteStatus) -> bool:
        run = self.runs[name]
        if run["metadata"]["resourceVersion"] != action.resource_version:
            return False
        before = (run.get("status") or {}).get("phase")
        run["status"] = copy.deepcopy(dict(action.status))
        self._touch_run(run)
        if before != run["status"].get("phase"):
            family = (one for one in self.runs.values() if one["spec"]["workflow"] == run["spec"]["workflow"])
            self.changed.update((one["metadata"]["name"], None) for one in family if "status" not in one)
        return True

    def _pin(self, action: acts.PinRevision, _now: datetime) -> None:
        self._revisions.setdefault(action.labels[REVISION], copy.deepcopy(action.content))

    def _create_leg(self, action: acts.CreateLeg, now: datetime) -> None:
        if action.name not in self.legs:
            self.legs[action.name] = Leg(copy.deepcopy(action.manifest), self._uid(), now)

    def _keep(self, action: acts.KeepOutputs, _now: datetime) -> None:
        if action.secret not in self.kept:
            data = {key: self._text(text) for key, text in action.data.items()}
            self.kept[action.secret] = (dict(action.labels), data)

    def _text(self, text: str | acts.Copied) -> str:
        return text if isinstance(text, str) else self.kept[text.source.secret][1][text.source.key]

    def _leg(self, name: str, uid: str) -> Leg | None:
        leg = self.legs.get(name)
        return leg if leg is not None and leg.uid == uid else None

    def _delete_leg(self, action: acts.DeleteLeg, _now: datetime) -> None:
        if self._leg(action.name, action.uid):
            del self.legs[action.name]

    def _suspend(self, action: acts.SuspendLeg, _now: datetime) -> None:
        if leg := self._leg(action.name, action.uid):
            leg.suspended = True

    def _resume(self, action: acts.ResumeLeg, _now: datetime) -> None:
        if leg := self._leg(action.name, action.uid):
            leg.resume(action.at)

    def _shut_down(self, action: acts.ShutDownLeg, now: datetime) -> None:
        if leg := self._leg(action.name, action.uid):
            leg.shut_down(now)

    def _create_request(self, action: acts.CreateRequest, now: datetime) -> None:
        if action.name in self.requests:
            return
        request = copy.deepcopy(dict(action.manifest))
        request["metadata"] |= {"uid": self._uid(), "creationTimestamp": spell(now), "generation": 1}
        self.requests[action.name] = request
        self._touch_request(request)

    def _update_request(self, action: acts.UpdateRequestStatus, _now: datetime) -> bool:
        request = self.requests.get(action.name)
        if request is None or request["metadata"]["resourceVersion"] != action.resource_version:
            return False
        request["status"] = copy.deepcopy(dict(action.status))
        self._touch_request(request)
        return True

    def _create_child(self, action: acts.CreateChild, now: datetime) -> None:
        self.submit(action.manifest, now)

    def _declare_child(self, action: acts.DeclareChildState, _now: datetime) -> None:
        attempt = {"attempt": action.attempt} if action.attempt else {}
        self.declare(action.name, state=str(action.state), actedBy=list(action.acted_by), **attempt)

    # -- versions ----------------------------------------------------------------------------------------------

    def _uid(self) -> str:
        self._count += 1
        return f"{self._count:08x}-0000-4000-8000-000000000000"

    def _version(self, thing: Object) -> None:
        self._count += 1
        thing["metadata"]["resourceVersion"] = str(self._count)

    def _touch_run(self, run: Object) -> None:
        self._version(run)
        self.changed[run["metadata"]["name"]] = None
        self._touch_owners(run)

    def _touch_request(self, request: Object) -> None:
        self._version(request)
        self._touch_owners(request)

    def _touch_owners(self, thing: Object) -> None:
        self.changed.update((one["name"], None) for one in thing["metadata"].get("ownerReferences", ()))


def _is_owned(thing: Object, uid: str) -> bool:
    return any(one["uid"] == uid for one in thing["metadata"].get("ownerReferences", ()))
