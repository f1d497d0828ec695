"""From a Credential to the secret headers of a request, for the hosts that it names and for no other.

Nodes call it and hand the result to the client as `credentials`, which keeps them at their origin.

| type   | values                                                                     |
|--------|----------------------------------------------------------------------------|
| apiKey | `key`; `header` if it is not X-API-Key, `prefix` for what stands before it |
| basic  | `username`, `password`                                                     |
| bearer | `token`                                                                    |
"""

import base64
from collections.abc import Mapping, Sequence

from headgate_node.error import NodeError
from headgate_node.granted import Credential
from headgate_node.http.failure import Failure, HttpError
from headgate_node.http.target import parse_target

_NEEDED = {"apiKey": ("key",), "basic": ("username", "password"), "bearer": ("token",)}


def build_credentials(name: str, credential: Credential, url: str, known: Sequence[str] = ()) -> Mapping[str, str]:
    """The headers for a request to this URL. `known` are the hosts of the node's own service, if it has one."""
    require_host(name, credential, url, known)
    values = credential.values
    if credential.type not in _NEEDED:
        message = f"the credential {name!r} is of the type {credential.type}: use one of {', '.join(_NEEDED)}"
        raise NodeError("CredentialRefused", message)
    if missing := [one for one in _NEEDED[credential.type] if not values.get(one)]:
        message = f"the credential {name!r} lacks the value `{missing[0]}`, which one of type {credential.type} has"
        raise NodeError("CredentialRefused", f"{message}: an admin adds it")
    match credential.type:
        case "basic":
            pair = f"{values['username']}:{values['password']}".encode()
            return {"authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
        case "bearer":
            return {"authorization": f"Bearer {values['token']}"}
    prefix = values.get("prefix", "").strip()
    return {values.get("header", "X-API-Key"): f"{prefix} {values['key']}".strip()}


def find_token(name: str, credential: Credential) -> str:
    """`token` of a bearer, `key` of an apiKey: for services that want it in a way of their own."""
    token = credential.values.get("token") or credential.values.get("key")
    if not token:
        message = f"the credential {name!r} lacks the value `token`, or `key` if it is an apiKey: an admin adds it"
        raise NodeError("CredentialRefused", message)
    return token


def require_host(name: str, credential: Credential, url: str, known: Sequence[str] = ()) -> None:
    """Refuse to send a credential where its admin has not allowed it to go."""
    target = parse_target(url)
    if isinstance(target, Failure):
        raise HttpError(target)
    if not credential.hosts and not known:
        message = f"the credential {name!r} names no hosts, so it is sent to none"
        raise NodeError("CredentialRefused", f"{message}: an admin adds `hosts: [{target.authority}]` to it")
    if credential.hosts and not credential.allows(target.authority):
        message = (
            f"the credential {name!r} may not be sent to {target.authority}, only to {', '.join(credential.hosts)}"
        )
        raise NodeError("CredentialRefused", f"{message}: an admin adds it to its `hosts`")
    if not credential.hosts and target.authority not in known:
        message = f"the credential {name!r} may be sent to {', '.join(known)} only, not to {target.authority}"
        raise NodeError("CredentialRefused", f"{message}: an admin adds it to its `hosts`")
