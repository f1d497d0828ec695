"""`headgate run --local`: whole Runs by the command that people type, with the real runtime and its real nodes."""

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.bundles import REPOSITORY
from support.chat_peer import PATH as CHAT
from support.chat_peer import chunk, closing, write_events
from support.cli import Ran, headgate
from support.examples import DOCS
from support.json_peer import serve

Local = Callable[..., Ran]
HEAD = "apiVersion: headgate.dev/v1alpha1\nkind: Workflow\nmetadata: {name: example}\nspec:\n"


@pytest.fixture
def local(runtime: Path) -> Local:
    def run(*arguments: str, **more: Any) -> Ran:
        return headgate("run", "--local", "--runtime", str(runtime), "-o", "-", *arguments, **more)

    return run


def outputs(ran: Ran, code: int = 0) -> Any:
    assert ran.code == code, ran.err
    return json.loads(ran.out)


def example(name: str) -> str:
    return str(DOCS / "examples" / f"{name}.yaml")


def test_the_outputs_are_all_that_is_on_standard_output(local: Local) -> None:
    ran = local(example("hello"), "-i", "name=Ana")
    assert outputs(ran) == {"text": "Hello, Ana!"}
    assert "hello-local   Succeeded   1/1" in ran.err


def test_an_environment_and_inputs_from_a_file_are_those_of_the_run(local: Local) -> None:
    ran = local(example("greetings"), "-f", "-", "--environment", "formal", stdin="names: [Ana, Bea]\n")
    assert outputs(ran) == {"lines": ["1. Good day, Ana!", "2. Good day, Bea!"]}


@pytest.mark.skipif(shutil.which("jq") is None, reason="the script asks jq, which is not installed")
def test_a_node_of_ones_own_runs_by_a_command(local: Local) -> None:
    script = REPOSITORY / "tests/support/foreign/mood.sh"
    node_type = Path(example("sentiment")).read_text().partition("---\n")[0]
    text = f"""{node_type}---
{HEAD}
  inputs: {{review: {{type: string}}}}
  nodes:
  - name: mood
    use: sentiment
    with: {{text: "${{inputs.review}}"}}
  outputs: {{mood: "${{mood.mood}}"}}
"""
    path = {"PATH": os.environ["PATH"]}
    ran = local("-", "-i", "review=it broke", "--command", f"sentiment=bash {script}", stdin=text, environment=path)
    assert outputs(ran) == {"mood": "bad"}


def test_a_documents_way_leads_through_the_store_if_it_is_large(local: Local, tmp_path: Path) -> None:
    text = f"""{HEAD}
  nodes:
  - name: long
    use: code
    with: {{source: "return {{'text': 'x' * 300_000}}", returns: {{text: {{type: string}}}}}}
  - name: length
    use: code
    with: {{args: "${{long}}", source: "return {{'is': len(args['text'])}}", returns: {{is: {{type: integer}}}}}}
  outputs: {{length: "${{length.is}}"}}
"""
    assert outputs(local("-", stdin=text)) == {"length": 300_000}


@pytest.mark.parametrize("where", ["file", "environment"])
def test_a_credential_reaches_the_node_that_names_it_and_is_never_printed(
    local: Local, tmp_path: Path, where: str
) -> None:
    text = f"""{HEAD}
  nodes:
  - name: signed
    use: hmac
    with: {{credential: signing, text: hello}}
  - name: told
    use: log
    with: {{message: "signed ${{signed.hex}}"}}
  outputs: {{value: "${{signed.hex}}"}}
"""
    value = "very secret key" if where == "file" else "{env: SIGNING_KEY}"
    secrets = tmp_path / "secrets.yaml"
    secrets.write_text(f"credentials:\n  signing: {{type: key, values: {{key: {value}}}}}\n")
    ran = local("-", "--secrets", str(secrets), "--logs", stdin=text, environment={"SIGNING_KEY": "very secret key"})
    signed = hmac.new(b"very secret key", b"hello", hashlib.sha256)
    assert outputs(ran) == {"value": signed.hexdigest()}
    assert "very secret key" not in ran.out + ran.err


