"""Where the API server is, and who we are there: from a kubeconfig, or from the pod that we run in.

Read once, at the start of the operator and of a command.
"""

import base64
import contextlib
import json
import ssl
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_REREAD_SECONDS = 60.0
"""A pod's token changes every hour, and the old one is good for minutes after."""
_PLUGIN_SECONDS = 60.0


class NoAccessError(Exception):
    """There is no API server to talk to, or no way to say who we are. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody else, in whose name everything is asked. Whether we may, the API server says."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    def headers(self) -> Iterator[tuple[str, str]]:
        yield "Impersonate-User", self.user
        if self.uid:
            yield "Impersonate-Uid", self.uid
        yield from (("Impersonate-Group", group) for group in self.groups)
        yield from ((f"Impersonate-Extra-{quote(key, safe='')}", value) for key, value in self.extra)


@dataclass(frozen=True, slots=True)
class Access:
    server: str
    tls: ssl.SSLContext | None
    """None: plain HTTP, as on loopback in tests."""
    namespace: str
    token: Callable[[], str | None]
    """Asked before each request."""
    acts_as: Persona | None = None
    renew: Callable[[float], bool] = lambda _: False
    """Asked when the token of a request was refused: whether there is another since then (`time.monotonic`)."""


def read_access(environment: Mapping[str, str], context: str | None = None) -> Access:
    """In a pod its service account, unless a kubeconfig is named. Raises NoAccessError."""
    if "KUBERNETES_SERVICE_HOST" in environment and not environment.get("KUBECONFIG") and _POD.exists():
        return _from_pod(environment)
    paths = [Path(part).expanduser() for part in environment.get("KUBECONFIG", "").split(":") if part]
    paths = paths or [Path(environment.get("HOME", "/")) / ".kube/config"]
    wanted = context or environment.get("HEADGATE_CONTEXT")
    there = [path for path in paths if path.exists()]
    if not there:
        raise NoAccessError(
            f"there is no kubeconfig: {' and '.join(map(str, paths))} is not there; name one with --kubeconfig"
        )
    return _from_kubeconfig(there, wanted, environment)


def _from_pod(environment: Mapping[str, str]) -> Access:
    host, port = environment["KUBERNETES_SERVICE_HOST"], environment.get("KUBERNETES_SERVICE_PORT", "443")
    host = f"[{host}]" if ":" in host else host
    token = _Reread(_POD / "token")
    return Access(
        f"https://{host}:{port}",
        ssl.create_default_context(cafile=str(_POD / "ca.crt")),
        (_POD / "namespace").read_text().strip(),
        token,
        renew=token.renew,
    )


def _from_kubeconfig(paths: list[Path], wanted: str | None, environment: Mapping[str, str]) -> Access:
    config = _merge(paths)
    name = wanted or config.get("current-context")
    if not name:
        raise NoAccessError("there is no current context: name one with --context or HEADGATE_CONTEXT")
    context = _named(config, "contexts", "context", name)
    cluster = _named(config, "clusters", "cluster", context.get("cluster", ""))
    user = _named(config, "users", "user", context.get("user", ""))
    token: Callable[[], str | None] = _token_of(user)
    if "exec" in user:
        plugin = _Plugin(user["exec"], environment)
        user, token = {**user, **plugin.certificate()}, plugin.token
    server = str(cluster.get("server", ""))
    if not server.startswith(("https://", "http://")):
        raise NoAccessError(
            f"cluster {context.get('cluster')!r} of the kubeconfig has the server {server!r}, which is no address"
        )
    try:
        tls = _tls(cluster, user) if server.startswith("https:") else None
    except (OSError, ValueError) as error:  # files that are not there; what is neither base64 nor PEM
        raise NoAccessError(
            f"the certificates that the kubeconfig names for {name!r} cannot be read: {error}"
        ) from None
    access = Access(server.rstrip("/"), tls, context.get("namespace") or "default", token, _persona_of(user))
    return replace(access, renew=token.renew) if isinstance(token, _Reread) else access


def _merge(paths: list[Path]) -> dict[str, Any]:
    """Several files count as one, the first that says something wins. Paths inside are relative to their file."""
    whole: dict[str, Any] = {}
    for path in paths:
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, ValueError, yaml.YAMLError) as error:
            raise NoAccessError(f"{path} cannot be read: {error}") from None
        try:
            _take(document, path, whole)
        except (AttributeError, TypeError):
            raise NoAccessError(f"{path} is no kubeconfig: `kubectl config view` shows what one looks like") from None
    return whole


def _take(document: Any, path: Path, whole: dict[str, Any]) -> None:
    """Raises AttributeError or TypeError for what is built in another way."""
    for list_, field in (("clusters", "cluster"), ("users", "user"), ("contexts", "context")):
        for entry in document.get(list_) or ():
            resolved = {key: _resolve(key, value, path) for key, value in (entry.get(field) or {}).items()}
            whole.setdefault(list_, {}).setdefault(entry.get("name"), resolved)
    whole.setdefault("current-context", document.get("current-context"))


def _resolve(key: str, value: Any, path: Path) -> Any:
    is_file = key in {"certificate-authority", "client-certificate", "client-key", "tokenFile"}
    return str(path.parent / value) if is_file and value else value


def _named(config: Mapping[str, Any], list_: str, what: str, name: str) -> dict[str, Any]:
    found = config.get(list_, {}).get(name)
    if found is None:
        known = ", ".join(sorted(config.get(list_, {}))) or "none"
        raise NoAccessError(f"the kubeconfig has no {what} {name!r}: it has {known}")
    return dict(found)


def _token_of(user: Mapping[str, Any]) -> Callable[[], str | None]:
    if user.get("tokenFile"):
        return _Reread(Path(user["tokenFile"]))
    token = user.get("token")
    return lambda: token


def _persona_of(user: Mapping[str, Any]) -> Persona | None:
    if not user.get("as"):
        return None
    extra = [(key, value) for key, values in (user.get("as-user-extra") or {}).items() for value in values]
    return Persona(user["as"], tuple(user.get("as-groups") or ()), user.get("as-uid") or "", tuple(extra))


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority := _content(cluster, "certificate-authority"):
        context = ssl.create_default_context(cadata=authority.decode())
    certificate, key = _content(user, "client-certificate"), _content(user, "client-key")
    if certificate and key:
        with _file(certificate + b"\n" + key) as path:
            context.load_cert_chain(path)
    return context


def _content(entry: Mapping[str, Any], name: str) -> bytes | None:
    if data := entry.get(f"{name}-data"):
        return base64.b64decode("".join(data.split()), validate=True)
    return Path(entry[name]).read_bytes() if entry.get(name) else None


@contextlib.contextmanager
def _file(content: bytes) -> Iterator[str]:
    """A key for OpenSSL, which reads files only: readable by us alone, and gone at once."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


