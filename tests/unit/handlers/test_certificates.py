"""The webhook's certificate: made out to its Service, renewed in time, trusted before it is shown."""

import asyncio
import base64
import datetime as dt
import ssl

from headgate.handlers.certificates import (
    LIFETIME,
    Certificate,
    hosts_of,
    make_certificate,
    needs_another,
    read_secret,
    secret_data,
    with_trust,
)

NOW = dt.datetime.now(dt.UTC)
HOSTS = hosts_of("localhost", "headgate")


def test_a_certificate_is_renewed_a_month_before_its_end() -> None:
    certificate = make_certificate(HOSTS, NOW)
    assert not needs_another(certificate, HOSTS, NOW + dt.timedelta(days=59))
    assert needs_another(certificate, HOSTS, NOW + dt.timedelta(days=61))
    assert needs_another(certificate, HOSTS, NOW + 2 * LIFETIME)


def test_one_that_is_missing_or_made_out_to_others_is_replaced() -> None:
    certificate = make_certificate(HOSTS, NOW)
    assert needs_another(None, HOSTS, NOW)
    assert needs_another(certificate, hosts_of("another", "headgate"), NOW)


def test_a_secret_holds_it_and_anything_else_is_none() -> None:
    certificate = make_certificate(HOSTS, NOW)
    assert read_secret({"data": secret_data(certificate)}) == certificate
    assert read_secret(None) is None
    assert read_secret({"data": {"tls.crt": "!"}}) is None


def test_one_that_no_server_could_show_is_made_anew() -> None:
    data = secret_data(make_certificate(HOSTS, NOW))
    assert read_secret({"data": {**data, "tls.key": data["hosts"]}}) is None
    assert read_secret({"data": {**data, "until": base64.b64encode(b"2027-01-01T00:00:00").decode()}}) is None


def test_while_one_replaces_another_both_are_trusted() -> None:
    old = make_certificate(HOSTS, NOW)
    new = make_certificate(HOSTS, NOW, old)
    assert new.trusted == new.chain + old.chain
    assert make_certificate(HOSTS, NOW, new).trusted.count(b"BEGIN CERTIFICATE") == 2
    for shown in (old, new):
        asyncio.run(shake_hands(shown, new.trusted))


async def shake_hands(certificate: Certificate, trusted: bytes) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.load_into(served)

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=served)
    port = server.sockets[0].getsockname()[1]
    client = ssl.create_default_context(cadata=trusted.decode())
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        writer.close()
    finally:
        server.close()
        await server.wait_closed()


def test_the_api_server_is_told_only_what_is_new() -> None:
    certificate = make_certificate(HOSTS, NOW)
    configuration = {"webhooks": [{"name": "w", "clientConfig": {"service": {"name": "s"}}}]}
    webhooks = with_trust(configuration, certificate)
    assert webhooks is not None
    assert webhooks[0]["clientConfig"]["service"] == {"name": "s"}
    assert with_trust({"webhooks": webhooks}, certificate) is None
