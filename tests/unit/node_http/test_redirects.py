"""Redirects: which are followed, with what, and what stays behind at the origin."""

import asyncio

import pytest

from headgate_node.http import GuardedClient, HttpError, HttpSettings, Response
from headgate_node.http.failure import Failure, Reason
from headgate_node.http.redirect import decide_redirect
from headgate_node.http.request import Options, Request, build_request
from support.http_wire import ALLOWED, Names, Wire, build_answer

ALL_CODES = range(300, 309)
FOLLOWED = {301, 302, 303, 307, 308}
SECRETS = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret"}


def build(method: str = "GET", url: str = "https://api.example.com/v1", **options: object) -> Request:
    request = build_request(method, url, Options(**options))  # type: ignore[typeddict-item]  # kept short for tests
    assert isinstance(request, Request)
    return request


def follow(request: Request, location: str, status: int = 302) -> Request:
    following = decide_redirect(request, status, [location.encode()])
    assert isinstance(following, Request), following
    return following


async def ask(url: str, location: str, status: int, settings: HttpSettings | None = None) -> tuple[Response, Wire]:
    def script(request: bytes) -> bytes:
        if b" /go" in request:
            return build_answer(b"moved", f"Location: {location}", status=f"{status} X")
        return build_answer(b"there")

    wire = Wire(script)
    names = Names({}, otherwise=ALLOWED)
    async with GuardedClient(settings or HttpSettings(), resolver=names, dial=wire) as client:
        return await client.request("GET", url), wire


@pytest.mark.parametrize("status", ALL_CODES)
def test_five_of_the_nine_codes_lead_elsewhere_and_the_others_are_answers(status: int) -> None:
    answer, wire = asyncio.run(ask("http://a.example/go", "/there", status))
    assert answer.status == (200 if status in FOLLOWED else status)
    assert (answer.url, answer.redirects) == (
        ("http://a.example/there", 1) if status in FOLLOWED else ("http://a.example/go", 0)
    )
    assert set(wire.connected) == {ALLOWED}


@pytest.mark.parametrize("status", ALL_CODES)
@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "http://169.254.169.254/latest/", "http://[::ffff:10.0.0.1]/", "//10.0.0.1/", "file:///x"],
)
def test_no_code_leads_to_a_forbidden_place(status: int, location: str) -> None:
    if status in FOLLOWED:
        with pytest.raises(HttpError):
            asyncio.run(ask("http://a.example/go", location, status))
    else:
        assert asyncio.run(ask("http://a.example/go", location, status))[1].connected == [ALLOWED]


@pytest.mark.parametrize(
    "location",
    ["ftp://a.example/", "gopher://a.example/", "ws://a.example/", "data:,x", "javascript:1", "file:///etc/passwd"],
)
def test_a_redirect_to_another_protocol_is_refused(location: str) -> None:
    with pytest.raises(HttpError, match="leads elsewhere, and there: nodes speak http and https"):
        asyncio.run(ask("http://a.example/go", location, 302))


def test_a_redirect_out_of_encryption_is_refused_and_into_it_is_followed() -> None:
    with pytest.raises(HttpError, match="where everybody on the way can read along"):
        asyncio.run(ask("https://a.example/go", "http://a.example/", 301))
    assert asyncio.run(ask("http://a.example/go", "https://a.example/", 301))[0].url == "https://a.example/"


def test_a_message_does_not_tell_what_stands_in_a_query() -> None:
    with pytest.raises(HttpError) as told:
        asyncio.run(ask("https://a.example/go?token=s3cret", "http://a.example/?token=s3cret", 301))
    assert "s3cret" not in str(told.value)


def test_redirects_have_an_end() -> None:
    with pytest.raises(HttpError, match="more than 3 redirects") as told:
        asyncio.run(ask("http://a.example/go", "/go", 302, HttpSettings(max_redirects=3)))
    assert told.value.reason is Reason.TOO_MANY_REDIRECTS


def test_a_redirect_may_lead_only_to_one_of_the_only_hosts() -> None:
    settings = HttpSettings(only_hosts=("a.example",))
    with pytest.raises(HttpError, match=r"`b\.example` is not among the hosts of this namespace"):
        asyncio.run(ask("http://a.example/go", "http://b.example/", 302, settings))


def test_two_locations_that_differ_are_refused() -> None:
    failure = decide_redirect(build(), 302, [b"/a", b"/b"])
    assert isinstance(failure, Failure)
    assert failure.reason is Reason.REDIRECT_REFUSED
    assert isinstance(decide_redirect(build(), 302, [b"/a", b"/a"]), Request)


def test_a_location_that_is_no_text_is_refused() -> None:
    assert isinstance(decide_redirect(build(), 302, [b"/\xff"]), Failure)


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/",
        "https://www.api.example.com/",
        "https://example.com/",
        "https://api.example.com:444/",
        "//other.example/",
    ],
)
def test_secrets_stay_at_their_origin(location: str) -> None:
    headers = {"Cookie": "a=1", "X-Custom-Secret": "s", "Private-Token": "s", "Accept": "text/plain"}
    following = follow(build(headers=headers, credentials=SECRETS), location)
    assert following.headers == {"accept": "text/plain"}
    assert following.credentials == {}
    assert b"s3cret" not in repr(following.build_wire_headers()).encode()


def test_secrets_go_on_within_their_origin() -> None:
    request = build(headers={"Cookie": "a=1"}, credentials=SECRETS)
    following = follow(request, "https://API.example.com:443/v2")
    assert (following.headers, following.credentials) == (request.headers, request.credentials)


def test_a_body_that_holds_a_secret_does_not_go_on_to_another_origin() -> None:
    request = build("POST", json={"key": "s3cret"}, is_secret=True)
    failure = decide_redirect(request, 307, [b"https://other.example/"])
    assert isinstance(failure, Failure)
    assert "with a body that holds a secret" in failure.message
    assert follow(request, "/v2", 307).content == request.content
    assert follow(request, "https://other.example/", 303).content == b""


def test_secrets_that_were_left_behind_do_not_come_back() -> None:
    away = follow(build(credentials=SECRETS), "https://other.example/")
    assert follow(away, "https://api.example.com/v1").credentials == {}


def test_secrets_do_not_even_move_from_plain_to_encrypted() -> None:
    assert (
        follow(build(url="http://api.example.com/", credentials=SECRETS), "https://api.example.com/").credentials == {}
    )


def test_secrets_are_not_in_what_is_printed_of_a_request() -> None:
    assert "s3cret" not in repr(build(credentials=SECRETS, content=b"s3cret"))


@pytest.mark.parametrize(
    ("method", "status", "becomes"),
    [
        ("GET", 301, "GET"),
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("PUT", 301, "PUT"),
        ("PUT", 303, "GET"),
        ("DELETE", 302, "DELETE"),
        ("HEAD", 303, "HEAD"),
    ],
)
def test_the_method_changes_as_in_browsers_and_the_body_goes_with_it(method: str, status: int, becomes: str) -> None:
    following = follow(build(method, json={"a": 1}), "/v2", status)
    assert following.method == becomes
    assert following.content == (b"" if becomes == "GET" != method else b'{"a":1}')
    assert ("content-type" in following.headers) is bool(following.content)
