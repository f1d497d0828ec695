"""A certificate in the webhook's Secret that is not ours: whose it is, and whether the API server would take it."""

import base64
import datetime as dt
import re
from functools import cache
from typing import Any

import pytest

from headgate.handlers.certificates import LIFETIME, Certificate, make_certificate, secret_data
from headgate.handlers.given_certificate import UnfitError, asked_host, owner_of, read_given
from support.certificates import issue

NOW = dt.datetime.now(dt.UTC)
HOST = "headgate-webhook.headgate.svc"
MANAGED = {"cert-manager.io/certificate-name": "headgate"}


@cache
def ours(host: str = HOST) -> Certificate:
    return make_certificate((host,), NOW)


def given(**data: bytes) -> dict[str, Any]:
    """As cert-manager writes it."""
    metadata = {"name": "headgate-webhook", "namespace": "headgate", "annotations": MANAGED}
    encoded = {name.replace("_", "."): base64.b64encode(part).decode() for name, part in data.items()}
    return {"metadata": metadata, "type": "kubernetes.io/tls", "data": encoded}


def test_a_secret_is_ours_if_it_is_as_we_write_it_or_empty_and_nobody_claims_it() -> None:
    data = secret_data(ours())
    foreign = {name: data[name] for name in ("tls.crt", "tls.key")}
    owner = {"kind": "Certificate", "name": "c", "controller": True}
    for metadata, content, whose in (
        ({}, data, ""),
        ({}, {}, ""),
        ({}, {**data, "tls.key": "!"}, ""),
        ({}, foreign, "somebody else"),
        ({"annotations": MANAGED}, data, "cert-manager"),
        ({"annotations": MANAGED}, {}, "cert-manager"),
        ({"ownerReferences": [owner]}, data, "Certificate c"),
    ):
        assert owner_of({"metadata": metadata, "data": content}) == whose


def test_one_that_the_api_server_would_take_is_served_and_what_it_says_is_trusted(tmp_path: Any) -> None:
    ca, _ = issue([HOST], tmp_path)
    both = (tmp_path / "server.pem").read_bytes()
    begins = both.index(b"-----BEGIN CERTIFICATE")
    signed = {"tls_key": both[:begins], "tls_crt": both[begins:]}
    found = read_given(given(**signed, ca_crt=ca.read_bytes()), HOST, NOW)
    assert (found.chain, found.trusted, found.hosts) == (signed["tls_crt"], ca.read_bytes(), (HOST,))
    assert NOW < found.until < NOW + dt.timedelta(hours=2)
    alone = read_given(given(**signed), HOST, NOW)
    assert alone.trusted == signed["tls_crt"], "where no authority is named, it is trusted itself"


@pytest.mark.parametrize(
    ("data", "now", "why"),
    [
        ({}, NOW, "tls.crt and tls.key are missing"),
        ({"tls_crt": ours().chain}, NOW, "tls.key is missing"),
        ({"tls_crt": b"none", "tls_key": b"none"}, NOW, "it is no certificate with its key"),
        ({"tls_crt": ours().chain, "tls_key": ours("other").key}, NOW, "it is no certificate with its key"),
        ({"tls_crt": ours("other").chain, "tls_key": ours("other").key}, NOW, f"it is not one of {HOST}"),
        (
            {"tls_crt": ours().chain, "tls_key": ours().key, "ca_crt": ours("other").chain},
            NOW,
            "`ca.crt` does not vouch for it (self-signed certificate)",
        ),
        ({"tls_crt": ours().chain, "tls_key": ours().key}, NOW + LIFETIME, "it ended on 20"),
    ],
)
def test_one_that_it_would_not_take_is_told_with_what_to_do(data: dict[str, bytes], now: dt.datetime, why: str) -> None:
    with pytest.raises(UnfitError, match=re.escape(why)) as raised:
        read_given(given(**data), HOST, now)
    told = str(raised.value)
    assert told.startswith(
        "Secret headgate-webhook in namespace headgate is kept by cert-manager, so it is left as it is"
    )
    assert told.endswith(f"Have a certificate of {HOST} put there, or take it away: Headgate makes its own then")


def test_the_api_server_asks_for_the_service_or_for_an_address_outside() -> None:
    assert asked_host("headgate-webhook", "headgate") == HOST
    assert asked_host("127.0.0.1", "headgate") == "127.0.0.1"
