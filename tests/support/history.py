"""A Run without a cluster: carries out what the planner says in any order, as pods, people and child Runs might.

Pods decide by `fate` as the runtime does. What could not be decided in its pod leaves no report and is unclaimed.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from headgate.api.workflow import OnError
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.leg import Bundle, Leg, Plan
from headgate.compiler.plan import plan, seen
from headgate.compiler.rerun import let_stand, skip_node
from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.reasons import Reason
from support.interpreter import Script


@dataclass
class UnderWay:
    """A leg that runs: what was known when it was made, and what its bundles have said."""

    number: int
    leg: Leg
    facts: Mapping[Instance, Settled]
    said: dict[Instance, Settled] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)

    @property
    def runnable(self) -> list[int]:
        bundles = enumerate(self.leg.bundles)
        return [i for i, bundle in bundles if i not in self.ended and self.ended.issuperset(bundle.waits_for)]


@dataclass
class History:
    graph: Graph
    scripts: Mapping[str, Script]
    known: Known = field(default_factory=Known)
    legs: list[UnderWay] = field(default_factory=list)
    waiting: list[Instance] = field(default_factory=list)
    """Gates that have asked and child Runs that were started."""
    questions: list[Instance] = field(default_factory=list)
    executions: Counter[Instance] = field(default_factory=Counter)
    lost: Counter[Instance] = field(default_factory=Counter)
    leg_count: int = 0
    stopping: bool = False

    def replan(self) -> Plan:
        """Plan, check what must hold of any plan, and carry it out."""
        due = plan(self.graph, self.known, stopping=self.stopping)
        assert due == plan(self.graph, self.known, stopping=self.stopping), "planning is deterministic"
        started = [*(i for leg in due.legs for i in leg.instances), *due.gates, *due.children]
        assert len(started) == len(set(started)), "nothing is planned twice"
        assert not self.known.claimed.keys() & set(started), "no claimed instance is planned again"
        assert not self.known.settled.keys() & {*started, *due.settled}, "nothing that has settled is planned again"
        self.known = Known({**self.known.settled, **due.settled}, {**self.known.claimed})
        for leg in due.legs:
            self._check(leg)
            self.leg_count += 1
            self.legs.append(UnderWay(self.leg_count, leg, self.known.settled))
            self._claim(leg.instances, self.leg_count)
        self.waiting += [*due.gates, *due.children]
        self._claim([*due.gates, *due.children], 0)
        self.questions = list(due.questions)
        return due

    def _check(self, leg: Leg) -> None:
        """A leg waits for nothing outside itself, and holds nothing whose fate is already decided."""
        inside = {instance.node for instance in leg.instances if not instance.prepare}
        for instance in leg.instances:
            node = self.graph[instance.node]
            outside = {need: self.known.settled.get(Instance(need)) for need in node.needs if need not in inside}
            for need, end in outside.items():
                assert end is not None, f"{instance} enters a leg before {need} has ended"
                assert seen(self.graph[need], end.outcome) & node.needs[need], f"{instance} cannot run, after {need}"
            if node.final:
                others = (other for other in self.graph if not other.final and other.role is not Role.RENDER)
                assert all(Instance(other.name) in self.known.settled for other in others), "finally comes last"

    @property
    def choices(self) -> list[Callable[[], None]]:
        """Everything that could happen next, one thing each."""
        return [
            *(lambda leg=leg, i=i: self.end_bundle(leg, i) for leg in self.legs for i in leg.runnable),
            *(lambda one=one: self.end_waiting(one) for one in self.waiting),
            *(lambda one=one: self.answer(one) for one in self.questions),
        ]

    def end_bundle(self, under_way: UnderWay, position: int) -> None:
        bundle = under_way.leg.bundles[position]
        for member in bundle.members:
            end = self._execute(under_way, member)
            if end is not None:
                under_way.said[member] = end
        self._finish(under_way, position, bundle)

    def lose_bundle(self, under_way: UnderWay, position: int) -> None:
        """A pod is lost before it could report anything; its nodes are idempotent, so they may run again."""
        bundle = under_way.leg.bundles[position]
        self.lost.update(bundle.members)
        self._finish(under_way, position, bundle)

    def end_waiting(self, instance: Instance) -> None:
        self.waiting.remove(instance)
        node = self.graph[instance.node]
        self.executions[instance] += 1
        end = self._result(node, instance)
        if node.role is Role.GATE and end.outcome is Outcome.SUCCEEDED:
            end = Settled(Outcome.SUCCEEDED, approved_under=node.policy)
        elif node.role is Role.GATE:
            end = Settled(Outcome.FAILED, Reason.REJECTED)
        self._settle(instance, end)

    def answer(self, instance: Instance) -> None:
        self.questions.remove(instance)
        answer = self.scripts[instance.node].answer or Outcome.FAILED
        if answer is Outcome.FAILED:
            self.known = let_stand(self.known, instance.node)
        else:
            self.known = skip_node(self.known, instance.node, has_output=answer is Outcome.SUCCEEDED)

    def _claim(self, instances: Sequence[Instance], number: int) -> None:
        self.known = Known(self.known.settled, {**self.known.claimed, **dict.fromkeys(instances, number)})

    def _settle(self, instance: Instance, end: Settled) -> None:
        claimed = {one: number for one, number in self.known.claimed.items() if one != instance}
        self.known = Known({**self.known.settled, instance: end}, claimed)

    def _finish(self, under_way: UnderWay, position: int, bundle: Bundle) -> None:
        under_way.ended.add(position)
        for member in bundle.members:
            if member in under_way.said:
                self._settle(member, under_way.said[member])
            else:
                claimed = {one: number for one, number in self.known.claimed.items() if one != member}
                self.known = Known(self.known.settled, claimed)
        if len(under_way.ended) == len(under_way.leg.bundles):
            self.legs.remove(under_way)

    def _execute(self, under_way: UnderWay, instance: Instance) -> Settled | None:
        """What the pod makes of one of its members; None where it cannot be decided there."""
        node = self.graph[instance.node]
        looks = {need: self._looks(under_way, self.graph[need]) for need in node.needs}
        decided = {need: look for need, look in looks.items() if look is not None}
        if len(decided) < len(looks):
            return None
        verdict, cause = fate(node.needs, decided)
        if verdict is not Fate.RUN:
            # The planner derives the end of a whole loop; an item of one that does not run has nothing to say.
            is_item = instance.index is not None
            return None if is_item else Settled(Outcome[verdict.name], cause=cause)
        if node.when is not None and instance.index is None and not self.scripts[node.name].when:
            return Settled(Outcome.SKIPPED, Reason.WHEN_FALSE)
        self.executions[instance] += 1
        return self._result(node, instance)

    def _result(self, node: Node, instance: Instance) -> Settled:
        script = self.scripts[node.name]
        if instance.prepare:
            return Settled(Outcome.SUCCEEDED, length=len(script.items) if node.is_expanded else None)
        good = script.succeeds if instance.index is None else script.items[instance.index]
        return Settled(Outcome.SUCCEEDED) if good else Settled(Outcome.FAILED, "Broken")

    def _looks(self, under_way: UnderWay, need: Node) -> Outcome | None:
        end = under_way.facts.get(Instance(need.name)) or under_way.said.get(Instance(need.name))
        if end is None and need.is_expanded:
            end = self._loop_end(under_way, need)
        if end is None:
            return None
        if end.outcome is Outcome.FAILED and need.on_error is OnError.ASK and not end.answered:
            return None
        return seen(need, end.outcome)

    def _loop_end(self, under_way: UnderWay, loop: Node) -> Settled | None:
        length = len(self.scripts[loop.name].items)
        items = [Instance(loop.name, i) for i in range(length)]
        ends = [under_way.facts.get(item) or under_way.said.get(item) for item in items]
        if not items or any(end is None for end in ends) or loop.loop is None:
            return None
        failed = sum(end is not None and end.outcome is Outcome.FAILED for end in ends)
        lost = failed > loop.loop.tolerate.of(length)
        return Settled(Outcome.FAILED, Reason.ITEMS_FAILED) if lost else Settled(Outcome.SUCCEEDED)
