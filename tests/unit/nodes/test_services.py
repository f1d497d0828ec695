"""`slack` and `pagerduty`: what they tell their services, and what they make of the answers."""

import asyncio
import json
from typing import Any

import pytest

from headgate_node import Credential, NodeError
from headgate_node.testing import run_node
from support.http_peer import Peer, run_peer
from support.http_wire import build_answer
from support.vendors import KEY, run_connector

SAYS = {"channel": "docs", "text": "Published."}
OPENS = {"summary": "The shop does not answer"}


def answer(document: Any, *headers: str, status: str = "200 OK") -> bytes:
    return build_answer(json.dumps(document).encode(), "Content-Type: application/json", *headers, status=status)


def ask(node: str, answered: bytes, settings: Any = None, **with_: Any) -> tuple[dict[str, Any], Peer]:
    async def run() -> tuple[dict[str, Any], Peer]:
        async with run_peer({"/api/chat.postMessage": answered, "/v2/enqueue": answered}) as peer:
            return await run_connector(node, peer.ports[False], with_, settings), peer

    return asyncio.run(run())


def refuse(node: str, answered: bytes = b"", settings: Any = None, **with_: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ask(node, answered, settings, **with_)
    assert KEY not in raised.value.message
    return raised.value


def read_sent(peer: Peer) -> tuple[bytes, Any]:
    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    return head, json.loads(body)


def test_slack_is_told_channel_text_and_thread() -> None:
    said = {"ok": True, "channel": "C012AB3CD", "ts": "1763703060.000100"}
    output, peer = ask("slack", answer(said), **SAYS, thread="1763703000.000001")
    assert output == {"id": "1763703060.000100", "channel": "C012AB3CD"}
    head, document = read_sent(peer)
    assert head.startswith(b"POST /api/chat.postMessage HTTP/1.1\r\n")
    assert f"authorization: Bearer {KEY}".encode() in head
    assert document == {"channel": "docs", "text": "Published.", "thread_ts": "1763703000.000001"}


@pytest.mark.parametrize(
    ("error", "reason", "says"),
    [
        ("channel_not_found", "ServiceRefused", "no message for `docs`: channel_not_found: look for a slip"),
        ("invalid_auth", "ServiceRefused", "an admin looks at the token"),
        ("something_new", "ServiceRefused", "something_new"),
        ("internal_error", "HttpStatus", "internal_error"),
    ],
)
def test_what_slack_refuses_is_told_with_what_to_do(error: str, reason: str, says: str) -> None:
    told = refuse("slack", answer({"ok": False, "error": error}), **SAYS)
    assert (told.reason, told.status) == (reason, 503 if reason == "HttpStatus" else None)
    assert says in told.message


def test_pagerduty_is_told_what_happened_where() -> None:
    output, peer = ask(
        "pagerduty", answer({"status": "success", "dedup_key": "shop"}, status="202 Accepted"), **OPENS, key="shop"
    )
    assert output == {"id": "shop"}
    head, event = read_sent(peer)
    assert head.startswith(b"POST /v2/enqueue HTTP/1.1\r\n")
    assert event == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": "shop",
        "client": "Headgate",
        "payload": {
            "summary": "The shop does not answer",
            "severity": "critical",
            "source": "default/test-1",
            "component": "pagerduty",
            "group": "test",
        },
    }


def test_a_repeated_attempt_has_the_key_of_the_first() -> None:
    _, peer = ask("pagerduty", answer({"status": "success"}), **OPENS, details={"rate": 0.07})
    event = read_sent(peer)[1]
    assert event["dedup_key"].endswith("/pagerduty")
    assert event["payload"]["custom_details"] == {"rate": 0.07}


def test_what_pagerduty_refuses_is_told() -> None:
    invalid = answer({"status": "invalid event", "message": "Event object is invalid"}, status="400 Bad Request")
    assert "Event object is invalid" in refuse("pagerduty", invalid, **OPENS).message
    assert refuse("pagerduty", answer({"status": "odd"}), **OPENS).reason == "ServiceRefused"


@pytest.mark.parametrize(("node", "with_"), [("slack", SAYS), ("pagerduty", OPENS)])
def test_every_service_is_asked_alike(node: str, with_: dict[str, Any]) -> None:
    busy = refuse(node, answer({}, "Retry-After: 30", status="429 Too Many Requests"), **with_)
    assert (busy.reason, busy.status, busy.retry_after) == ("HttpStatus", 429, 30.0)
    assert refuse(node, answer({}, "Location: http://10.0.0.1/", status="307 X"), **with_).status == 307
    assert refuse(node, build_answer(b"<html>"), **with_).reason == "InvalidResponse"
    assert refuse(node, settings={"insecureHosts": []}, **with_).reason == "InsecureRefused"


@pytest.mark.parametrize(("node", "with_"), [("slack", SAYS), ("pagerduty", OPENS)])
def test_a_credential_goes_to_its_own_service_or_to_where_its_admin_sends_it(node: str, with_: dict[str, Any]) -> None:
    stray = {"mine": Credential("apiKey", {"key": KEY, "url": "https://evil.example"})}
    with pytest.raises(NodeError) as raised:
        asyncio.run(run_node(node, {"credential": "mine", **with_}, credentials=stray))
    assert raised.value.reason == "CredentialRefused"
