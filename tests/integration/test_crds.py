"""The CRDs on a real API server: accepted, lossless, and worth reading in `kubectl get`."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import yaml
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from cluster.context import decide_context
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.api.common import Resource
from headgate.api.kinds import BY_NAME, KINDS
from headgate.api.run import Run
from headgate.compiler.document.bounds import as_stored
from headgate.compiler.parse import parse
from headgate.compiler.revision import content_hash
from headgate.names import API_VERSION, GROUP, VERSION
from support.objects import Document, objects

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("crds")]

few = settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
"""Each example is a request: no time is spent on making a failing one smaller."""
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def read_examples() -> list[Document]:
    files = sorted((Path(__file__).parents[1] / "unit/api/examples").glob("*.yaml"))
    return [document for file in files for document in yaml.safe_load_all(file.read_text())]


def read(document: Document) -> Resource:
    """The model of an object, whatever the API server has written into its metadata."""
    parsed = parse({**document, "metadata": {"name": document["metadata"]["name"]}})
    assert parsed.problems == ()
    assert parsed.model is not None
    return parsed.model


def said(model: Resource) -> Any:
    """All that an object says, defaults left out and numbers as the API server stores them."""
    return numbers(model.model_dump(mode="json", exclude_defaults=True))


def numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: numbers(member) for key, member in value.items()}
    if isinstance(value, list):
        return [numbers(item) for item in value]
    return as_stored(value) if isinstance(value, float) else value


class Objects:
    """One kind's objects on the server. Nothing is kept: it answers with what it would store."""

    def __init__(self, api: Any, kind: type[Resource], namespace: str) -> None:
        self._scope = "cluster" if kind.crd.cluster else "namespaced"
        self._where = {} if kind.crd.cluster else {"namespace": namespace}
        self._kind = {"group": GROUP, "version": VERSION, "plural": kind.crd.plural}
        self._api = api

    def create(self, document: Document) -> Document:
        return self._send("create", "custom_object", body=document)

    def update_status(self, document: Document) -> Document:
        return self._send("replace", "custom_object_status", name=document["metadata"]["name"], body=document)

    def _send(self, verb: str, what: str, **arguments: Any) -> Document:
        send = getattr(self._api, f"{verb}_{self._scope}_{what}")
        found = send(**self._kind, **self._where, **arguments, dry_run="All", field_validation="Strict")
        return dict(found)


