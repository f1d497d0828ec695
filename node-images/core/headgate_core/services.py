"""Services of vendors: what a connector must say of its own, and how all of them are called.

A credential may name another `url`: a vendor's region, a proxy of the company, or a server of a test. Then its admin
also names that host under `hosts`. No redirect is followed: a service's API has none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headgate_core.calls import Answer, call
from headgate_node import Context, NodeError

if TYPE_CHECKING:
    from headgate_node.http.request import Options


@dataclass(frozen=True, slots=True)
class Service:
    """A vendor's API: its name for people, and where it is."""

    name: str
    url: str

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://").partition("/")[0]


@dataclass(frozen=True, slots=True)
class Account:
    """A service as one credential reaches it."""

    service: Service
    url: str
    token: str


def open_account(ctx: Context, service: Service, credential: str) -> Account:
    """Where a credential's requests go, and its one secret. Raises NodeError if they may not go there."""
    from headgate_node.http.authentication import find_token, require_host  # noqa: PLC0415 - the client is heavy

    found = ctx.credential(credential)
    url = found.values.get("url", service.url).rstrip("/")
    require_host(credential, found, url, (service.host,))
    return Account(service, url, find_token(credential, found))


async def post(
    ctx: Context, account: Account, path: str, document: Any, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Send a document, and give the one that the service answers. The headers are secret, and so is the document."""
    options: Options = {"json": document, "is_secret": True, "credentials": headers or {}, "max_redirects": 0}
    return _read(account.service, await call(ctx, "POST", f"{account.url}{path}", **options))


def _read(service: Service, answer: Answer) -> dict[str, Any]:
    from headgate_node.http.content import excerpt, read_json  # noqa: PLC0415 - as above

    try:
        document = read_json(answer.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        said = excerpt(answer.headers, answer.body, 200)
        raise NodeError("InvalidResponse", f"{service.name} answers what is no JSON object: {said or 'nothing'}")
    return document