class _Reread:
    """A token in a file that somebody renews. While that is not there or empty, the last one may still be good."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._token = ""
        self._until = self._changed_at = 0.0

    def __call__(self) -> str:
        if time.monotonic() >= self._until:
            self._read()
        return self._token

    def renew(self, since: float) -> bool:
        """Whether there is another since then: of many requests that are refused at once, the first reads it."""
        with contextlib.suppress(OSError):
            self._read()
        return self._changed_at >= since

    def _read(self) -> None:
        try:
            token = self._path.read_text().strip()
        except OSError:
            if not self._token:
                raise
            return
        if not token:
            return
        now = time.monotonic()
        if token != self._token:
            self._changed_at = now
        self._token, self._until = token, now + _REREAD_SECONDS


class _Plugin:
    """A program that says who we are (`exec` in a kubeconfig), as clouds have them. For commands, which are short."""

    def __init__(self, settings: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        added = {one["name"]: one["value"] for one in settings.get("env") or ()}
        info = {
            "apiVersion": settings.get("apiVersion", "client.authentication.k8s.io/v1"),
            "kind": "ExecCredential",
            "spec": {"interactive": False},
        }
        words = [settings["command"], *(settings.get("args") or ())]
        try:
            done = subprocess.run(  # noqa: S603 - the person's own kubeconfig names it, as for kubectl
                words,
                env={**environment, **added, "KUBERNETES_EXEC_INFO": json.dumps(info)},
                capture_output=True,
                check=True,
                timeout=_PLUGIN_SECONDS,
            )
            self._status: dict[str, Any] = json.loads(done.stdout)["status"]
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            raise NoAccessError(f"{words[0]}, which the kubeconfig names, gave no credential: {error}") from None

    def token(self) -> str | None:
        return self._status.get("token")

    def certificate(self) -> dict[str, str]:
        fields = {"clientCertificateData": "client-certificate-data", "clientKeyData": "client-key-data"}
        return {
            name: base64.b64encode(self._status[field].encode()).decode()
            for field, name in fields.items()
            if self._status.get(field)
        }