@pytest.fixture(scope="module")
def home(kubectl: Kubectl) -> Iterator[str]:
    """A namespace for the tests of this module."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def on_server(cluster_settings: Settings, home: str) -> Callable[[type[Resource]], Objects]:
    context = decide_context(os.environ)
    file = str(cluster_settings.admin_kubeconfig) if context.ours else None
    client = kubernetes.config.new_client_from_config(file, context=context.name)  # type: ignore[no-untyped-call]
    api = kubernetes.client.CustomObjectsApi(client)
    return lambda kind: Objects(api, kind, home)


@pytest.fixture(scope="module")
def stored(kubectl: Kubectl, crds: None, home: str) -> Iterator[dict[type[Resource], Document]]:
    """One object of each kind that is really there."""
    found: dict[type[Resource], Document] = {}
    for kind in KINDS:
        document = find(objects(kind, status=False), lambda _: True, settings=settings(phases=[Phase.generate]))
        name = f"{home}.v1" if kind.crd.cluster else "thing"
        document["metadata"] = {"name": name} | ({} if kind.crd.cluster else {"namespace": home})
        kubectl.apply(document)
        found[kind] = kubectl.get(f"{kind.crd.plural}.{GROUP}", name, "-n", home)
    yield found
    kubectl("delete", "nodetype", f"{home}.v1")


@few
@given(data=st.data())
@each_kind
def test_a_random_object_survives_pruning_and_the_defaults_change_nothing(
    kind: type[Resource], data: st.DataObject, on_server: Callable[[type[Resource]], Objects]
) -> None:
    document = data.draw(objects(kind, status=False))
    ours, theirs = read(document), read(on_server(kind).create(document))
    assert said(theirs) == said(ours)
    assert content_hash(theirs.spec) == content_hash(ours.spec)


@few
@given(data=st.data())
@each_kind
def test_so_does_a_random_status(
    kind: type[Resource],
    data: st.DataObject,
    on_server: Callable[[type[Resource]], Objects],
    stored: dict[type[Resource], Document],
) -> None:
    whole = {**stored[kind], "status": data.draw(objects(kind)).get("status", {})}
    answer: Document = {"status": {}} | on_server(kind).update_status(whole)
    assert said(read(answer)) == said(read(whole))


def test_defaults_appear_where_nothing_was_said(stored: dict[type[Resource], Document]) -> None:
    spec = stored[Run]["spec"]
    assert (spec["state"], spec["attempt"]) == ("Running", 1)


@pytest.mark.parametrize("document", read_examples(), ids=lambda document: document["metadata"]["name"])
def test_every_example_of_the_contract_is_accepted(
    document: Document, on_server: Callable[[type[Resource]], Objects]
) -> None:
    name = {"name": document["metadata"]["name"]}
    theirs = on_server(BY_NAME[document["kind"]]).create({**document, "metadata": name})
    assert read(theirs).spec == read(document).spec


def test_server_side_apply_owns_one_node(kubectl: Kubectl, namespace: str) -> None:
    def apply(manager: str, node: Document) -> None:
        document = {"apiVersion": API_VERSION, "kind": "Workflow", "metadata": {"name": "w"}, "spec": {"nodes": [node]}}
        words = ("apply", "-n", namespace, "--server-side", f"--field-manager={manager}", "-f", "-")
        kubectl(*words, stdin=json.dumps(document))

    apply("ana", {"name": "a", "use": "set", "with": {"x": 1}})
    apply("bea", {"name": "b", "use": "set", "with": {"x": 2}})
    apply("ana", {"name": "a", "use": "set", "with": {"y": 3}})
    nodes = kubectl.get("hwf", "w", "-n", namespace)["spec"]["nodes"]
    assert nodes == [{"name": "a", "use": "set", "with": {"y": 3}}, {"name": "b", "use": "set", "with": {"x": 2}}]


@pytest.mark.parametrize(
    ("short", "columns"),
    [
        ("hwf", ["NAME", "VALID", "PROBLEMS", "REVISION", "LAST RUN", "AGE"]),
        ("hrun", ["NAME", "WORKFLOW", "STATUS", "PROGRESS", "MESSAGE", "AGE"]),
        ("apr", ["NAME", "TYPE", "STATUS", "VOTES", "REQUESTER", "UNTIL", "AGE"]),
    ],
)
def test_kubectl_get_shows_the_columns_of_the_contract(
    short: str, columns: list[str], kubectl: Kubectl, home: str, stored: dict[type[Resource], Document]
) -> None:
    header, row = kubectl("get", short, "-n", home).splitlines()
    assert header.split() == " ".join(columns).split()
    assert row.startswith("thing ")


def test_kubectl_get_tells_the_story_in_a_line(kubectl: Kubectl, namespace: str) -> None:
    (document,) = (document for document in read_examples() if document["kind"] == "ApprovalRequest")
    kubectl("create", "-n", namespace, "-f", "-", stdin=json.dumps({**document, "metadata": {"name": "review"}}))
    status = json.dumps({"status": document["status"]})
    kubectl("patch", "apr/review", "-n", namespace, "--subresource=status", "--type=merge", "-p", status)
    row = kubectl("get", "apr", "-n", namespace, "--no-headers").split()
    assert row[:-1] == ["review", "Approval", "Open", "1/2", "ana@example.com", "24", "Nov", "05:31Z"]
    assert "1 more of group release-managers" in kubectl("get", "apr", "-n", namespace, "-o", "wide")


def test_one_word_gets_objects_of_every_kind(
    kubectl: Kubectl, home: str, stored: dict[type[Resource], Document]
) -> None:
    shown = kubectl("get", "headgate", "-n", home, "-o", "name").split()
    assert {line.split(".")[0] for line in shown} == {kind.__name__.lower() for kind in KINDS}
