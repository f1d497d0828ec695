"""One reading of a URL: strict, stable, and the same as that of the programs that might read it after us."""

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from headgate_lang.addresses import read_address
from headgate_node.http.failure import Failure
from headgate_node.http.target import Target, join_target, parse_target

BASE = Target("https", "api.example.com", 443, "/v1/items?page=2")
PIECES = st.sampled_from(
    [
        *"@:/\\?#[]%.-_ \t\n",
        "http",
        "https",
        "://",
        "//",
        "a",
        "example",
        "127.0.0.1",
        "::1",
        "0x7f",
        "0177",
        "80",
        "①",
        "。",
        "ü",
        "%2e",
        "%40",
        "\u200b",
        "443",
        "xn--",
        "..",
        "localhost",
    ]
)
URLS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map(lambda pieces: "http://" + "".join(pieces)))


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("http://example.com", Target("http", "example.com", 80, "/")),
        ("HTTP://Example.COM:80/A?b=C#d", Target("http", "example.com", 80, "/A?b=C")),
        ("https://example.com:8443", Target("https", "example.com", 8443, "/")),
        ("https://example.com?a=1", Target("https", "example.com", 443, "/?a=1")),
        ("http://93.184.215.14/", Target("http", "93.184.215.14", 80, "/")),
        ("http://[2606:4700:0:0::1111]/", Target("http", "2606:4700::1111", 80, "/")),
        ("https://bücher.example/ä?ö=100%", Target("https", "xn--bcher-kva.example", 443, "/%C3%A4?%C3%B6=100%25")),
    ],
)
def test_a_plain_url_is_read(url: str, meant: Target) -> None:
    assert parse_target(url) == meant


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://2130706433/", "which some programs read as an address: write an address as four decimal numbers"),
        ("http://127.1/", "four decimal numbers"),
        ("http://user:pw@example.com/", "keep them in a Credential"),
        ("http://example.com\\@evil.example/", "has a backslash"),
        ("http://exam\tple.com/", "the invisible character U+0009: take it out"),
        ("http://①②⑦.0.0.1/", "if you mean `127.0.0.1`, write that"),
        ("http://example.com./", "leave the dot out"),
        ("http://[fe80::1%25eth0]/", "an IPv6 address in brackets"),
        ("http://[12345::]/", "has no IPv6 address in its brackets"),
        ("http://example.com:99999/", "the last one is 65535"),
        ("http://example.com:0/", "a port from 1 to 65535"),
        ("http://-a.example/", "which is no name"),
        (f"http://{'a' * 64}.example/", "which is no name"),
        (f"http://{'a.' * 130}example/", "which is no name"),
        ("http://a%2eb/", "which is no name"),
        ("http://\u0378.example/", "the invisible character U+0378"),
        ("http://→.example/", "letters that no name can have"),
        ("ftp://example.com/", "nodes speak http and https, not `ftp`"),
        ("example.com/items", "write it whole: https://api.example.com/items"),
        ("http:///items", "names no host"),
        ("http://example.com/" + "a" * 9000, "put the rest into the body"),
    ],
)
def test_what_is_not_plain_is_refused_with_the_plain_way_to_write_it(url: str, says: str) -> None:
    failure = parse_target(url)
    assert isinstance(failure, Failure)
    assert says in str(failure)


@given(URLS)
@example("http://example.com/../a")
def test_reading_never_raises_and_what_was_read_reads_the_same_again(url: str) -> None:
    target = parse_target(url)
    if isinstance(target, Target):
        assert parse_target(target.url) == target


@given(URLS)
def test_other_programs_read_the_same_host_and_port_from_what_was_read(url: str) -> None:
    target = parse_target(url)
    if isinstance(target, Target):
        theirs, split = httpx.URL(target.url), urlsplit(target.url)
        assert (theirs.scheme, theirs.raw_host.decode().strip("[]")) == (target.scheme, target.host)
        assert (theirs.port or {"http": 80, "https": 443}[target.scheme]) == target.port
        assert split.hostname == target.host


@given(URLS)
@example("http://127.1/")
@example("http://0x7f000001/")
def test_no_host_is_a_name_to_us_and_a_number_to_the_c_library(url: str) -> None:
    target = parse_target(url)
    if isinstance(target, Target) and target.address is None:
        with pytest.raises(OSError, match="illegal"):
            socket.inet_aton(target.host)


@given(st.ip_addresses())
def test_every_plain_address_is_read_as_itself(address: object) -> None:
    text = str(address)
    target = parse_target(f"http://[{text}]/" if ":" in text else f"http://{text}/")
    if "%" not in text:
        assert isinstance(target, Target)
        assert target.address == read_address(text) == ip_address(text)


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("/v2", "https://api.example.com/v2"),
        ("next", "https://api.example.com/v1/next"),
        ("../v2", "https://api.example.com/v2"),
        ("?page=3", "https://api.example.com/v1/items?page=3"),
        ("//other.example/x", "https://other.example/x"),
        ("https://other.example:444/x", "https://other.example:444/x"),
        ("", "https://api.example.com/v1/items?page=2"),
    ],
)
def test_a_location_is_read_as_seen_from_the_page(location: str, url: str) -> None:
    target = join_target(BASE, location)
    assert isinstance(target, Target)
    assert target.url == url


@pytest.mark.parametrize(
    "location",
    ["https:other.example", "//a@b/", "//[x]/", "//[::1", "///a/", "////a/", "\\\\other.example", "/a b", "ftp://x/"],
)
def test_a_location_is_no_less_strictly_read(location: str) -> None:
    assert isinstance(join_target(BASE, location), Failure)
