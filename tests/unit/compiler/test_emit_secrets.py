"""Which pods are given the values of credentials and models: those whose nodes name them, and no other."""

from dataclasses import replace
from typing import Any

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.emit import Context, Credential, Model
from headgate_lang import task
from headgate_lang.task import Http
from support.emitting import CONTEXT, Manifest, emit_first, task_of, template_of
from support.graphs import CORE, HEAVY, LIGHT, gate, graph, work

BLOG = Credential("apiKey", "blog-values", {"key": "token"}, ("api.blog.example",))
SLACK = Credential("bearer", "slack-values", {"token": "token"})
SMALL = Model("http://small.models/v1", "smol", in_cluster=True)
LARGE = Model("https://llm.example/v1", "big", secret="llm-key", key="api-key")
GIVEN = replace(CONTEXT, credentials={"blog": BLOG, "slack": SLACK}, models={"small": SMALL, "large": LARGE})
ASKS = NodeTypeSpec(
    description="Asks a model.",
    image=CORE,
    command=("node",),
    params={"model": {"type": "string", "x-ref": "Model"}, "prompt": {"type": "string"}},
)


def volumes_of(manifest: Manifest, pod: str) -> dict[str, Any]:
    return {one["name"]: one["projected"] for one in template_of(manifest, pod).get("volumes", [])}


def mounts_of(manifest: Manifest, pod: str) -> dict[str, str]:
    return {one["name"]: one["mountPath"] for one in template_of(manifest, pod)["container"]["volumeMounts"]}


def test_a_pod_is_given_the_credentials_that_its_nodes_name_and_no_other() -> None:
    whole = graph(work("post", traits=LIGHT, credentials=("blog",)), work("other", traits=HEAVY))
    manifest = emit_first(whole, GIVEN)
    assert task_of(manifest, "n0").credentials == {"blog": task.Credential("apiKey", ("api.blog.example",))}
    sources = [{"secret": {"name": "blog-values", "items": [{"key": "token", "path": "blog/key"}]}}]
    assert volumes_of(manifest, "n0") == {"credentials": {"sources": sources, "defaultMode": 0o440}}
    assert mounts_of(manifest, "n0")["credentials"] == "/credentials"
    assert task_of(manifest, "n1").credentials == {}
    assert volumes_of(manifest, "n1") == {}


def test_what_prepares_a_node_is_given_none_of_its_credentials() -> None:
    whole = graph(gate("ask", prepares=True, credentials=("blog",)))
    manifest = emit_first(whole, GIVEN)
    assert task_of(manifest, "n0").credentials == {}
    assert volumes_of(manifest, "n0") == {}


def test_no_value_of_a_secret_stands_in_the_manifest_and_what_is_not_there_is_not_given() -> None:
    manifest = emit_first(graph(work("post", traits=LIGHT, credentials=("blog", "lost"))), GIVEN)
    assert task_of(manifest, "n0").credentials.keys() == {"blog"}


def model(name: str, context: Context = GIVEN) -> Manifest:
    return emit_first(graph(work("ask", traits=HEAVY, type=ASKS, params={"model": name})), context)


def test_a_pod_is_told_where_a_model_is_and_has_a_file_with_its_key() -> None:
    ours, other = model("small"), model("large")
    assert task_of(ours, "n0").models == {"small": task.Model("http://small.models/v1", "smol", in_cluster=True)}
    assert volumes_of(ours, "n0") == {}
    assert task_of(other, "n0").models == {"large": task.Model("https://llm.example/v1", "big", has_key=True)}
    (source,) = volumes_of(other, "n0")["models"]["sources"]
    assert source == {"secret": {"name": "llm-key", "items": [{"key": "api-key", "path": "large"}]}}
    assert mounts_of(other, "n0")["models"] == "/models"


def test_an_input_may_choose_the_model() -> None:
    context = replace(GIVEN, inputs={"size": "small"})
    assert task_of(model("${inputs.size}", context), "n0").models.keys() == {"small"}
    assert task_of(model("${'sm' + 'all'}", context), "n0").models == {}


def test_the_rules_of_the_namespace_and_the_bound_of_loops_reach_every_pod() -> None:
    rules = Http(deny_hosts=("*.evil.example",), max_body_bytes=5)
    told = task_of(emit_first(graph(work("a")), replace(CONTEXT, http=rules, max_items=7)), "n0")
    assert (told.http, told.max_items) == (rules, 7)
