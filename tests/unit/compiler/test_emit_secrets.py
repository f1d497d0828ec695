"""Which pods are given the values of credentials and models: those whose nodes name them, and no other."""

import json
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
    """Those with secrets, by where the node's own container finds them."""
    template = template_of(manifest, pod)
    assert "volumes" not in template, "what a template mounts, Argo mounts into its own container too"
    if "podSpecPatch" not in template:
        return {}
    patch = json.loads(template["podSpecPatch"])
    (main,) = patch["containers"]
    assert main["name"] == "main"
    assert all(mount["readOnly"] for mount in main["volumeMounts"])
    volumes = {one.pop("name"): one for one in patch["volumes"]}
    return {mount["mountPath"]: volumes[mount["name"]] for mount in main["volumeMounts"]}


def test_a_pod_is_given_the_credentials_that_its_nodes_name_and_no_other() -> None:
    whole = graph(work("post", traits=LIGHT, credentials=("blog",)), work("other", traits=HEAVY))
    manifest = emit_first(whole, GIVEN)
    assert task_of(manifest, "n0").credentials == {"blog": task.Credential("apiKey", ("api.blog.example",))}
    items = [{"key": "token", "path": "key"}]
    secret = {"secretName": "blog-values", "items": items, "defaultMode": 0o440, "optional": True}
    assert volumes_of(manifest, "n0") == {"/credentials/blog": {"secret": secret}}
    assert task_of(manifest, "n1").credentials == {}
    assert volumes_of(manifest, "n1") == {}


def test_without_fields_each_key_of_the_secret_is_a_value() -> None:
    whole = Credential("basic", "mail-values", {})
    manifest = emit_first(
        graph(work("post", traits=LIGHT, credentials=("mail",))), replace(CONTEXT, credentials={"mail": whole})
    )
    secret = {"secretName": "mail-values", "defaultMode": 0o440, "optional": True}
    assert volumes_of(manifest, "n0") == {"/credentials/mail": {"secret": secret}}


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
    (source,) = volumes_of(other, "n0")["/models"]["projected"]["sources"]
    items = [{"key": "api-key", "path": "large"}]
    assert source == {"secret": {"name": "llm-key", "items": items, "optional": True}}


def test_an_input_may_choose_the_model() -> None:
    context = replace(GIVEN, inputs={"size": "small"})
    assert task_of(model("${inputs.size}", context), "n0").models.keys() == {"small"}
    assert task_of(model("${'sm' + 'all'}", context), "n0").models == {}


def test_the_rules_of_the_namespace_and_the_bound_of_loops_reach_every_pod() -> None:
    rules = Http(deny_hosts=("*.evil.example",), max_body_bytes=5)
    told = task_of(emit_first(graph(work("a")), replace(CONTEXT, http=rules, max_items=7)), "n0")
    assert (told.http, told.max_items) == (rules, 7)
