"""What a person gives a local Run: credentials, models; and what each of its pods is given of that."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.local.clock import Clock
from headgate.cli.local.given import Given, Secret, Served, read_given
from headgate.cli.local.leg import Leg
from headgate.cli.local.podplan import Grants, Values, plan_pod
from headgate.cli.local.standins import build_catalogue
from headgate.compiler.catalogue import Found, builtin
from headgate.compiler.emit import Model
from headgate_lang import task
from support.catalogues import CATALOGUE, read_objects
from support.emitting import CONTEXT, emit_first
from support.graphs import HEAVY, graph, work

NOW = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
RUNTIME = ("/opt/headgate-node",)


def read(text: str, *models: str, environment: Mapping[str, str] | None = None) -> Given:
    streams = Streams(io.BytesIO(text.encode()), io.StringIO(), io.StringIO(), environment or {})
    return read_given("headgate", "-" if text else None, models, streams)


def test_values_stand_in_the_file_or_in_the_environment() -> None:
    text = "credentials: {blog: {type: bearer, hosts: [a.example], values: {token: {env: TOKEN}, more: x}}}"
    given = read(text, environment={"TOKEN": "secret"})
    assert given.credentials == {"blog": Secret("bearer", ("a.example",), {"token": "secret", "more": "x"})}


def test_a_flag_goes_over_what_the_file_says_of_a_model() -> None:
    text = "models: {small: {url: http://a.example/v1, model: big, key: k}, other: {key: k2}}"
    given = read(text, "small=http://127.0.0.1:8000/v1")
    assert given.models == {
        "small": Served("http://127.0.0.1:8000/v1", "big", "k"),
        "other": Served(key="k2"),
    }
    assert read("", "small=https://b.example/v1,tiny").models == {"small": Served("https://b.example/v1", "tiny")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("credentials: {blog: {values: {token: {env: TOKEN}}}}", r"blog takes a value from \$TOKEN, which is not set"),
        ("credentials: {blog: {token: do-not-print-me}}", "credentials.blog.values: Field required"),
        ("credentials: {blog: {values: {token: 12345}}}", "credentials.blog.values.token"),
        ("passwords: {a: do-not-print-me}", "passwords: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_value(text: str, told: str) -> None:
    with pytest.raises(WrongUseError, match=told) as raised:
        read(text)
    assert "do-not-print-me" not in str(raised.value)
    assert "12345" not in str(raised.value)


def test_one_person_answers_for_all_whom_a_policy_names_in_the_time_that_it_gives() -> None:
    catalogue = build_catalogue(
        read_objects(CATALOGUE), me="ana", policies=["release", "nowhere"], models={}, runtime=RUNTIME, commands={}
    )
    written = {one.metadata.name: one.spec for one in read_objects(CATALOGUE)}["release"]
    found = catalogue.policy("release")
    assert isinstance(written, ApprovalPolicySpec)
    assert isinstance(found, Found)
    assert [stage.users for stage in found.value.stages] == [("ana",)]
    assert (found.value.exclude, found.value.escalate, found.value.delegation) == ((), None, ())
    assert (found.value.timeout, found.value.on_timeout) == (written.timeout, written.on_timeout)
    assert isinstance(catalogue.policy("nowhere"), Found)


def test_node_types_are_run_by_the_runtime_or_by_what_was_said() -> None:
    catalogue = build_catalogue(
        builtin(), me="ana", policies=[], models={}, runtime=RUNTIME, commands={"http": ["/bin/other", "x"]}
    )
    commands = {}
    for name in ("set", "http", "approval"):
        found = catalogue.node_type(name)
        assert isinstance(found, Found)
        commands[name] = found.value.spec.command
    assert commands == {"set": (*RUNTIME, "headgate_core"), "http": ("/bin/other", "x"), "approval": ()}


def plan_of(
    grants: Grants, params: Mapping[str, str], models: Mapping[str, Model] | None = None
) -> tuple[task.Task, Mapping[str, str]]:
    context = replace(CONTEXT, models=models or {})
    leg = Leg(emit_first(graph(work("a", traits=HEAVY, params=params)), context), "uid", NOW)
    plan = plan_pod(leg, 0, {}, grants)
    return task.decode(plan.task), plan.files


def test_a_pod_is_given_the_credentials_that_its_members_name_and_no_other() -> None:
    values = Values("bearer", {"token": "secret"}, ("a.example",))
    grants = Grants({"blog": values, "shop": values}, references={"work.v1": ("credential",)})
    todo, files = plan_of(grants, {"credential": "blog", "text": "shop"})
    assert todo.credentials == {"blog": task.Credential("bearer", ("a.example",))}
    assert files == {"/credentials/blog/token": "secret"}


def test_a_pod_may_reach_what_a_person_opened() -> None:
    todo, _ = plan_of(Grants(open_addresses=("127.0.0.1/32",)), {})
    assert todo.http.open_addresses == ("127.0.0.1/32",)


def test_waits_that_are_skipped_move_the_clock_on_and_never_back() -> None:
    clock = Clock(lambda: NOW)
    clock.skip_to(NOW + timedelta(hours=24))
    clock.skip_to(NOW)
    assert (clock.now(), clock.skipped) == (NOW + timedelta(hours=24), timedelta(hours=24))
