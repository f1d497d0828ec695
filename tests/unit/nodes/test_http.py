"""`http`: what is sent and what comes back, from a real server on loopback."""

import asyncio
import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate_node import Credential, NodeError
from headgate_node.http import GuardedClient, HttpSettings
from headgate_node.testing import run_node
from support.http_peer import Act, Peer, run_peer
from support.http_wire import build_answer

SETTINGS = {"openAddresses": ["127.0.0.1/32"], "insecureHosts": ["127.0.0.1"]}
NOW = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
ALL = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def ask(
    answers: Mapping[str, bytes | Act] | None = None,
    path: str = "/",
    credentials: Mapping[str, Credential] | None = None,
    settings: Mapping[str, Any] | None = None,
    timeout: float = 30.0,
    **with_: Any,
) -> tuple[dict[str, Any], Peer]:
    """Run the node against a server with these answers; give its output, and the server for what it was sent."""

    async def run() -> tuple[dict[str, Any], Peer]:
        client = GuardedClient(HttpSettings.model_validate({**SETTINGS, **(settings or {})}))
        async with run_peer(answers) as peer, client:
            given = {"url": f"http://127.0.0.1:{peer.ports[False]}{path}", **with_}
            made: dict[str, Any] = {"http": client, "now": lambda: NOW, "timeout": timeout}
            known = {name: _with_port(one, peer) for name, one in (credentials or {}).items()}
            return await run_node("http", given, credentials=known, **made), peer

    return asyncio.run(run())


def _with_port(credential: Credential, peer: Peer) -> Credential:
    hosts = tuple(host.replace("PORT", str(peer.ports[False])) for host in credential.hosts)
    return Credential(credential.type, credential.values, hosts)


def refuse(answers: Mapping[str, bytes | Act] | None = None, **more: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ask(answers, **more)
    return raised.value


def sent(peer: Peer) -> tuple[str, dict[str, str], bytes]:
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


def test_the_output_has_all_of_the_answer() -> None:
    output, peer = ask({"/a": build_answer(b'{"n": [1, null]}', "Content-Type: application/json", "X-A: b")}, path="/a")
    assert 0 <= output.pop("ms") < 5000
    assert output == {
        "status": 200,
        "headers": {"content-length": "16", "content-type": "application/json", "x-a": "b"},
        "body": {"n": [1, None]},
        "url": f"http://127.0.0.1:{peer.ports[False]}/a",
    }


@pytest.mark.parametrize("method", ALL)
def test_every_method_is_sent(method: str) -> None:
    answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    output, peer = ask({"/": answer}, method=method)
    assert sent(peer)[0] == f"{method} / HTTP/1.1"
    assert (output["status"], output["body"]) == (204, "")


@pytest.mark.parametrize(
    ("given", "content_type", "body"),
    [
        ({"json": {"a": "ä", "b": [None]}}, "application/json", b'{"a":"\\u00e4","b":[null]}'),
        ({"json": False}, "application/json", b"false"),
        ({"json": 0}, "application/json", b"0"),
        ({"text": "ä"}, "text/plain; charset=utf-8", "ä".encode()),
        ({"text": ""}, "text/plain; charset=utf-8", b""),
        ({"form": {"a": "x y", "n": 1, "t": True}}, "application/x-www-form-urlencoded", b"a=x+y&n=1&t=true"),
        ({"base64": base64.b64encode(b"\0\xff").decode()}, "application/octet-stream", b"\0\xff"),
        ({"text": "<a/>", "headers": {"Content-Type": "application/xml"}}, "application/xml", b"<a/>"),
    ],
)
def test_each_kind_of_body_says_what_it_is(given: dict[str, Any], content_type: str, body: bytes) -> None:
    _, headers, there = sent(ask(method="POST", **given)[1])
    assert (headers["content-type"], headers["content-length"], there) == (content_type, str(len(body)), body)


def test_a_query_is_added_to_that_of_the_url() -> None:
    _, peer = ask(path="/a?x=1#part", query={"q": "ä&b", "n": 2.0, "t": False})
    assert sent(peer)[0] == "GET /a?x=1&q=%C3%A4%26b&n=2&t=false HTTP/1.1"
    assert sent(ask(path="/a?", query={"q": "1"})[1])[0] == "GET /a?q=1 HTTP/1.1"


def test_bytes_come_out_as_base64() -> None:
    output, _ = ask({"/": build_answer(b"\x89PNG", "Content-Type: image/png")})
    assert output["base64"] == base64.b64encode(b"\x89PNG").decode()
    assert output["body"] == ""


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"json": 1, "form": {}}, "a request has one body, here are `json` and `form`: leave all but one out"),
        ({"base64": "?"}, "base64: "),
        ({"text": "\ud800"}, "text: "),
        ({"form": {"a": "\ud800"}}, "form: it has half a character"),
        ({"query": {"a": "\ud800"}}, "query: it has half a character"),
        ({"query": {"a": [1]}}, "query.a"),
        ({"method": "get"}, "method: input should be 'GET'"),
        ({"method": "CONNECT"}, "method: "),
        ({"accept": [99]}, "accept[0]: "),
        ({"headers": {"A": 1}}, "headers.A: "),
        ({"redirects": 21}, "redirects: "),
        ({"answerWithin": "10"}, "answerWithin: "),
        ({"retries": 3}, "retries: "),
    ],
)
def test_parameters_that_make_no_request_are_told(given: dict[str, Any], says: str) -> None:
    error = refuse(**given)
    assert error.reason == "InvalidParameters"
    assert says in error.message


