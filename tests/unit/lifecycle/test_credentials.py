"""What nodes are granted, and when they are refused: as the Credential is when their leg is created, never before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from headgate.api.credential import Credential
from headgate.api.model import Model
from headgate.api.nodetype import NodeType
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.lifecycle.actions import CreateLeg
from headgate.lifecycle.granting import is_trusted
from headgate.lifecycle.http_rules import HttpRules
from headgate.lifecycle.observed import SecretSeen, Trusted
from headgate_lang.task import Http
from support.graphs import CORE
from support.pods import Scripts
from support.short_runs import phases, ran
from support.stories import policy, types, workflow, world
from support.world import SETTINGS, World

HEAD = {"apiVersion": "headgate.dev/v1alpha1"}
POST = 'with: {credential: blog, method: POST, url: "https://blog.example/posts"}'
PLAIN = f"nodes: [{{name: publish, use: http, {POST}}}]"
GATED = f"""
nodes:
- {{name: a, use: heavy}}
- {{name: ask, use: approval, after: {{a: Succeeded}}, with: {{policy: release, message: Go on}}}}
- {{name: publish, use: http, after: {{ask: Succeeded}}, {POST}}}
- {{name: tell, use: calc, with: {{value: "${{publish.error.reason}}"}}}}
"""
ANSWER = Scripts(output=lambda one: {"body": "x", "status": 200, "headers": {}, "url": "u", "ms": 1, "value": 1})


def credential(**spec: Any) -> Credential:
    usual = {"type": "bearer", "secret": "blog-token", "nodeTypes": ["http"], "hosts": ["blog.example"]}
    document = {**HEAD, "kind": "Credential", "metadata": {"name": "blog"}, "spec": {**usual, **spec}}
    return Credential.model_validate(document)


class Blog(World):
    """A World in which the Credential may become another."""

    def __init__(self, text: str, *objects: Any, settings: Any = SETTINGS, **spec: Any) -> None:
        self.others = [*builtin(), *types(), *objects, workflow(text), policy("release"), policy("security")]
        super().__init__([*self.others, credential(**spec)], ANSWER, settings)
        self.submit("r", workflow="example", requester="ana@example.com")

    def becomes(self, **spec: Any) -> None:
        self.catalogue = StaticCatalogue([*self.others, credential(**spec)], complete=True)

    def goes(self) -> None:
        self.catalogue = StaticCatalogue(self.others, complete=True)

    def until_approved(self) -> "Blog":
        self.settle_all()
        self.run_legs()
        self.settle_all()
        self.vote("r-ask", "bea@example.com", "Approve", groups=["release-managers"])
        return self

    def refused(self) -> tuple[str, str]:
        """How the Run ended, after all that could run has run."""
        status = self.finish("r")
        assert status["phase"] == "Failed"
        assert ran(self, "publish") == 0
        node = status["nodes"]["publish"]
        assert node["message"] in status["conditions"][0]["message"]
        return node["reason"], node["message"]


def test_the_pod_that_uses_a_credential_is_told_its_type_and_hosts_and_its_secret_is_mounted() -> None:
    here = Blog(PLAIN, fields={"token": "api-token"})
    here.settle_all()
    (leg,) = here.legs.values()
    told = leg.task(0).credentials["blog"]
    assert (told.type, told.hosts) == ("bearer", ("blog.example",))
    patch = leg.template(0)["podSpecPatch"]
    assert '"secretName":"blog-token","items":[{"key":"api-token","path":"token"}]' in patch
    assert here.finish("r")["phase"] == "Succeeded"


def test_after_an_approval_under_the_policy_that_it_stands_behind_it_is_given() -> None:
    here = Blog(GATED, behind="release").until_approved()
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "publish") == 1


@pytest.mark.parametrize(
    ("change", "reason", "says"),
    [
        ({"behind": "security"}, "NotBehindGate", "demands an approval under security, and there was none"),
        ({"workflows": ["other"]}, "CredentialRefused", "is for other workflows: other"),
        ({"nodeTypes": ["slack"]}, "CredentialRefused", "is for slack, not for `http`"),
        ({"hosts": ["api.example"]}, "CredentialRefused", "may be sent to api.example, not to blog.example"),
        ({"type": "database"}, "CredentialRefused", "is of type database: `http` takes apiKey or basic or bearer"),
        ({"secret": None, "sealed": {"token": "x"}}, "CredentialMissing", "sealed values cannot be opened yet"),
    ],
)
def test_the_credential_as_it_is_when_the_leg_is_created_counts(change: Any, reason: str, says: str) -> None:
    here = Blog(GATED, behind="release").until_approved()
    here.becomes(**{"behind": "release", **change})
    found, message = here.refused()
    assert (found, says in message) == (reason, True), message
    assert phases(here)["tell"] == "Succeeded"


def test_a_credential_that_has_gone_is_missing() -> None:
    here = Blog(GATED).until_approved()
    here.goes()
    assert here.refused() == ("CredentialMissing", "there is no Credential `blog`: apply it")


def test_what_was_refused_stays_refused_whatever_becomes_of_the_credential() -> None:
    """Others have read the failure: it must not turn into a success behind them."""
    for change in ({"behind": "security"}, {"workflows": ["other"]}):
        here = Blog(GATED, behind="release").until_approved()
        here.becomes(**change)
        here.settle_all()
        here.becomes()
        assert phases(here)["publish"] == "Failed"
        assert here.finish("r")["nodes"]["publish"]["phase"] == "Failed"
        assert ran(here, "publish") == 0


@pytest.mark.parametrize("change", [{"behind": "security"}, {"workflows": ["other"]}])
def test_an_operator_that_died_with_the_claims_written_asks_again_before_it_creates_the_leg(change: Any) -> None:
    here = Blog(GATED, behind="release").until_approved()
    decision = here.decide("r")
    place = next(place for place, action in enumerate(decision.actions) if isinstance(action, CreateLeg))
    assert here.apply("r", decision, place) == place
    assert here.status("r")["nodes"]["publish"]["phase"] == "Pending"
    here.becomes(**change)
    here.refused()
    assert here.status("r")["progress"] == "4/4"


@pytest.mark.parametrize("most", range(1, 9))
def test_wherever_the_operator_dies_a_refusal_comes_once_and_nothing_runs(most: int) -> None:
    here = Blog(GATED, behind="release").until_approved()
    here.becomes(workflows=["other"])
    here.apply("r", here.decide("r"), most)
    assert here.refused()[0] == "CredentialRefused"
    assert ran(here, "tell") == 1


def test_of_a_leg_that_is_refused_in_part_the_rest_runs() -> None:
    text = f"nodes: [{{name: publish, use: http, {POST}}}, {{name: b, use: calc, with: {{value: 1}}}}]"
    here = Blog(text)
    here.secret_of["blog"] = SecretSeen(exists=False)
    here.refused()
    assert ran(here, "b") == 1


def test_a_gate_that_is_skipped_does_not_satisfy() -> None:
    asked = "{policy: release, message: Go on}"
    text = GATED.replace(asked, f"{asked}, when: '${{1 > 2}}'")
    text = text.replace("after: {ask: Succeeded}", "after: {ask: NotFailed}")
    here = Blog(text)
    here.scripts = replace(ANSWER, when=lambda node: node != "ask")
    here.settle_all()
    here.becomes(behind="release")
    assert here.refused()[0] == "NotBehindGate"
    assert here.status("r")["nodes"]["ask"]["phase"] == "Skipped"


def test_an_approval_under_another_policy_does_not_satisfy_though_the_status_says_that_the_gate_passed() -> None:
    here = Blog(GATED.replace("policy: release", "policy: security")).until_approved()
    here.becomes(behind="release")
    assert here.refused()[0] == "NotBehindGate"


def test_a_request_that_was_deleted_and_a_status_that_says_approved_give_nothing() -> None:
    here = Blog(GATED, behind="release").until_approved()
    here.vote("r-ask", "bea@example.com", "Reject", groups=["release-managers"])
    here.settle_all()
    here.runs["r"]["status"]["nodes"]["ask"] = {**here.status("r")["nodes"]["ask"], "phase": "Succeeded"}
    status = here.finish("r")
    assert ran(here, "publish") == 0
    assert status["nodes"]["publish"]["phase"] == "Omitted"


MISSING = "kubectl create secret generic blog-token -n docs --from-literal=token=…"
NO_KEY = """kubectl patch secret blog-token -n docs --type=merge -p '{"stringData":{"token":"…"}}'"""


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (SecretSeen(exists=False), f"there is no Secret `blog-token`: {MISSING}"),
        (
            SecretSeen(True, frozenset({"key"})),
            f"the Secret `blog-token` has no key `token`: {NO_KEY}",
        ),
    ],
)
def test_without_its_secret_or_a_key_of_it_there_is_no_pod_but_the_command_that_helps(
    seen: SecretSeen, says: str
) -> None:
    here = Blog(PLAIN)
    here.secret_of["blog"] = seen
    assert here.refused() == ("CredentialMissing", f"credential `blog`: {says}")
    assert here.writes["CreateLeg"] == 0
    here.secret_of["blog"] = SecretSeen(True, frozenset({"token"}))
    here.declare("r", attempt=2)
    assert here.finish("r")["phase"] == "Succeeded"


def test_people_are_asked_about_a_refusal_and_their_retry_finds_what_they_mended() -> None:
    here = Blog(PLAIN.replace("use: http", "use: http, onError: Ask"), policy("recovery"))
    here.secret_of["blog"] = SecretSeen(exists=False)
    here.settle_all()
    (name,) = here.requests
    assert MISSING in here.requests[name]["spec"]["message"]
    here.secret_of.clear()
    here.settle_all()
    assert list(here.requests) == [name], "the question stays the same"
    here.vote(name, "bea@example.com", "Retry", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_key_of_a_model_must_be_there_too() -> None:
    external = {"url": "https://m.example/v1", "key": {"secret": "llm", "key": "token"}}
    spec = {"engine": "external", "model": "m", "external": external}
    model = {**HEAD, "kind": "Model", "metadata": {"name": "small"}, "spec": spec}
    here = world(
        workflow("nodes: [{name: publish, use: llm, with: {model: small, prompt: hi}}]"), Model.model_validate(model)
    )
    here.submit("r", workflow="example")
    here.secret_of["small"] = SecretSeen(exists=False)
    status = here.finish("r")
    assert status["nodes"]["publish"]["reason"] == "ModelMissing"
    assert "kubectl create secret generic llm -n docs --from-literal=token=…" in status["message"]


def custom(*traits: str, image: str = "registry.example/nodes/mood") -> NodeType:
    digest = CORE.partition("@")[2]
    params = {"credential": {"type": "string", "optional": True, "x-ref": "Credential"}}
    spec = {"description": "x", "image": f"{image}@{digest}", "command": ["x"], "params": params, "traits": traits}
    return NodeType.model_validate({**HEAD, "kind": "NodeType", "metadata": {"name": "mood.v1"}, "spec": spec})


@pytest.mark.parametrize(
    ("traits", "with_", "setting", "what", "grant"),
    [
        ((), "{credential: blog}", "credentials", "be given a credential", lambda it: Trusted(credentials=it)),
        (("Internet",), "{}", "network", "reach beyond the cluster", lambda it: Trusted(network=it)),
    ],
)
def test_what_a_type_claims_grants_nothing(
    traits: Any, with_: str, setting: str, what: str, grant: Callable[[tuple[str, ...]], Trusted]
) -> None:
    text = f"nodes: [{{name: publish, use: mood, with: {with_}}}]"
    trusting = replace(SETTINGS, trusted=grant(("registry.example/nodes/*",)))
    refused = f"the image registry.example/nodes/mood may not {what}"
    here = Blog(text, custom(*traits), nodeTypes=["mood"])
    status = here.finish("r")
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "ImageNotTrusted")
    assert status["message"].startswith(f"publish: {refused}")
    assert f"`trustedImages.{setting}`" in status["message"]
    assert Blog(text, custom(*traits), nodeTypes=["mood"], settings=trusting).finish("r")["phase"] == "Succeeded"

    later = GATED.replace("use: http", "use: mood").replace(POST, f"with: {with_}")
    here = Blog(later, custom(*traits), nodeTypes=["mood"], settings=trusting).until_approved()
    here.settings = SETTINGS
    reason, message = here.refused()
    assert (reason, message.startswith(refused)) == ("ImageNotTrusted", True)


@pytest.mark.parametrize(
    ("pattern", "is_so"),
    [
        ("registry.example/nodes/mood", True),
        ("registry.example/nodes/*", True),
        (f"registry.example/nodes/mood@{CORE.partition('@')[2]}", True),
        ("registry.example/nodes", False),
        ("registry.example/node", False),
        ("registry.example/nodes/moo", False),
        (f"registry.example/nodes/mood@sha256:{'1' * 64}", False),
    ],
)
def test_an_image_is_trusted_by_its_repository_by_all_below_one_or_by_its_digest(pattern: str, is_so: bool) -> None:
    image = f"registry.example/nodes/mood@{CORE.partition('@')[2]}"
    assert is_trusted(image, [pattern], CORE) is is_so


def test_the_rules_of_the_namespace_reach_the_pod() -> None:
    office, strict = Http(open_addresses=("10.20.0.0/16",)), Http(only_hosts=("blog.example",))
    for rules, expected in ((HttpRules(strict, {"docs": office}), office), (HttpRules(strict), strict)):
        here = Blog(PLAIN, settings=replace(SETTINGS, http=rules, max_items=7))
        here.settle_all()
        (leg,) = here.legs.values()
        assert (leg.task(0).http, leg.task(0).max_items) == (expected, 7)
