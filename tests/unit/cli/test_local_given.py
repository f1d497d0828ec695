"""What a person gives a local Run: credentials, models; and what each of its pods is given of that."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.common import Resource
from headgate.api.credential import Credential
from headgate.api.nodetype import Trait
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.local.clock import Clock
from headgate.cli.local.given import Given, Secret, Served, read_given
from headgate.cli.local.leg import Leg
from headgate.cli.local.podplan import plan_pod
from headgate.cli.local.standins import StandIns, build_catalogue, build_secrets
from headgate.compiler.catalogue import Found, StaticCatalogue
from headgate.compiler.emit import Context, Model
from headgate.compiler.emit import Credential as EmittedCredential
from headgate.compiler.graph import Node
from headgate_lang import task
from support.catalogues import CATALOGUE, read_objects
from support.emitting import CONTEXT, emit_first
from support.graphs import HEAVY, graph, node_type, work

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
        ("- do-not-print-me", r"must hold `credentials: \{NAME: \{type, values\}\}` and `models: "),
        ("credentials: {blog: do-not-print-me}", "credentials.blog: this must be a map"),
        ("passwords: {a: do-not-print-me}", "passwords: Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_read_is_told_without_a_value(text: str, told: str) -> None:
    with pytest.raises(WrongUseError, match=told) as raised:
        read(text)
    assert "do-not-print-me" not in str(raised.value)
    assert "12345" not in str(raised.value)


def build(objects: Iterable[Resource], **more: Any) -> StaticCatalogue:
    return build_catalogue(objects, StandIns("ana", RUNTIME, types=("http", "hmac"), **more))


def test_one_person_answers_for_all_whom_a_policy_names_in_the_time_that_it_gives() -> None:
    catalogue = build(read_objects(CATALOGUE), policies=["release", "nowhere"])
    written = {one.metadata.name: one.spec for one in read_objects(CATALOGUE)}["release"]
    found = catalogue.policy("release")
    assert isinstance(written, ApprovalPolicySpec)
    assert isinstance(found, Found)
    assert [stage.users for stage in found.value.stages] == [("ana",)]
    assert (found.value.exclude, found.value.escalate, found.value.delegation) == ((), None, ())
    assert (found.value.timeout, found.value.on_timeout) == (written.timeout, written.on_timeout)
    assert isinstance(catalogue.policy("nowhere"), Found)


def test_node_types_are_run_by_the_runtime_or_by_what_was_said_which_shares_no_pod() -> None:
    catalogue = build([], commands={"http": ["/bin/other", "x"]})
    found = {name: catalogue.node_type(name) for name in ("set", "http", "approval")}
    specs = {name: one.value.spec for name, one in found.items() if isinstance(one, Found)}
    assert specs["set"].command == (*RUNTIME, "headgate_core")
    assert (specs["http"].command, specs["http"].traits) == (("/bin/other", "x"), (Trait.INTERNET,))
    assert specs["approval"].command == ()


def test_what_a_credential_of_the_files_says_of_its_use_holds_and_the_values_are_those_given() -> None:
    text = "{type: bearer, sealed: {token: sealed}, nodeTypes: [http], hosts: [a.example], behind: release}"
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Credential", "metadata": {"name": "blog"}}
    written = Credential.model_validate({**head, "spec": yaml.safe_load(text)})
    given = read("credentials: {blog: {values: {token: t}}, mine: {type: key, values: {key: k}}}")
    catalogue = build([written], given=given)
    blog, mine = catalogue.credential("blog"), catalogue.credential("mine")
    assert isinstance(blog, Found)
    assert isinstance(mine, Found)
    assert (blog.value.behind, blog.value.hosts, blog.value.secret) == ("release", ("a.example",), "credential-blog")
    assert (mine.value.type, mine.value.node_types) == ("key", ("hmac", "http"))
    assert build_secrets(given) == {"credential-blog": {"token": "t"}, "credential-mine": {"key": "k"}}


def plan_of(context: Context, node: Node, near: tuple[str, ...] = ()) -> tuple[task.Task, Mapping[str, str]]:
    secrets = {"credential-blog": {"token": "t"}, "model-small": {"key": "k"}}
    plan = plan_pod(Leg(emit_first(graph(node), context), "uid", NOW), 0, secrets, near)
    return task.decode(plan.task), plan.files


def test_a_pod_is_given_the_values_that_its_members_name_as_files() -> None:
    credential = EmittedCredential("bearer", "credential-blog", {})
    context = replace(CONTEXT, credentials={"blog": credential, "other": credential})
    todo, files = plan_of(context, work("a", traits=HEAVY, credentials=("blog",)))
    assert todo.credentials == {"blog": task.Credential("bearer")}
    assert files == {"/credentials/blog/token": "t"}
    assert plan_of(context, work("a", traits=HEAVY))[1] == {}


def test_a_model_that_a_person_named_is_near() -> None:
    kind = node_type(HEAVY).model_copy(update={"params": {"model": {"type": "string", "x-ref": "Model"}}})
    context = replace(CONTEXT, models={"small": Model("http://127.0.0.1/v1", "m", False, "model-small", "key")})
    node = work("a", traits=HEAVY, type=kind, params={"model": "small"})
    for near in ((), ("small",)):
        todo, files = plan_of(context, node, near)
        assert (todo.models["small"].in_cluster, todo.models["small"].has_key) == (bool(near), True)
        assert files == {"/models/small": "k"}


def test_waits_that_are_skipped_move_the_clock_on_and_never_back() -> None:
    clock = Clock(lambda: NOW)
    clock.skip_to(NOW + timedelta(hours=24))
    clock.skip_to(NOW)
    assert (clock.now(), clock.skipped) == (NOW + timedelta(hours=24), timedelta(hours=24))
