"""A pod without a cluster: reads its task document as the runtime does, and writes its report and its documents.

What a node makes of its parameters is the test's to say (`Scripts`). Everything else is decided by the functions that
the runtime itself decides by.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from headgate.compiler.known import Instance
from headgate_lang import documents, report, ruling
from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.reasons import Reason
from headgate_lang.report import Entry, Phase, Report
from headgate_lang.resolve import Resolved, resolve
from headgate_lang.scope import Scope
from headgate_lang.task import Member, Prepare, Source, Task
from headgate_lang.values import ABSENT

Ended = tuple[Entry, Any]
"""What is reported of an instance, and its output."""


@dataclass
class Scripts:
    """What happens to nodes. Everything succeeds unless it is said here."""

    fails: Callable[[Instance], str | None] = lambda instance: None
    """The reason why an instance fails."""
    when: Callable[[str], bool] = lambda node: True
    output: Callable[[Instance], Any] = lambda instance: {"value": str(instance)}
    large: Callable[[Instance], bool] = lambda instance: False
    """What gives more than may travel: an error where somebody outside the pod reads it, and else kept nowhere."""
    seconds: float = 1.0
    usage: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Items:
    """Of a loop, by index: they may end in any order, in several pods."""

    tolerated: int
    outputs: dict[int, Any] = field(default_factory=dict)
    failed: dict[int, Any] = field(default_factory=dict)

    def read(self) -> dict[str, list[Any]]:
        """What others read of it: nothing, once too many have failed."""
        if len(self.failed) > self.tolerated:
            return {}
        told = {"outputs": self.outputs, "failed": self.failed}
        return {name: [one for _, one in sorted(by_index.items())] for name, by_index in told.items()}


@dataclass
class PodRun:
    """One execution of a pod of a leg."""

    task: Task
    members: tuple[Instance, ...]
    scripts: Scripts
    started_at: str
    said: Mapping[Instance, Entry]
    """What other pods of the leg have said."""
    memory: dict[str, Any]
    """Node → what expressions read of it, as far as it has run."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What is there from earlier legs: path → text."""
    on_errors: Mapping[str, str] = field(default_factory=dict)
    """Node → its `onError`, of nodes that may run in other pods."""
    ran: list[Instance] = field(default_factory=list)
    """Those whose node was really executed: what must not happen twice."""

    def run(self, upto: int | None = None) -> dict[str, str]:
        """The output parameters. `upto`: it is killed when so many members have settled."""
        entries: dict[Instance, Entry] = {}
        outputs: dict[str, str] = {}
        for number, (_, group) in enumerate(groupby(self.members, key=attrgetter("node"))):
            instances = list(group)
            document = self._part(self.task.members[number], instances, entries, upto)
            outputs[f"o{number}"] = documents.encode(document)
        told = {str(instance): entry for instance, entry in entries.items()}
        outputs["report"] = report.encode(Report(report.VERSION, told))
        return outputs

    def _part(
        self, member: Member, instances: list[Instance], entries: dict[Instance, Entry], upto: int | None
    ) -> dict[str, Any] | None:
        document: dict[str, Any] = {}
        for instance in instances:
            if upto is not None and len(entries) >= upto:
                if len(entries) == upto:
                    self.ran.append(instance)
                    entries[instance] = Entry(Phase.RUNNING, attempts=1, started_at=self.started_at)
                break
            settled = self._settle(member, instance, entries)
            if settled is None:
                continue
            entries[instance], output = settled
            if output is not None and instance.index is not None:
                document[str(instance.index)] = output
            elif output is not None:
                document = output
        return document or None

    def _settle(
        self, member: Member, instance: Instance, entries: Mapping[Instance, Entry]
    ) -> tuple[Entry, Any] | None:
        looks = {need: self._looks(need, entries) for need in member.needs}
        decided = {need: look for need, look in looks.items() if look is not None}
        if len(decided) < len(looks):
            return None
        verdict, cause = fate(member.needs, decided)
        if verdict is not Fate.RUN:
            phase, reason = (Phase.OMITTED, Reason.NEED_FAILED)
            if verdict is Fate.SKIPPED:
                phase, reason = (Phase.SKIPPED, Reason.NEED_SKIPPED)
            return None if instance.index is not None else (Entry(phase, reason, cause=cause), None)
        if member.when is not None and instance.index is None and not self.scripts.when(member.node):
            return Entry(Phase.SKIPPED, Reason.WHEN_FALSE), None
        return self._execute(member, instance)

    def _execute(self, member: Member, instance: Instance) -> Ended:
        times: dict[str, Any] = {"started_at": self.started_at, "seconds": self.scripts.seconds, "attempts": 1}
        self.ran.append(instance)
        if member.prepare is not None:
            output, length = self._prepared(member)
            return Entry(Phase.SUCCEEDED, length=length, **times), output
        reason = self.scripts.fails(instance)
        if reason is not None:
            if instance.index is not None:
                failure = {"index": instance.index, "item": instance.index, "error": {"reason": reason}}
                self._items(member).failed[instance.index] = failure
            return Entry(Phase.FAILED, reason, f"{instance} failed", item=instance.index, **times), None
        if self.scripts.large(instance) and member.is_read:
            return Entry(Phase.FAILED, Reason.OUTPUT_TOO_LARGE, "more than can travel here", **times), None
        output = self._output(member, instance)
        if instance.index is None:
            self.memory[member.node] = output
        else:
            self._items(member).outputs[instance.index] = output
        kept = not self.scripts.large(instance)
        entry = Entry(Phase.SUCCEEDED, preview=str(output)[:40], usage=self.scripts.usage, is_kept=kept, **times)
        return entry, output if kept else None

    def _items(self, member: Member) -> "Items":
        assert member.loop is not None
        tolerated = member.loop.tolerate.of(len(self._resolve(member.loop.items)))
        items: Items = self.memory.setdefault(member.node, Items(tolerated))
        return items

    def _output(self, member: Member, instance: Instance) -> Any:
        if member.use == "$outputs":
            found = {name: self._resolved(value) for name, value in member.with_.items()}
            return {name: one.value for name, one in found.items() if not one.faults and one.value is not ABSENT}
        return self._resolve(member.with_) if member.use == "set.v1" else self.scripts.output(instance)

    def _prepared(self, member: Member) -> tuple[Any, int | None]:
        if member.prepare is Prepare.PARAMETERS:
            return self._shown(member), None
        assert member.loop is not None
        items = self._resolve(member.loop.items)
        if member.prepare is Prepare.LENGTH:
            return None, len(items)
        scopes = [{"item": item, "index": index} for index, item in enumerate(items)]
        return {str(i): self._resolve(member.with_, scope) for i, scope in enumerate(scopes)}, len(items)

    def _shown(self, member: Member) -> Any:
        shown = self._resolve(member.with_)
        if member.rule is None:
            return shown
        values = shown.get("edit", {})
        found = self._resolved(member.rule, {"values": values})
        is_told = isinstance(found.value, bool) and not found.faults
        holds, why = (found.value, "") if is_told else (None, "it came to nothing")
        rule = ruling.identify(member.rule)
        told = ruling.Ruling(rule, self.task.run.uid, documents.digest(values), holds, why)
        return ruling.attach(shown, told)

    def _resolve(self, value: Any, more: Mapping[str, Any] | None = None) -> Any:
        resolved = self._resolved(value, more)
        assert not resolved.faults, resolved.faults
        return resolved.value

    def _remembered(self) -> dict[str, Any]:
        return {node: one.read() if isinstance(one, Items) else one for node, one in self.memory.items()}

    def _resolved(self, value: Any, more: Mapping[str, Any] | None = None) -> Resolved:
        run = {"name": self.task.run.name, "phase": self.task.run.phase}
        roots = {"inputs": self.task.inputs, "vars": self.task.vars, "run": run, **self._remembered(), **self._read()}
        return resolve(value, Scope({**roots, **(more or {})}))

    def _read(self) -> dict[str, Any]:
        """What lies in the files that its task names, of nodes that are no loops."""
        found = {}
        for need, source in self.task.sources.items():
            texts = [self.files[path] for path in source.documents if path in self.files]
            if source.items is None and texts:
                found[need] = documents.decode(texts[0])
        return found

    def _looks(self, need: str, entries: Mapping[Instance, Entry]) -> Outcome | None:
        source = self.task.sources.get(need)
        if source is not None and source.end is not None:
            return source.end.outcome
        member = next((one for one in self.task.members if one.node == need and one.prepare is None), None)
        on_error = member.on_error if member is not None else self.on_errors.get(need, "Fail")
        entry = entries.get(Instance(need)) or self.said.get(Instance(need))
        if entry is not None:
            return _seen(entry, on_error)
        return self._loop_looks(source, need, entries) if source is not None else None

    def _loop_looks(self, source: Source, need: str, entries: Mapping[Instance, Entry]) -> Outcome | None:
        if source.items is None:
            return None
        ends = [
            entries.get(Instance(need, index)) or self.said.get(Instance(need, index))
            for index in range(source.items.length)
        ]
        if any(end is None for end in ends):
            return None
        failed = sum(end is not None and end.phase is Phase.FAILED for end in ends)
        lost = failed > source.items.tolerate.of(source.items.length)
        entry = Entry(Phase.FAILED if lost else Phase.SUCCEEDED)
        return _seen(entry, source.items.on_error)


def _seen(entry: Entry, on_error: str) -> Outcome | None:
    if entry.phase is Phase.FAILED:
        return {"Continue": Outcome.FORGIVEN, "Ask": None}.get(on_error, Outcome.FAILED)
    return Outcome[entry.phase.name]
