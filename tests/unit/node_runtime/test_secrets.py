"""Values of credentials and models: given to nodes, and masked in everything that leaves the pod."""

import base64
from dataclasses import replace

from headgate_lang.report import Phase
from headgate_lang.task import Credential, Loop, Model
from headgate_node.runtime.mask import MASK, Mask
from support.bundles import Pods, Ran, member, task_of

SECRET = "s3cret-värde/+"
KEY = "key-of-the-model"
FILES = {"/credentials/blog/token": SECRET + "\n", "/credentials/blog/user": "ana", "/models/small": KEY}
GIVEN = {
    "credentials": {"blog": Credential("bearer", ("blog.example",))},
    "models": {"small": Model("http://small.models/v1", "smol", in_cluster=True, has_key=True)},
}
LEAK = member("a", "leaks", with_={"credential": "blog", "model": "small"})


def everything(ran: Ran) -> str:
    return str(ran.files) + str(ran.lines)


def forms_of(secret: str) -> list[str]:
    return [secret, base64.b64encode(secret.encode()).decode(), repr(secret)[1:-1]]


def test_lines_outputs_and_previews_are_masked(pods: Pods) -> None:
    ran = pods.run_process(task_of(LEAK, **GIVEN), FILES)
    assert ran.output("a") == {"plain": f"it is {MASK}", "encoded": MASK, "nested": {MASK: [MASK]}}
    assert ran.entry("a").preview is not None
    told = everything(ran)
    assert all(form not in told for secret in (SECRET, KEY) for form in forms_of(secret))
    kinds = [line["type"] for line in ran.lines]
    assert sorted(kinds) == ["log", "log", "progress", "stream"]
    assert f"raw {MASK}" in [line.get("message") for line in ran.lines]


def test_errors_are_masked_also_where_others_read_them(pods: Pods) -> None:
    failing = replace(LEAK, with_={"credential": "blog", "fails": True})
    ran = pods.run(task_of(failing, tells=("a",), **GIVEN), FILES)
    assert ran.entry("a").message == f"the service refused {MASK}"
    assert SECRET not in str(ran.files)


def test_an_item_that_holds_a_secret_is_masked_where_it_is_told(pods: Pods) -> None:
    loop = Loop([SECRET], 1)
    ran = pods.run(task_of(member("a", "flaky", with_={"times": 9}, loop=loop), **GIVEN), FILES)
    assert [failure.item for failure in ran.entry("a").failed] == [MASK]


def test_a_credential_that_is_not_there_is_the_error_of_who_asks_for_it(pods: Pods) -> None:
    ran = pods.run(task_of(LEAK, member("b")))
    assert (ran.entry("a").phase, ran.entry("a").reason) == (Phase.FAILED, "CredentialMissing")
    assert ran.entry("b").phase is Phase.SUCCEEDED


def test_a_value_is_found_in_the_forms_that_programs_give_it() -> None:
    mask = Mask(
        [{"username": "ana", "password": "hunter22+"}, {"key": "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n"}]
    )
    basic = base64.b64encode(b"ana:hunter22+").decode()
    in_json = r"-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0"
    for form in ("hunter22+", "hunter22%2B", basic, "MIIEvQIBADANBgkqhkiG9w0", in_json):
        assert mask.text(f"<{form}>") == f"<{MASK}>"
    assert mask.text("ana") == "ana"


def test_short_values_are_left_alone_and_no_secret_is_no_work() -> None:
    assert Mask([{"pin": "1234"}]).value({"a": "1234"}) == {"a": "1234"}
    value = {"a": [1]}
    assert Mask([]).value(value) is value