def test_a_model_is_asked_where_the_person_says_it_answers(local: Local) -> None:
    text = f"""{HEAD}
  nodes:
  - name: draft
    use: llm
    with: {{model: small, prompt: "Say hello"}}
  outputs: {{text: "${{draft.text}}"}}
"""
    answer = write_events(chunk("Hello"), chunk(" there"), chunk("", "stop"), closing(), "[DONE]")
    with serve({CHAT: ("text/event-stream", answer)}) as peer:
        ran = local("-", "--model", f"small={peer.url}/v1,smollm2", stdin=text)
    assert outputs(ran) == {"text": "Hello there"}
    ((_, _, asked),) = peer.requests
    assert json.loads(asked)["model"] == "smollm2"


def test_a_private_address_is_reached_only_where_the_person_opens_it(local: Local) -> None:
    text = f"""{HEAD}
  inputs: {{url: {{type: string}}}}
  nodes:
  - name: fetch
    use: http
    with: {{url: "${{inputs.url}}"}}
  outputs: {{status: "${{fetch.status}}"}}
"""
    with serve({"/a": ("application/json", b"{}")}) as peer:
        ran = local("-", "-i", f"url={peer.url}/a", stdin=text)
        assert outputs(ran, 1) == {}
        assert "fetch Failed" in ran.err
        ran = local("-", "-i", f"url={peer.url}/a", "--open-address", "127.0.0.1/32", stdin=text)
    assert outputs(ran) == {"status": 200}


CAMPAIGN = """\
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: campaign}
spec:
  nodes:
  - name: brief
    use: clarify
    with: {policy: marketing, question: Whom?, answer: {languages: {type: array, items: {type: string}}}}
  - name: texts
    use: workflow/text
    forEach: {in: "${brief.values.languages}"}
    with: {language: "${item}"}
  - name: embargo
    use: wait
    after: {texts: Succeeded}
    with: {for: 24h}
  - name: send
    use: set
    after: {embargo: Succeeded}
    with: {all: "${texts.outputs.map(t, t.text)}"}
  outputs: {all: "${send.?all.orValue([])}"}
---
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: text}
spec:
  inputs: {language: {type: string}}
  nodes:
  - name: check
    use: approval
    with: {policy: natives, message: "Good ${inputs.language}?", edit: {text: "in ${inputs.language}"}}
  outputs: {text: "${check.values.text}"}
"""


def test_children_ask_each_for_itself_and_waits_are_cut_short(local: Local) -> None:
    ran = local(
        "-",
        "--skip-waits",
        *("--answer", 'brief={"languages": ["de", "fr"]}'),
        *("--answer", "check=approve"),
        *("--answer", 'campaign-local-texts-1/check=approve:{"text": "corrected"}'),
        stdin=CAMPAIGN,
    )
    assert outputs(ran) == {"all": ["in de", "corrected"]}


def test_a_no_in_one_of_the_children_fails_the_loop(local: Local) -> None:
    answers = ("--answer", 'brief={"languages": ["de"]}', "--answer", "check=reject:no verb")
    ran = local("-", "--skip-waits", *answers, stdin=CAMPAIGN)
    assert outputs(ran, 1) == {"all": []}
    assert "texts Failed" in ran.err
    assert "Rejected" in ran.err


def test_without_a_terminal_or_an_answer_it_says_what_to_type(local: Local) -> None:
    ran = local("-", stdin=CAMPAIGN)
    assert ran.code == 2
    assert """--answer 'brief={"languages": …}'""" in ran.err


