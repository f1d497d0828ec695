"""Calls an HTTP service.

An answer with a status above 299 fails the node with `HttpStatus` and the beginning of what the service says, unless
the status is listed under `accept`. Redirects are followed. JSON comes out as a value under `body`, text as text, and
all else as `base64`.

A `credential` is sent to the hosts that it names and to no other, encrypted, and is left behind where a redirect leads
elsewhere. Its values: of type `apiKey` a `key`, `header` if that is not X-API-Key, and `prefix` if something stands
before the key; of `basic` a `username` and a `password`; of `bearer` a `token`.

The whole call has the node's `timeout` (30 s), connecting and agreeing on encryption 10 s each; the answer must begin,
and go on, within 10 s, or `answerWithin`. Addresses that are not public are refused, unless an admin of the namespace
has opened them.
"""

import base64 as codec
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import Field, model_validator

from headgate_core.calls import call, write_plainly
from headgate_lang.durations import PATTERN, parse
from headgate_node import Context, Example, Json, NodeError, Output, Params, Ref, Trait, node

if TYPE_CHECKING:
    from headgate_node.http.request import Options

Scalar = str | bool | int | float
Values = Annotated[dict[str, Scalar], Field(max_length=200)]
Status = Annotated[int, Field(ge=100, le=599)]


class HttpTls(Params):
    verify: bool = True
    """Whether to check the certificate. False only with hosts that the namespace's settings call insecure."""
    authority: Annotated[str, Field(max_length=100_000)] | None = None
    """Certificates in PEM that are trusted instead of the public ones. Never together with a `credential`."""
    at_least: Literal["1.2", "1.3"] = "1.2"
    """The lowest version of TLS."""


class HttpParams(Params):
    url: Annotated[str, Field(max_length=8000, json_schema_extra={"format": "uri"})]
    """Where to: http or https."""
    method: Literal["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    """What to do there."""
    headers: Annotated[dict[str, str], Field(max_length=100)] | None = None
    """Further headers."""
    query: Values | None = None
    """Added to the query of the URL."""
    json_: Json | None = None
    """A body that is sent as JSON."""
    text: Annotated[str, Field(max_length=10_000_000)] | None = None
    """A body that is sent as it is."""
    form: Values | None = None
    """A body that is sent as a form."""
    base64: Annotated[str, Field(max_length=14_000_000)] | None = None
    """A body of bytes, in base64."""
    accept: Annotated[list[Status], Field(max_length=100)] | None = None
    """Statuses above 299 that are no failure."""
    redirects: Annotated[int, Field(ge=0, le=20)] = 10
    """How many are followed; 0: an answer that leads elsewhere is the answer."""
    answer_within: Annotated[str, Field(pattern=PATTERN)] | None = None
    """How long the answer may take to begin, and to go on: `25s`."""
    tls: HttpTls | None = None
    """How to encrypt."""
    credential: Annotated[str, Ref("Credential", accepts=("apiKey", "basic", "bearer"))] | None = None
    """What to prove oneself with."""

    @model_validator(mode="after")
    def _has_one_body(self) -> Self:
        given = [name for name in ("json_", "text", "form", "base64") if getattr(self, name) is not None]
        if len(given) > 1:
            names = " and ".join(f"`{name.rstrip('_')}`" for name in given)
            raise ValueError(f"a request has one body, here are {names}: leave all but one out")
        return self


class HttpOutput(Output):
    status: int
    """200, mostly."""
    headers: dict[str, str]
    """By names in lower case; values of one name are joined by commas."""
    body: Json
    """JSON as a value, text as it is; empty where it is neither."""
    base64: str | None = None
    """A body that is neither, in base64."""
    url: str
    """Where the answer came from in the end."""
    ms: int
    """How long the answer took."""


@node(
    traits=(Trait.LIGHT, Trait.INTERNET),
    timeout="30s",
    idempotent_when={"method": ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]},
    examples=(
        Example(
            with_={"url": "https://git.example/acme/shop/commits"},
            output={"status": 200, "headers": {}, "body": [], "url": "https://git.example/acme/shop/commits", "ms": 12},
            needs="network",
        ),
        Example(
            with_={
                "url": "https://blog.example/posts",
                "method": "POST",
                "json": {"text": "Published."},
                "credential": "blog",
            },
            output={
                "status": 201,
                "headers": {"content-type": "application/json"},
                "body": {"id": 7},
                "url": "https://blog.example/posts",
                "ms": 31,
            },
            needs="network",
        ),
        Example(
            description="What belongs to the cluster or the cloud under it is out of reach.",
            with_={"url": "http://169.254.169.254/latest/meta-data/"},
            fails="AddressRefused",
        ),
    ),
)
async def run(params: HttpParams, ctx: Context) -> HttpOutput:
    from headgate_node.http.content import read_body  # noqa: PLC0415 - the client is loaded at first use

    url = _add_query(params.url, params.query)
    answer = await call(ctx, params.method, url, params.accept or (), **_build_options(params, url, ctx))
    content = read_body(answer.headers.get("content-type", ""), answer.body)
    told = {"body": "", **content}
    return HttpOutput(status=answer.status, headers=dict(answer.headers), url=answer.url, ms=answer.ms, **told)


def _build_options(params: HttpParams, url: str, ctx: Context) -> "Options":
    from headgate_node.http import Tls  # noqa: PLC0415 - as above
    from headgate_node.http.authentication import build_credentials  # noqa: PLC0415 - as above

    content_type, content = _build_body(params)
    options: Options = {
        "headers": {**content_type, **(_lower(params.headers or {}))},
        "max_redirects": params.redirects,
    }
    if content is not None:
        options["content"] = content
    if params.json_ is not None:
        options["json"] = params.json_
    if params.answer_within is not None:
        options["answer_within"] = parse(params.answer_within)
    if params.tls is not None:
        options["tls"] = Tls(params.tls.verify, params.tls.authority, params.tls.at_least)
    if params.credential is not None:
        options["credentials"] = build_credentials(params.credential, ctx.credential(params.credential), url)
    return options


def _build_body(params: HttpParams) -> tuple[dict[str, str], bytes | None]:
    if params.text is not None:
        return {"content-type": "text/plain; charset=utf-8"}, params.text.encode()
    if params.form is not None:
        return {"content-type": "application/x-www-form-urlencoded"}, _join("form", params.form).encode()
    if params.base64 is None:
        return {}, None
    try:
        return {"content-type": "application/octet-stream"}, codec.b64decode(params.base64, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NodeError("InvalidParameters", f"base64: {error}: encode the bytes anew") from None


def _join(parameter: str, values: Mapping[str, Any]) -> str:
    try:
        return urlencode(write_plainly(values))
    except UnicodeEncodeError:
        message = f"{parameter}: it has half a character, which no text can have: take it out"
        raise NodeError("InvalidParameters", message) from None


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _add_query(url: str, query: Mapping[str, Any] | None) -> str:
    if not query:
        return url
    bare = url.partition("#")[0]
    joint = "?" if "?" not in bare else "" if bare.endswith(("?", "&")) else "&"
    return f"{bare}{joint}{_join('query', query)}"
