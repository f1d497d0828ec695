"""Addresses of an S3 store, signed by AWS's signature, version 4: whoever has one may read that object for a while.

Pure. The signature is part of the address, since a proxy on the way may keep no other header. `store` asks.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Keys:
    access: str
    secret: str
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True)
class Request:
    host: str
    """With its port, as it will be sent."""
    path: str
    method: str = "GET"


def sign(request: Request, keys: Keys, now: datetime, seconds: int = 300) -> dict[str, str]:
    """The parameters with which this can be asked for so long."""
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{keys.region}/s3/aws4_request"
    parameters = {
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{keys.access}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(parameters.items()))
    asked = "\n".join(
        [request.method, quote(request.path, safe="/~"), query, f"host:{request.host}", "", "host", "UNSIGNED-PAYLOAD"]
    )
    signed = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(asked.encode()).hexdigest()])
    key = f"AWS4{keys.secret}".encode()
    for part in (moment[:8], keys.region, "s3", "aws4_request"):
        key = _hmac(key, part)
    return {**parameters, "X-Amz-Signature": _hmac(key, signed).hex()}


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
