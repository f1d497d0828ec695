"""From what was heard to who must look again: each change of an object queues keys, and does nothing else.

Wired to the caches once, at the start.
"""

from collections.abc import Callable, Iterable

from headgate.handlers import work
from headgate.handlers.metrics import Metrics
from headgate.handlers.outbox import Outbox
from headgate.handlers.queue import Queue
from headgate.handlers.siblings import Siblings, family_of
from headgate.handlers.work import Work
from headgate.handlers.world import UID, World, owners, run_label
from headgate.kube.cache import Change
from headgate.kube.kinds import Key, Object
from headgate.lifecycle.children import FINAL


class Dispatcher:
    def __init__(self, world: World, siblings: Siblings, queue: Queue[Work], metrics: Metrics, outbox: Outbox) -> None:
        self._world = world
        self._siblings = siblings
        self._queue = queue
        self._metrics = metrics
        self._outbox = outbox

    def wire(self) -> None:
        world = self._world
        world.runs.listener = self._run_changed
        world.legs.listener = lambda change: self._queue_runs(run_label(change.thing))
        world.requests.listener = self._request_changed
        world.workflows.listener = self._workflow_changed
        world.node_types.listener = self._node_type_changed
        world.policies.listener = self._policy_changed
        world.models.listener = self._model_changed
        world.knowledge_bases.listener = self._object_changed
        world.credentials.listener = self._credential_changed
        for cache in (world.validating, world.validating_bindings, world.mutating, world.mutating_bindings):
            cache.listener = lambda _: self._look_at_all_under_way()

    def queue_everything(self) -> None:
        """When we begin to lead: whatever happened before, we have not looked."""
        for namespace, name in self._world.runs.names:
            self._queue.add(work.run(namespace, name))
        for namespace, name in self._world.credentials.names:
            self._queue.add(work.credential(namespace, name))
        for namespace, name in self._world.models.names:
            self._queue.add(work.model(namespace, name))
        for namespace, name in self._world.policies.names:
            self._queue.add(work.policy(namespace, name))
        for _, name in self._world.node_types.names:
            self._queue.add(work.node_type(name))
        self._check_everything()

    def _look_at_all_under_way(self) -> None:
        """What judges votes has changed: some could not ask, others may have to ask again. Not all of
        those wait: one of which a pod runs beside the gate is Running."""
        self._look_at_under_way(lambda _: True)

    def _look_at_under_way(self, concerns: Callable[[str], bool]) -> None:
        for namespace, name in self._siblings.under_way():
            if concerns(namespace):
                self._queue.add(work.run(namespace, name))

    def _run_changed(self, change: Change) -> None:
        others_move_up = self._siblings.note(change)
        namespace, name = change.key
        self._queue.add(work.run(namespace, name))
        self._queue_runs(owners(change.thing))
        before, after = _stage(change.old), _stage(change.new)
        if before == "there" and after == "ended" and change.new is not None:
            self._metrics.note_end(change.new["status"])
        family = family_of(change.thing)
        if others_move_up:
            self._move_up(family)
        if before != after:
            self._queue.add(work.last_run(*family))

    def _move_up(self, family: Key) -> None:
        for name in self._siblings.next(family):
            self._queue.add(work.run(family[0], name))

    def _request_changed(self, change: Change) -> None:
        self._queue_runs(owners(change.thing))
        self._outbox.request_changed(change)

    def _policy_changed(self, change: Change) -> None:
        self._object_changed(change)
        self._outbox.policy_changed(change)
        if _spec_of(change.old) != _spec_of(change.new):
            self._queue.add(work.policy(*change.key))
            # who cannot ask may now, and open questions may remind people
            self._look_at_under_way(lambda namespace: namespace == change.key[0])

    def _node_type_changed(self, change: Change) -> None:
        """By what it is: its status may be written by an operator beside us, of another version, with other words."""
        if _spec_of(change.old) != _spec_of(change.new):
            self._queue.add(work.node_type(change.key[1]))
            self._check_everything()

    def _queue_runs(self, uids: Iterable[str]) -> None:
        for uid in uids:
            for run in self._world.runs.by(UID, uid):
                metadata = run["metadata"]
                self._queue.add(work.run(metadata["namespace"], metadata["name"]))

    def _workflow_changed(self, change: Change) -> None:
        """Those that use it as a sub-workflow are checked too: all of the namespace, since that is cheaper to say."""
        if _spec_of(change.old) == _spec_of(change.new):
            self._queue.add(work.workflow(*change.key))
        else:
            self._check(lambda namespace: namespace == change.key[0])
            self._move_up(change.key)  # its limit may be another

    def _credential_changed(self, change: Change) -> None:
        self._object_changed(change)
        if change.new is None or _spec_of(change.old) != _spec_of(change.new):
            self._queue.add(work.credential(*change.key))

    def _model_changed(self, change: Change) -> None:
        self._object_changed(change)
        if change.new is None or _spec_of(change.old) != _spec_of(change.new):
            self._queue.add(work.model(*change.key))

    def _object_changed(self, change: Change) -> None:
        if _spec_of(change.old) != _spec_of(change.new):
            self._check(lambda namespace: namespace == change.key[0])

    def _check_everything(self) -> None:
        self._check(lambda _: True)

    def _check(self, concerns: Callable[[str], bool]) -> None:
        for namespace, name in self._world.workflows.names:
            if concerns(namespace):
                self._queue.add(work.workflow(namespace, name))


def _stage(run: Object | None) -> str:
    if run is None:
        return "gone"
    return "ended" if (run.get("status") or {}).get("phase") in FINAL else "there"


def _spec_of(thing: Object | None) -> object:
    return None if thing is None else thing.get("spec")