def test_an_answer_that_does_not_fit_is_told_before_it_counts(local: Local) -> None:
    ran = local("-", "--answer", 'brief={"languages": "de"}', stdin=CAMPAIGN)
    assert ran.code == 2
    assert "languages" in ran.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("brief=approve", """--answer brief: approve is no answer: say --answer 'brief={"field": …}'"""),
        ("brief={all}", "{all} is no JSON"),
    ],
)
def test_an_answer_in_a_form_that_nobody_asks_for_is_told_before_anything_runs(
    local: Local, text: str, told: str
) -> None:
    ran = local("-", "--answer", text, "--runtime", "/nowhere", stdin=CAMPAIGN)
    assert ran.code == 2
    assert told in ran.err


def test_a_run_whose_time_is_over_has_timed_out_and_its_pods_are_gone(local: Local) -> None:
    text = f"""{HEAD}
  execution: {{timeout: 3s}}
  nodes:
  - name: slow
    use: code
    with: {{source: "import time\\ntime.sleep(50)\\nreturn {{'a': 1}}", returns: {{a: {{type: integer}}}}}}
  outputs: {{a: "${{slow.?a.orValue(0)}}"}}
"""
    ran = local("-", stdin=text)
    assert ran.code == 4, ran.err


def test_all_that_is_lacking_is_told_at_once_and_nothing_starts(runtime: Path) -> None:
    text = f"""{HEAD}
  nodes:
  - name: draft
    use: llm
    with: {{model: small, prompt: hi}}
  - name: send
    use: http
    with: {{credential: blog, method: POST, url: "https://blog.example", json: "${{draft.text}}"}}
  - name: mood
    use: mood
    with: {{text: "${{draft.text}}"}}
  - name: child
    use: workflow/elsewhere
    with: {{text: "${{draft.text}}"}}
"""
    ran = headgate("run", "--local", "-", "--runtime", str(runtime), stdin=text)
    assert ran.code == 1
    told = ran.err.splitlines()
    assert any("draft of example asks model small: say where it answers with --model small=URL" in one for one in told)
    assert any("send of example uses credential blog: give its values with --secrets FILE" in one for one in told)
    assert any("child of example uses workflow elsewhere" in one for one in told)
    assert any("mood of example uses mood" in one for one in told)


def test_an_image_that_is_not_started_here_is_told_with_the_remedy(local: Local) -> None:
    ran = local(example("sentiment"))
    assert ran.code == 1
    assert "--command sentiment=COMMAND" in ran.err


def test_a_package_that_the_runtime_lacks_is_told_before_anything_starts(local: Local) -> None:
    text = (
        (Path(example("sentiment"))).read_text().replace("command: [/sentiment]", "command: [headgate-node, nowhere]")
    )
    ran = local("-", stdin=text)
    assert ran.code == 1
    assert "the nodes of nowhere cannot run here" in ran.err
    assert "No module named" in ran.err


def test_without_a_runtime_it_says_how_to_install_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    ran = headgate("run", "--local", example("hello"), environment={"PATH": str(tmp_path)})
    assert ran.code == 1
    assert "headgate-node" in ran.err
    assert "pip install" in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--answer", "review"], "an answer is given as --answer NODE=approve"),
        (["--model", "small"], "a model is given as --model NAME=URL"),
        (["--command", "mood=/nowhere/at/all"], "there is no program /nowhere/at/all"),
        (
            ["--answer", "nobody=approve"],
            "there is no gate `nobody`, nor a node with `onError: Ask`: nothing of it asks",
        ),
        (["--parallelism", "0"], "argument --parallelism: 0 is no number of processes: at least 1"),
        (["--open-address", "bad"], "--open-address: 'bad' does not appear to be an IPv4 or IPv6 network: write"),
        (["--name", "Bad Name"], "'Bad Name' names no Run"),
        (["-o", "/nowhere/at/all"], "no file can be written at /nowhere/at/all"),
        (["-o", "/"], "no file can be written at /"),
    ],
)
def test_a_flag_that_makes_no_sense_is_wrong_use(local: Local, arguments: list[str], told: str) -> None:
    ran = local(example("hello"), *arguments)
    assert ran.code == 2
    assert told in ran.err
