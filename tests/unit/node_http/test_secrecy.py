"""Who is asked, and who is sent secrets, has proved who they are, unless an admin says that they cannot."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from headgate_node.http import GuardedClient, HttpError, HttpSettings, Reason, Response, Tls
from headgate_node.http.exchange import build_ssl_context
from headgate_node.http.policy import decide_secrecy
from headgate_node.http.request import Options, Request, build_request
from support.certificates import issue
from support.http_peer import Detour, run_peer
from support.http_wire import ALLOWED, Names, Wire, build_answer

SECRET = {"authorization": "Bearer s3cret"}
INSECURE = HttpSettings(insecure_hosts=("old.example",))
UNCHECKED = Tls(verify=False)


def decide(url: str, settings: HttpSettings | None = None, **options: Any) -> Reason | None:
    request = build_request("GET", url, Options(**options))  # type: ignore[typeddict-item]  # kept short for tests
    assert isinstance(request, Request)
    failure = decide_secrecy(request, settings or HttpSettings())
    return failure.reason if failure else None


@pytest.mark.parametrize(
    ("url", "options", "insecure"),
    [
        ("https://a.example/", {}, False),
        ("https://a.example/", {"credentials": SECRET}, False),
        ("https://a.example/", {"credentials": SECRET, "tls": Tls(at_least="1.3")}, False),
        ("http://a.example/", {}, False),
        ("http://a.example/", {"tls": UNCHECKED}, False),
        ("http://a.example/", {"credentials": SECRET}, True),
        ("http://a.example/", {"content": b"s3cret", "is_secret": True}, True),
        ("https://a.example/", {"tls": UNCHECKED}, True),
        ("https://a.example/", {"tls": Tls(authority="x")}, False),
        ("https://a.example/", {"credentials": SECRET, "tls": Tls(authority="x")}, True),
    ],
)
def test_what_proves_nothing_is_for_hosts_that_an_admin_calls_insecure(
    url: str, options: dict[str, Any], insecure: bool
) -> None:
    assert decide(url, **options) == (Reason.INSECURE_REFUSED if insecure else None)
    assert decide(url.replace("a.example", "old.example"), INSECURE, **options) is None


def test_the_message_says_what_to_do() -> None:
    request = build_request("GET", "http://a.example/?q=s3cret", Options(credentials=SECRET))
    assert isinstance(request, Request)
    assert str(decide_secrecy(request, HttpSettings())) == (
        "a credential goes to http://a.example/ only where its certificate is checked by the platform: write https, "
        "without a `tls` of your own, or ask an admin of the namespace, if the workflow needs it"
    )


def test_a_redirect_does_not_lead_an_unchecked_request_to_another_host() -> None:
    async def ask() -> list[str]:
        wire = Wire(lambda _: build_answer(b"", "Location: https://other.example/", status="302 X"))
        async with GuardedClient(INSECURE, resolver=Names({}, otherwise=ALLOWED), dial=wire) as client:
            with pytest.raises(HttpError, match=r"the certificate of `other\.example` must be checked"):
                await client.request("GET", "https://old.example/", tls=UNCHECKED)
        return wire.connected

    assert asyncio.run(ask()) == [ALLOWED]


async def ask_in_tls(folder: Path, settings: dict[str, Any], **options: Any) -> Response:
    """Ask a server whose certificate no public authority has signed."""
    ca_file, tls = issue(["a.example"], folder)
    if options.pop("trusted", False):
        options["tls"] = Tls(authority=ca_file.read_text())
    async with run_peer(tls=tls) as peer:
        names = Names({}, otherwise=ALLOWED)
        client = GuardedClient(HttpSettings.model_validate(settings), resolver=names, dial=Detour(peer))
        async with client:
            return await client.request("GET", "https://a.example/", **Options(**options))  # type: ignore[typeddict-item]  # as above


def test_a_certificate_of_an_unknown_authority_is_refused_and_one_that_is_given_is_trusted(tmp_path: Path) -> None:
    with pytest.raises(HttpError, match=r"no encryption with https://a\.example") as told:
        asyncio.run(ask_in_tls(tmp_path, {}))
    assert told.value.reason is Reason.TLS_FAILED
    assert asyncio.run(ask_in_tls(tmp_path, {}, trusted=True)).status == 200


def test_a_certificate_goes_unchecked_where_an_admin_lets_it(tmp_path: Path) -> None:
    assert asyncio.run(ask_in_tls(tmp_path, {"insecureHosts": ["a.example"]}, tls=UNCHECKED)).status == 200


def test_connections_that_were_unchecked_are_not_shared_with_requests_that_are_checked(tmp_path: Path) -> None:
    async def ask() -> Reason:
        _, tls = issue(["a.example"], tmp_path)
        settings = HttpSettings(insecure_hosts=("a.example",))
        async with run_peer(tls=tls) as peer:
            client = GuardedClient(settings, resolver=Names({}, otherwise=ALLOWED), dial=Detour(peer))
            async with client:
                await client.request("GET", "https://a.example/", tls=UNCHECKED)
                with pytest.raises(HttpError) as told:
                    await client.request("GET", "https://a.example/", credentials=SECRET)
        return told.value.reason

    assert asyncio.run(ask()) is Reason.TLS_FAILED


def test_an_authority_is_trusted_instead_of_the_public_ones() -> None:
    with pytest.raises(HttpError, match="is no certificate in PEM") as told:
        build_ssl_context(HttpSettings(), Tls(authority="x"))
    assert told.value.reason is Reason.INVALID_REQUEST
    assert build_ssl_context(HttpSettings(), Tls(at_least="1.3")).minimum_version is ssl.TLSVersion.TLSv1_3
