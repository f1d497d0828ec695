"""Who may be reached: the table of addresses, and what the admin of a namespace says about it."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from headgate_lang.addresses import find_hidden_ipv4, find_special_range
from headgate_node.http.failure import Failure, Reason
from headgate_node.http.policy import decide_addresses, decide_host
from headgate_node.http.settings import HttpSettings

PUBLIC = "93.184.215.14"


def decide(settings: dict[str, list[str]], *addresses: str) -> Failure | None:
    return decide_addresses("x.example", [ip_address(one) for one in addresses], HttpSettings.model_validate(settings))


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_is_public_to_us_that_is_not_to_the_standard_library(address: IPv4Address) -> None:
    if find_special_range(address) is None:
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6) | st.ip_addresses(network="2000::/3") | st.ip_addresses(network="2001::/16"))
def test_no_ipv6_address_is_public_to_us_that_is_not_to_the_standard_library(address: IPv6Address) -> None:
    if find_special_range(address) is None:
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:", "::", "::ffff:0:", "64:ff9b::", "2606:4700::5efe:"]))
def test_an_ipv4_address_does_not_hide_in_an_ipv6_address(address: IPv4Address, prefix: str) -> None:
    disguised = ip_address(f"{prefix}{address}")
    assert find_hidden_ipv4(disguised) == address
    if decide({}, str(address)):
        assert decide({}, str(disguised))


def test_a_cluster_without_ipv4_reaches_public_addresses_through_nat64() -> None:
    assert decide({}, f"64:ff9b::{PUBLIC}") is None
    assert decide({}, "64:ff9b::10.0.0.1") is not None


def test_a_single_forbidden_answer_among_many_refuses_them_all() -> None:
    assert decide({}, PUBLIC, "2606:4700::1111") is None
    assert decide({}, PUBLIC, "127.0.0.1", "2606:4700::1111") is not None


def test_an_admin_opens_a_network_of_their_own() -> None:
    assert decide({"openAddresses": ["10.20.0.0/16"]}, "10.20.3.4") is None
    assert decide({"openAddresses": ["10.20.0.0/16"]}, "10.21.3.4") is not None
    assert decide({"openAddresses": ["fd12::/16"]}, "fd12::1") is None


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"])
def test_nothing_opens_a_metadata_service(address: str) -> None:
    assert decide({"openAddresses": ["0.0.0.0/0", "::/0"]}, address) is not None


def test_what_is_denied_or_of_the_cluster_stays_closed_inside_what_is_open() -> None:
    opened = ["10.0.0.0/8"]
    assert decide({"openAddresses": opened, "denyAddresses": ["10.20.0.0/16"]}, "10.20.0.1") is not None
    assert decide({"openAddresses": opened, "clusterAddresses": ["10.96.0.0/12"]}, "10.96.0.1") is not None
    assert decide({"denyAddresses": [f"{PUBLIC}/32"]}, PUBLIC) is not None
    assert decide({"denyAddresses": [f"{PUBLIC}/32"]}, f"64:ff9b::{PUBLIC}") is not None


def test_the_message_says_where_a_name_leads_and_what_to_do() -> None:
    failure = decide({}, "64:ff9b::10.0.0.1")
    assert str(failure) == (
        "`x.example` leads to 64:ff9b::a00:1, an address of a private network (in truth 10.0.0.1): "
        "nodes reach public addresses only; ask an admin of the namespace, if the workflow needs it"
    )


@pytest.mark.parametrize(
    ("lists", "host", "allowed"),
    [
        ({}, "api.example.com", True),
        ({"denyHosts": ["api.example.com"]}, "api.example.com", False),
        ({"denyHosts": ["api.example.com"]}, "www.api.example.com", True),
        ({"denyHosts": ["*.example.com"]}, "a.b.example.com", False),
        ({"denyHosts": ["*.example.com"]}, "example.com", True),
        ({"denyHosts": ["*.example.com"]}, "badexample.com", True),
        ({"onlyHosts": ["*.example.com"]}, "api.example.com", True),
        ({"onlyHosts": ["*.example.com"]}, "api.example.org", False),
        ({"onlyHosts": ["93.184.215.14", "2606:4700::1111"]}, "2606:4700::1111", True),
        ({"onlyHosts": ["*.example.com"], "denyHosts": ["api.example.com"]}, "api.example.com", False),
    ],
)
def test_hosts_are_denied_or_the_only_ones(lists: dict[str, list[str]], host: str, allowed: bool) -> None:
    failure = decide_host(host, HttpSettings.model_validate(lists))
    assert (failure is None) is allowed
    assert failure is None or failure.reason is Reason.HOST_REFUSED


@pytest.mark.parametrize(
    "settings",
    [
        {"openAddresses": ["10.0.0.1/8"]},
        {"denyHosts": ["https://example.com"]},
        {"denyHosts": ["ex*mple.com"]},
        {"denyHosts": ["Example.com"]},
        {"allowHosts": ["example.com"]},
        {"timeouts": {"total": 0}},
        {"maxBodyBytes": -1},
    ],
)
def test_settings_that_would_not_do_what_they_seem_to_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HttpSettings.model_validate(settings)