def test_a_bad_status_fails_with_the_beginning_of_what_the_service_says() -> None:
    said = json.dumps({"error": "no such item", "more": "x" * 20_000}).encode()
    error = refuse(
        {"/a": build_answer(said, "Content-Type: application/json", status="404 Not Found")}, path="/a?k=s3c"
    )
    assert (error.reason, error.status, error.retry_after) == ("HttpStatus", 404, None)
    assert error.message.startswith("GET http://127.0.0.1:")
    assert '/a answers 404 Not Found: {"error": "no such item", "more": "xxx' in error.message
    assert "s3c" not in error.message
    assert len(error.message) < 700


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        ("429 Too Many Requests", "Retry-After: 7", 7.0),
        ("503 Service Unavailable", "Retry-After: Sat, 21 Nov 2026 05:30:30 GMT", 30.0),
        ("500 Internal Server Error", "X: y", None),
    ],
)
def test_how_long_a_service_asks_to_be_left_alone_is_passed_on(status: str, header: str, wait: float | None) -> None:
    error = refuse({"/": build_answer(b"", header, status=status)})
    assert (error.status, error.retry_after) == (int(status[:3]), wait)


def test_a_status_that_is_accepted_is_an_answer() -> None:
    missing = {"/": build_answer(b"no", "Content-Type: text/plain", status="404 Not Found")}
    output, _ = ask(missing, accept=[404, 410])
    assert (output["status"], output["body"]) == (404, "no")
    assert refuse(missing, accept=[410]).status == 404


def test_redirects_are_followed_as_far_as_they_may() -> None:
    moved = {"/go": build_answer(b"", "Location: /there", status="302 Found"), "/there": build_answer(b"there")}
    assert ask(moved, path="/go")[0]["url"].endswith("/there")
    assert refuse(moved, path="/go", redirects=0).status == 302
    output, _ = ask(moved, path="/go", redirects=0, accept=[302])
    assert (output["status"], output["headers"]["location"]) == (302, "/there")


@pytest.mark.parametrize(
    ("credential", "header"),
    [
        (Credential("apiKey", {"key": "s3cret"}, ("127.0.0.1:PORT",)), ("x-api-key", "s3cret")),
        (Credential("bearer", {"token": "s3cret"}, ("127.0.0.1:PORT",)), ("authorization", "Bearer s3cret")),
        (
            Credential("basic", {"username": "ana", "password": "s3cret"}, ("127.0.0.1:PORT",)),
            ("authorization", "Basic YW5hOnMzY3JldA=="),
        ),
    ],
)
def test_a_credential_is_sent_to_the_hosts_that_it_names(credential: Credential, header: tuple[str, str]) -> None:
    output, peer = ask(credentials={"mine": credential}, credential="mine")
    assert header in sent(peer)[1].items()
    assert "s3cret" not in json.dumps(output)


def test_a_credential_is_sent_nowhere_else() -> None:
    elsewhere = {"mine": Credential("bearer", {"token": "s3cret"}, ("api.example",))}
    assert refuse(credentials=elsewhere, credential="mine").reason == "CredentialRefused"
    here = {"mine": Credential("bearer", {"token": "s3cret"}, ("127.0.0.1:PORT",))}
    assert refuse(credentials=here, settings={"insecureHosts": []}, credential="mine").reason == "InsecureRefused"
    assert refuse(credential="mine").reason == "CredentialMissing"


def test_a_credential_is_left_behind_at_another_origin() -> None:
    async def run() -> bytes:
        async with run_peer() as other, GuardedClient(HttpSettings.model_validate(SETTINGS)) as client:
            location = f"Location: http://127.0.0.1:{other.ports[False]}/"
            async with run_peer({"/": build_answer(b"", location, status="307 Elsewhere")}) as peer:
                host = f"127.0.0.1:{peer.ports[False]}"
                credentials = {"mine": Credential("apiKey", {"key": "s3cret", "header": "X-Odd"}, (host,))}
                given = {"url": f"http://{host}/", "credential": "mine", "headers": {"X-Other": "s3cret"}}
                await run_node("http", given, http=client, credentials=credentials)
                assert b"s3cret" in peer.requests[0]
            return other.requests[0]

    assert b"s3cret" not in asyncio.run(run())


async def never(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


def test_an_answer_that_does_not_begin_in_time_is_a_timeout_that_says_so() -> None:
    error = refuse({"/": never}, answerWithin="100ms")
    assert error.reason == "Timeout"
    assert error.message.startswith("0.1 s were not enough: waiting for the answer to begin: look whether")


def test_the_time_of_the_node_is_the_time_of_the_call() -> None:
    error = refuse({"/": never}, timeout=0.2)
    assert error.reason == "Timeout"
    assert re.match(r"not done after 0\.1\d+ s, t", error.message)


def test_a_body_that_is_too_large_is_not_read() -> None:
    assert refuse({"/": build_answer(b"x" * 2000)}, settings={"maxBodyBytes": 1000}).reason == "BodyTooLarge"


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://localhost:6443/", "file:///etc/passwd", "http://127.1/"])
def test_what_is_not_public_is_refused(url: str) -> None:
    error = refuse(url=url, settings={"openAddresses": []})
    assert error.reason in {"AddressRefused", "SchemeRefused", "InvalidUrl"}


def test_encryption_without_a_proof_is_refused() -> None:
    assert refuse(url="https://a.example/", tls={"verify": False}).reason == "InsecureRefused"
    assert refuse(url="https://127.0.0.1/", tls={"authority": "x"}).reason == "InvalidRequest"
    assert "tls.atLeast" in refuse(tls={"atLeast": "1.1"}).message
