"""What passes between the operator and a pod: written, read back the same, and refused if it has another shape."""

import base64
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang import report, strict, task
from headgate_lang.fate import Outcome
from headgate_lang.report import Counts, End, Entry, Error, Failure, Phase, Report
from headgate_lang.strict import MalformedError
from headgate_lang.task import Follower, Items, Loop, Member, Prepare, Retry, Run, Source, Task, Tolerance

RUN = Run("hello-x7k2p", "docs", "5f0c2a9e", "hello", "9b1de77c02aa", "2026-11-21T05:30:58Z", requester="ana")
SMALL = Task(version=1, run=RUN, members=(Member("greet", "set.v1", "o0", 1000, with_={"text": "Hello"}),))


def json_of(one: Task) -> Any:
    return json.loads(base64.b64decode(task.encode(one)))


def read(document: Any) -> Task:
    return task.decode(base64.b64encode(json.dumps(document).encode()).decode())


texts = st.text(max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
outcomes = st.sampled_from([Outcome.SUCCEEDED, Outcome.NOT_FAILED, Outcome.FORGIVEN, Outcome.ENDED, Outcome.OMITTED])
numbers = st.integers(0, 10**6)
errors = st.builds(Error, texts, texts, numbers)
failures = st.builds(Failure, numbers, errors, values)
loops = st.builds(Loop, values, numbers, st.builds(Tolerance, numbers), st.none() | st.tuples(numbers))
members = st.builds(
    Member,
    node=names,
    use=texts,
    document=names,
    limit=numbers,
    needs=st.dictionaries(names, outcomes, max_size=2),
    when=st.none() | texts,
    with_=st.dictionaries(names, values, max_size=2),
    loop=st.none() | loops,
    prepare=st.none() | st.sampled_from(Prepare),
    timeout=st.floats(0, 1e6),
    retry=st.builds(Retry, numbers, st.tuples(texts)),
    on_error=texts,
)
sources = st.builds(
    Source,
    end=st.none() | st.builds(End, outcomes, st.none() | errors, st.tuples(failures)),
    ends=st.tuples(names),
    documents=st.tuples(names),
    items=st.none() | st.builds(Items, numbers),
)
tasks = st.builds(
    Task,
    version=st.just(task.VERSION),
    run=st.builds(
        Run, names, names, names, names, names, names, st.none() | texts, failed=st.none() | st.tuples(names)
    ),
    members=st.lists(members, max_size=2).map(tuple),
    inputs=st.dictionaries(names, values, max_size=2),
    vars=st.dictionaries(names, values, max_size=2),
    sources=st.dictionaries(names, sources, max_size=2),
    tells=st.tuples(names),
    go=st.dictionaries(names, st.tuples(st.builds(Follower, names, st.dictionaries(names, outcomes, max_size=2)))),
    parallelism=st.none() | numbers,
    has_store=st.booleans(),
)
entries = st.builds(
    Entry,
    phase=st.sampled_from(Phase),
    reason=texts,
    message=texts,
    cause=st.none() | names,
    seconds=st.none() | st.floats(0, 1e6),
    usage=st.dictionaries(names, st.floats(0, 1e6), max_size=2),
    preview=st.none() | texts,
    counts=st.none() | st.builds(Counts, numbers, numbers, numbers),
    failed=st.tuples(failures),
)


@given(tasks)
def test_a_task_is_read_as_it_was_written_and_holds_no_template(one: Task) -> None:
    text = task.encode(one)
    assert task.decode(text) == one
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", text)


@given(st.dictionaries(names, entries, max_size=3))
def test_a_report_is_read_as_it_was_written_and_holds_no_template(instances: dict[str, Entry]) -> None:
    text = report.encode(Report(report.VERSION, instances))
    assert report.decode(text, instances) == Report(report.VERSION, instances)
    assert text.isascii()
    assert "{{" not in text
    assert "$" not in text


@given(st.dictionaries(names, st.builds(End, outcomes, st.none() | errors), max_size=3))
def test_ends_are_read_as_they_were_written(ends: dict[str, End]) -> None:
    assert report.decode_ends(report.encode_ends(ends)) == ends


def test_what_a_pod_never_wrote_are_no_ends() -> None:
    assert report.decode_ends("null") == {}


def test_what_equals_its_default_is_left_out() -> None:
    member = {"node": "greet", "use": "set.v1", "document": "o0", "limit": 1000, "with": {"text": "Hello"}}
    assert json_of(SMALL)["members"] == [member]
    assert json_of(SMALL).keys() == {"version", "run", "members"}


def test_accepted_ends_are_words() -> None:
    one = Member("b", "set.v1", "o0", 1000, needs={"a": Outcome.NOT_FAILED})
    assert json_of(Task(1, RUN, (one,)))["members"][0]["needs"] == {"a": ["Succeeded", "Skipped"]}


def test_an_idempotency_key_is_that_of_the_instance_and_of_no_attempt() -> None:
    assert task.idempotency_key(RUN, "pay[3]") == "5f0c2a9e/pay[3]"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version: is 2, and this runtime reads 1"),
        ({"version": "1"}, "version: must be an integer"),
        ({"version": True}, "version: must be an integer"),
        ({"members": None}, "members: must be a list"),
        ({"members": [{}]}, "members[0]: lacks 'node'"),
        ({"members": [7]}, "members[0]: must be an object"),
        ({"surprise": 1}, "the document: has no field 'surprise'"),
        ({"run": {}}, "run: lacks 'name'"),
        ({"tells": ["a", 1]}, "tells[1]: must be a string"),
        ({"hasStore": 1}, "hasStore: must be true or false"),
        (
            {"go": {"go-n1": [{"node": "b", "needs": {"a": ["Fine"]}}]}},
            "go.go-n1[0].needs.a: must be a list of some of",
        ),
        ({"go": {"go-n1": [{"node": "b", "needs": {"a": []}}]}}, "go.go-n1[0].needs.a: must be a list of some of"),
        ({"sources": {"a": {"end": {"outcome": "Succeeded"}}}}, "sources.a.end.outcome: must be a list of some of"),
    ],
)
def test_a_task_of_another_shape_is_refused_with_the_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(MalformedError) as refused:
        read({**json_of(SMALL), **change})
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("text", ["", "%%%", "bm90IGpzb24=", base64.b64encode(b"[" * 100_000).decode()])
def test_what_is_no_base64_of_json_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        task.decode(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the document: not a JSON document"),
        ("null", "the document: must be an object"),
        ('{"version":2,"instances":{}}', "version: is 2"),
        ('{"version":1,"instances":{"a":{"phase":"Fine"}}}', "instances.a.phase: must be one of Running, Succeeded"),
        ('{"version":1,"instances":{"a":{"phase":["Failed"]}}}', "instances.a.phase: must be one of Running"),
        ('{"version":1,"instances":{"a":{"phase":"Failed","seconds":"1"}}}', "instances.a.seconds: must be a number"),
        ('{"version":1,"instances":{"b":{"phase":"Failed"}}}', "instances: tells of 'b', which this pod does not run"),
        ('{"version":1,"instances":{"a":{"phase":"Failed","seconds":1e999}}}', "the document: not a JSON document"),
    ],
)
def test_a_report_is_not_trusted_to_have_its_shape(text: str, message: str) -> None:
    with pytest.raises(MalformedError) as refused:
        report.decode(text, ["a"])
    assert str(refused.value).startswith(message)


@given(values)
def test_whatever_a_pod_writes_is_a_report_or_is_refused(value: Any) -> None:
    try:
        strict.decode(Report, value)
    except MalformedError:
        return


@pytest.mark.parametrize(
    ("tolerance", "items", "tolerated"),
    [(Tolerance(), 10, 0), (Tolerance(3), 2, 3), (Tolerance(percent=5), 200, 10), (Tolerance(percent=5), 39, 1)],
)
def test_a_percentage_of_items_is_rounded_down(tolerance: Tolerance, items: int, tolerated: int) -> None:
    assert tolerance.of(items) == tolerated
