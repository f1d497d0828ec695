"""A naive interpreter of the language: the oracle for the planner. It knows outcomes only, no legs, pods or times."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.api.workflow import OnError
from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Fate, Outcome, fate


@dataclass(frozen=True)
class Script:
    """What happens to a node when its turn comes."""

    when: bool = True
    succeeds: bool = True
    items: tuple[bool, ...] = ()
    """For a loop: which items succeed."""
    answer: Outcome | None = None
    """What people make of its failure, under `onError: Ask`: Succeeded (skipped, with an output), Skipped or Failed."""


@dataclass
class Interpreter:
    graph: Graph
    scripts: Mapping[str, Script]
    ends: dict[str, Outcome] = field(default_factory=dict)

    def run(self) -> Mapping[str, Outcome]:
        for node in self.graph:
            self.ends[node.name] = self._end_of(node)
        return self.ends

    def _end_of(self, node: Node) -> Outcome:
        looks = {need: self._looks(self.graph[need]) for need in node.needs}
        verdict, _ = fate(node.needs, looks)
        if verdict is Fate.OMITTED:
            return Outcome.OMITTED
        if verdict is Fate.SKIPPED:
            return Outcome.SKIPPED
        if not node.behind <= self._approved_before(node):
            return self._failure_of(node)
        if node.when is not None and not self.scripts[node.name].when:
            return Outcome.SKIPPED
        return Outcome.SUCCEEDED if self._succeeds(node) else self._failure_of(node)

    def _succeeds(self, node: Node) -> bool:
        script = self.scripts[node.name]
        if node.loop is None or not node.is_expanded:
            return script.succeeds
        failed = sum(not good for good in script.items)
        return failed <= node.loop.tolerate.of(len(script.items))

    def _failure_of(self, node: Node) -> Outcome:
        answer = self.scripts[node.name].answer if node.on_error is OnError.ASK else None
        return answer or Outcome.FAILED

    def _approved_before(self, node: Node) -> set[str | None]:
        before = (self.graph[name] for name in self.graph.before(node.name))
        return {one.policy for one in before if one.role is Role.GATE and self.ends[one.name] is Outcome.SUCCEEDED}

    def _looks(self, node: Node) -> Outcome:
        forgiven = node.on_error is OnError.CONTINUE and self.ends[node.name] is Outcome.FAILED
        return Outcome.FORGIVEN if forgiven else self.ends[node.name]
