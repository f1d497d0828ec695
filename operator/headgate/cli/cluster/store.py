"""Reads a large output out of the artifact store, with the rights of whoever asks.

Argo's configuration says where the store is and which Secret of the Run's namespace has its keys: what a pod of the Run
may read there, its reader may too. A store inside the cluster is reached through the API server. `outputs` asks.
"""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import yaml

from headgate.cli.cluster.session import Session, StoppedError
from headgate.cli.cluster.signing import Keys, Request, sign
from headgate.kube.errors import ForbiddenError, KubeError, NotFoundError
from headgate.kube.kinds import CONFIG_MAP, SECRET, Kind

_SERVICE = Kind("", "v1", "Service", "services")
_CONTROLLER, _REPOSITORIES = "workflow-controller-configmap", "artifact-repositories"
_DEFAULT = "workflows.argoproj.io/default-artifact-repository"
_IN_CLUSTER = re.compile(r"(?P<service>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(\.cluster\.local)?(:(?P<port>\d+))?")
_SECONDS = 300
_CONNECT = 5.0
MAX_DOCUMENT = 512 * 1024 * 1024
"""What is larger is no document that a node could have read."""


@dataclass(frozen=True, slots=True)
class Repository:
    """An S3 store, as Argo's configuration tells it."""

    endpoint: str
    """Host and port."""
    bucket: str
    insecure: bool
    region: str
    access: tuple[str, str]
    """Secret and key of it."""
    secret: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Ways:
    """What a person says about the way to the store."""

    argo: str = "argo"
    """The namespace of Argo's controller."""
    endpoint: str | None = None
    """An address in place of the configured one, such as a port that is forwarded."""


async def fetch_document(session: Session, key: str, ways: Ways) -> bytes:
    """Raises StoppedError, with what to ask for."""
    repository = await _find_repository(session, ways.argo)
    keys = await _read_keys(session, repository)
    path = f"/{repository.bucket}/{key}"
    if ways.endpoint:
        address = urlsplit(ways.endpoint if "://" in ways.endpoint else f"http://{ways.endpoint}")
        return await _read_at(f"{address.scheme}://{address.netloc}", address.netloc, path, keys)
    scheme = "http" if repository.insecure else "https"
    inside = _IN_CLUSTER.fullmatch(repository.endpoint)
    try:
        return await _read_at(f"{scheme}://{repository.endpoint}", repository.endpoint, path, keys)
    except _NoWayError as error:
        if inside is None:
            raise StoppedError(f"the artifact store {repository.endpoint} cannot be reached: {error}") from None
    return await _read_through(session, inside, scheme, path, keys)


class _NoWayError(Exception):
    """The store's address leads nowhere from here."""


async def _find_repository(session: Session, argo: str) -> Repository:
    """As Argo looks for it: in the Run's namespace, then in its own."""
    for namespace in (session.namespace, argo):
        found = await _config(session, _REPOSITORIES, namespace, optional=True)
        name = ((found or {}).get("metadata", {}).get("annotations") or {}).get(_DEFAULT)
        if found and name in (found.get("data") or {}):
            return parse_repository(found["data"][name])
    controller = await _config(session, _CONTROLLER, argo, optional=False)
    text = ((controller or {}).get("data") or {}).get("artifactRepository")
    if not text:
        raise StoppedError(f"ConfigMap {_CONTROLLER} in {argo} names no artifact store: --argo-namespace says another")
    return parse_repository(text)


async def _config(session: Session, name: str, namespace: str, *, optional: bool) -> Mapping[str, Any] | None:
    try:
        return await session.client.get(CONFIG_MAP, name, namespace)
    except NotFoundError:
        if optional:
            return None
        raise StoppedError(f"there is no ConfigMap {name} in {namespace}: say --argo-namespace") from None
    except ForbiddenError:
        if optional:
            return None
        raise StoppedError(
            "it is large and lies in the artifact store, whose place you may not read: ask for `get` on ConfigMap "
            f"{name} in namespace {namespace}"
        ) from None


