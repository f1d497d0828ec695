"""What must hold of every graph and every course of events, in any order; a naive interpreter is the oracle."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from headgate.api.workflow import OnError
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance, Known
from headgate.compiler.rerun import retry, take_over
from headgate.compiler.verdict import Verdict, verdict_of
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from support.graphs import graphs
from support.history import History
from support.interpreter import Interpreter, Script

Story = tuple[Graph, Mapping[str, Script]]
ANSWERS = st.sampled_from([None, Outcome.SUCCEEDED, Outcome.SKIPPED, Outcome.FAILED])


@st.composite
def script_of(draw: st.DrawFn, node: Node) -> Script:
    items: tuple[bool, ...] = ()
    if node.loop is not None and node.is_expanded:
        length = len(node.loop.items) if isinstance(node.loop.items, list) else draw(st.integers(0, 5))
        items = tuple(draw(st.lists(st.booleans(), min_size=length, max_size=length)))
    return Script(
        when=draw(st.integers(0, 3)) > 0,
        succeeds=draw(st.integers(0, 3)) > 0,
        items=items,
        answer=draw(ANSWERS) if node.on_error is OnError.ASK else None,
    )


@st.composite
def stories(draw: st.DrawFn) -> Story:
    graph = draw(graphs())
    return graph, {node.name: draw(script_of(node)) for node in graph}


def play(history: History, data: st.DataObject, *, pods_lost: int = 0) -> None:
    """Let things happen in any order, planning after each, until nothing is left to happen."""
    history.replan()
    while choices := history.choices:
        if pods_lost and history.legs and data.draw(st.integers(0, 4)) == 0:
            under_way = data.draw(st.sampled_from(history.legs))
            history.lose_bundle(under_way, data.draw(st.sampled_from(under_way.runnable)))
            pods_lost -= 1
        else:
            data.draw(st.sampled_from(choices))()
        history.replan()


def ends(graph: Graph, known: Known) -> Mapping[str, Outcome]:
    return {node.name: known.settled[Instance(node.name)].outcome for node in graph}


@given(stories(), st.data())
def test_any_order_of_events_ends_as_the_interpreter_says(story: Story, data: st.DataObject) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    assert ends(graph, history.known) == Interpreter(graph, scripts).run()


@given(stories(), st.data())
def test_what_succeeds_or_fails_has_run_exactly_once_and_nothing_else_has_run(
    story: Story, data: st.DataObject
) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    for instance, end in history.known.settled.items():
        node = graph[instance.node]
        is_whole_loop = node.is_expanded and instance.index is None and not instance.prepare
        if end.outcome is Outcome.OMITTED or end.outcome is Outcome.SKIPPED or is_whole_loop:
            continue
        if end.reason in (Reason.SKIPPED_BY_PERSON, Reason.NOT_BEHIND_GATE):
            assert history.executions[instance] <= (end.reason is Reason.SKIPPED_BY_PERSON)
        else:
            assert history.executions[instance] == 1
    assert all(count == 1 for count in history.executions.values())


@given(stories(), st.data())
def test_lost_pods_change_no_outcome(story: Story, data: st.DataObject) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data, pods_lost=3)
    assert ends(graph, history.known) == Interpreter(graph, scripts).run()
    assert all(count == 1 for count in history.executions.values()), "a pod that was lost had reported nothing"


@given(stories(), st.data())
def test_only_people_children_and_what_comes_after_them_are_left_when_all_pods_have_ended(
    story: Story, data: st.DataObject
) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    history.replan()
    while history.legs:
        under_way = data.draw(st.sampled_from(history.legs))
        history.end_bundle(under_way, data.draw(st.sampled_from(under_way.runnable)))
        history.replan()
    held_by = frozenset(one.node for one in [*history.waiting, *history.questions])
    held = held_by | graph.after(held_by)
    left = {node.name for node in graph if Instance(node.name) not in history.known.settled}
    assert left <= held or all(graph[name].final or graph[name].role is Role.RENDER for name in left - held)


@given(stories(), st.data())
def test_nothing_that_needs_a_gate_to_succeed_runs_after_a_no(story: Story, data: st.DataObject) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    refused = {n.name for n in graph if n.role is Role.GATE and ends(graph, history.known)[n.name] is Outcome.FAILED}
    for node in graph:
        if any(need in refused and accepted is Outcome.SUCCEEDED for need, accepted in node.needs.items()):
            assert ends(graph, history.known)[node.name] in (Outcome.OMITTED, Outcome.SKIPPED)
            assert history.executions[Instance(node.name)] == 0


@given(stories(), st.data())
def test_a_credential_behind_a_policy_is_never_used_before_an_approval_under_it(
    story: Story, data: st.DataObject
) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    for instance in history.executions:
        before = (history.known.settled[Instance(name)] for name in graph.before(instance.node))
        approved = {end.approved_under for end in before if end.outcome is Outcome.SUCCEEDED}
        assert graph[instance.node].behind <= approved


@given(stories(), st.data())
def test_a_run_that_is_stopped_ends_what_runs_and_starts_only_finally(story: Story, data: st.DataObject) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    history.replan()
    for _ in range(data.draw(st.integers(0, 4))):
        if choices := history.choices:
            data.draw(st.sampled_from(choices))()
            history.replan()
    begun = set(history.known.claimed) | set(history.executions)
    history.stopping = True
    play(history, data)
    assert verdict_of(graph, history.known) is not None
    late = {instance.node for instance in history.executions if instance not in begun}
    assert all(graph[name].final or graph[name].role is Role.RENDER for name in late)


@given(stories(), st.data())
def test_a_retry_runs_again_what_ended_badly_and_all_after_it_and_nothing_else(
    story: Story, data: st.DataObject
) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    before = ends(graph, history.known)
    badly = frozenset(name for name, end in before.items() if end in (Outcome.FAILED, Outcome.OMITTED))
    again = badly | graph.after(badly)
    known = retry(graph, history.known)
    for node in graph:
        whole = Instance(node.name)
        if node.final or node.role is Role.RENDER:
            continue
        assert (whole in known.settled) == (node.name not in again)
        if whole in known.settled:
            assert known.settled[whole] == history.known.settled[whole]
    mended = {name: Script(items=tuple(True for _ in script.items)) for name, script in scripts.items()}
    second = History(graph, mended, known=known)
    play(second, data)
    ended = ends(graph, second.known).items()
    failures = [second.known.settled[Instance(name)] for name, end in ended if end is Outcome.FAILED]
    assert all(end.reason == Reason.NOT_BEHIND_GATE for end in failures)
    assert failures or verdict_of(graph, second.known) is Verdict.SUCCEEDED
    untouched = {instance.node for instance in history.known.settled} - again
    assert not any(i.node in untouched and not graph[i.node].final for i in second.executions if i.node[0] != "$")


@given(stories(), st.data())
def test_a_run_that_takes_over_another_asks_every_gate_again(story: Story, data: st.DataObject) -> None:
    graph, scripts = story
    history = History(graph, scripts)
    play(history, data)
    names = [node.name for node in graph if node.role is Role.WORK and not node.final]
    restart = frozenset(data.draw(st.lists(st.sampled_from(names), max_size=2))) if names else frozenset()
    known = take_over(graph, history.known, restart=restart)
    gates = frozenset(node.name for node in graph if node.gates)
    assert not any(instance.node in gates | graph.after(gates) for instance in known.settled)
    assert not any(instance.node in restart | graph.after(restart) for instance in known.settled)
    second = History(graph, scripts, known=known)
    play(second, data)
    assert ends(graph, second.known) == Interpreter(graph, scripts).run()
