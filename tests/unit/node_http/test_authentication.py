"""Credentials become headers, for the hosts that their admin named."""

from collections.abc import Mapping, Sequence

import pytest

from headgate_node import Credential, NodeError
from headgate_node.http import HttpError
from headgate_node.http.authentication import build_credentials, find_token

URL = "https://api.example/v1"


def build(type_: str, hosts: tuple[str, ...] = ("api.example",), url: str = URL, **values: str) -> Mapping[str, str]:
    return build_credentials("mine", Credential(type_, values, hosts), url)


def refuse(
    type_: str, hosts: tuple[str, ...] = ("api.example",), url: str = URL, known: Sequence[str] = (), **values: str
) -> str:
    with pytest.raises(NodeError) as raised:
        build_credentials("mine", Credential(type_, values, hosts), url, known)
    assert raised.value.reason == "CredentialRefused"
    assert "s3cret" not in raised.value.message
    return raised.value.message


def test_each_kind_has_its_header() -> None:
    assert build("apiKey", key="k") == {"X-API-Key": "k"}
    assert build("apiKey", key="k", header="Authorization", prefix="Token") == {"Authorization": "Token k"}
    assert build("bearer", token="t") == {"authorization": "Bearer t"}
    assert build("basic", username="ana", password="ä:b") == {"authorization": "Basic YW5hOsOkOmI="}


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        (("api.example",), "https://API.example:443/"),
        (("*.example",), "https://a.b.example/"),
        (("api.example:8443",), "https://api.example:8443/"),
        (("a.example", "api.example"), URL),
    ],
)
def test_it_goes_to_a_host_that_is_named(hosts: tuple[str, ...], url: str) -> None:
    assert build("bearer", hosts, url, token="t")


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.evil.example/",
        "https://notapi.example/",
        "https://example/",
        "https://api.example:8443/",
        "https://sub.api.example/",
    ],
)
def test_it_goes_to_no_other_host_or_port(url: str) -> None:
    assert "may not be sent to" in refuse("bearer", url=url, token="s3cret")


def test_one_that_names_no_hosts_goes_to_those_that_the_node_knows_and_without_any_to_none() -> None:
    told = refuse("bearer", (), token="s3cret")
    assert (
        told
        == "the credential 'mine' names no hosts, so it is sent to none: an admin adds `hosts: [api.example]` to it"
    )
    assert "may be sent to slack.com only" in refuse("bearer", (), known=("slack.com",), token="s3cret")
    known = build_credentials("mine", Credential("bearer", {"token": "t"}), URL, ("api.example",))
    assert known == {"authorization": "Bearer t"}


def test_one_that_is_incomplete_or_of_another_kind_says_so() -> None:
    assert "lacks the value `password`" in refuse("basic", username="s3cret")
    assert "lacks the value `key`" in refuse("apiKey", key="")
    assert "is of the type database" in refuse("database", password="s3cret")


def test_a_service_with_ways_of_its_own_gets_the_one_secret() -> None:
    assert find_token("mine", Credential("bearer", {"token": "t"})) == "t"
    assert find_token("mine", Credential("apiKey", {"key": "k"})) == "k"
    with pytest.raises(NodeError, match="lacks the value `token`, or `key`"):
        find_token("mine", Credential("basic", {"username": "s3cret"}))


def test_a_url_that_is_none_is_told_as_such() -> None:
    with pytest.raises(HttpError, match="has a user or password"):
        build("bearer", url="https://api.example@evil.example/", token="t")