def parse_repository(text: str) -> Repository:
    """Raises StoppedError for a store that is none of S3's kind."""
    try:
        found = yaml.safe_load(text)
        s3 = found["s3"]
        return Repository(
            endpoint=str(s3["endpoint"]),
            bucket=str(s3["bucket"]),
            insecure=bool(s3.get("insecure")),
            region=str(s3.get("region") or "us-east-1"),
            access=(s3["accessKeySecret"]["name"], s3["accessKeySecret"]["key"]),
            secret=(s3["secretKeySecret"]["name"], s3["secretKeySecret"]["key"]),
        )
    except (yaml.YAMLError, KeyError, TypeError):
        kind = "is no S3 store with keys in a Secret"
        raise StoppedError(f"the artifact store {kind}: read it with the tools of whoever keeps it") from None


async def _read_keys(session: Session, repository: Repository) -> Keys:
    values = []
    for name, key in (repository.access, repository.secret):
        try:
            secret = await session.client.get(SECRET, name, session.namespace)
            values.append(base64.b64decode((secret.get("data") or {})[key]).decode())
        except ForbiddenError:
            raise StoppedError(
                "it is large and lies in the artifact store, whose keys you may not read: ask for `get` on Secret "
                f"{name} in namespace {session.namespace}"
            ) from None
        except (NotFoundError, KeyError):
            raise StoppedError(f"Secret {name} in {session.namespace} has no {key}, which opens the store") from None
    return Keys(values[0], values[1], repository.region)


async def _read_at(base: str, host: str, path: str, keys: Keys) -> bytes:
    parameters = sign(Request(host, path), keys, datetime.now(UTC), _SECONDS)
    timeout = aiohttp.ClientTimeout(total=_SECONDS, sock_connect=_CONNECT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as http,
            http.get(f"{base}{quote(path)}", params=parameters, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise StoppedError(_refused(answer.status, path))
            return await _bounded(answer.content.iter_chunked(1 << 16))
    except (aiohttp.ClientConnectionError, TimeoutError) as error:
        raise _NoWayError(str(error) or type(error).__name__) from None


async def _read_through(session: Session, inside: re.Match[str], scheme: str, path: str, keys: Keys) -> bytes:
    """By way of the API server, which forwards to Services."""
    namespace, service = inside["namespace"], inside["service"]
    port = inside["port"] or ("80" if scheme == "http" else "443")
    host = urlsplit(session.client.access.server).netloc
    name = f"{service}:{port}" if scheme == "http" else f"https:{service}:{port}"
    proxied = _SERVICE.path(namespace, name, "proxy") + quote(path)
    parameters = sign(Request(host, path), keys, datetime.now(UTC), _SECONDS)
    forward = f"kubectl port-forward -n {namespace} service/{service} {port}:{port}"
    try:
        async with session.client.pieces(_SERVICE, proxied, parameters, seconds=_SECONDS) as pieces:
            return await _bounded(pieces)
    except ForbiddenError:
        raise StoppedError(
            f"it is large and lies in the artifact store {service}.{namespace}, inside the cluster: ask for `get` on "
            f"services/proxy in namespace {namespace}, or run `{forward}` and say --endpoint "
            f"{scheme}://127.0.0.1:{port}"
        ) from None
    except KubeError as error:
        raise StoppedError(
            f"the artifact store cannot be read through the API server ({error.message}): run `{forward}` and say "
            f"--endpoint {scheme}://127.0.0.1:{port}"
        ) from None


async def _bounded(pieces: AsyncIterator[bytes]) -> bytes:
    found = bytearray()
    async for piece in pieces:
        found += piece
        if len(found) > MAX_DOCUMENT:
            raise StoppedError(f"it is larger than {MAX_DOCUMENT >> 20} MiB: read it with a tool for the store")
    return bytes(found)


def _refused(status: int, path: str) -> str:
    if status == 404:
        return f"the artifact store has no {path.lstrip('/')}: somebody deleted it"
    return f"the artifact store refused to give {path.lstrip('/')} (HTTP {status}): are its keys in the Secret right?"
