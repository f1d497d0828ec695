"""What the installation says, from environment variables that the chart writes: read once at the start, then frozen.

`VARIABLES` is the whole list, and what the chart and the operator's documentation are checked against.
"""

import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from headgate.audit.retention import Retention
from headgate.compiler.emit import Platform
from headgate.lifecycle.http_rules import read_http_rules
from headgate.lifecycle.observed import Settings as RunSettings
from headgate.lifecycle.observed import Trusted
from headgate_lang import durations
from headgate_lang.addresses import Network


class SettingsError(Exception):
    """What is wrong with the environment, all of it, a line each."""


@dataclass(frozen=True, slots=True)
class Webhook:
    port: int
    service: str
    """The Service in front of it: what its certificate is made out to."""
    configuration: str
    """The ValidatingWebhookConfiguration into which the authority of that certificate is written; empty: nobody's."""
    secret: str
    """Where the certificate is kept, for all replicas."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where notifications may go."""

    open_addresses: tuple[Network, ...] = ()
    """Reached although they are special: those of an office's own servers. Metadata services never are."""
    only_hosts: tuple[str, ...] = ()
    """When there are any, no other host is told: `chat.example.com`, or `*.example.com` for all below it."""
    insecure_hosts: tuple[str, ...] = ()
    """Told in plain HTTP, too."""
    authorities: str = ""
    """Certificates of one's own authorities, in PEM: trusted beside the public ones."""
    seconds: float = 10.0
    """For one attempt, the look-up of the name included."""


@dataclass(frozen=True, slots=True)
class Settings:
    runs: RunSettings
    namespace: str
    """Of the operator itself: its Lease and its certificate."""
    watched: str | None
    """The one namespace whose Runs are carried out; None: all."""
    identity: str
    """Which replica this is."""
    elects: bool
    """Whether replicas elect a leader. Without, there may be only one."""
    lease: str
    workers: int
    status_port: int
    """For probes and metrics."""
    webhook: Webhook | None
    notify: Reach
    release: str
    """What the chart's objects are called: the policies that guard votes, and the record of them."""
    log_level: str
    audit: Retention
    """How much of the audit log is kept."""


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _size(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1024:
        raise ValueError("must be from 1 to 1024: etcd holds it")
    return number


def _authorities(text: str) -> str:
    text = text.encode("ascii", "ignore").decode()  # certificates are; names of authorities, in comments, need not be
    if text:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
        except ssl.SSLError:
            raise ValueError("is no certificate in PEM: paste it from -----BEGIN to END-----") from None
    return text


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 65536:
        raise ValueError("is no port")
    return number


def _seconds(text: str) -> float:
    return durations.parse(text)


def _seconds_or_never(text: str) -> float | None:
    return durations.parse(text) if text else None


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("is neither true nor false")
    return text == "true"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(one) for one in text.split())


def _level(text: str) -> str:
    if text not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return text


def _optional(text: str) -> str | None:
    return text or None


@dataclass(frozen=True, slots=True)
class Variable:
    default: str | None
    """None: it must be given."""
    read: Callable[[str], Any]
    what: str


VARIABLES: Mapping[str, Variable] = {
    "RUNTIME_IMAGE": Variable(None, str, "the image for pods that only evaluate expressions, by digest"),
    "RUNTIME_COMMAND": Variable("headgate-node headgate_core", _words, "what runs in it"),
    "EXECUTOR_ACCOUNT": Variable("headgate-executor", str, "the service account of Argo's containers"),
    "PULL_SECRETS": Variable("", _words, "Secrets with which images are pulled, separated by spaces"),
    "STORE_PREFIX": Variable("", _optional, "where large outputs go in Argo's store; empty: there is none"),
    "GPU_RESOURCE": Variable("nvidia.com/gpu", str, "what a GPU is called on the nodes"),
    "TRUSTED_CREDENTIALS": Variable("", _words, "images that may be given credentials: repositories, `…/*`"),
    "TRUSTED_NETWORK": Variable("", _words, "images that may reach beyond the cluster, in the same way"),
    "HTTP": Variable("", read_http_rules, "whom nodes may send requests to, as JSON: `default`, and by `namespaces`"),
    "RUN_TIMEOUT": Variable("5m", _seconds, "how long a Run may work, if its workflow does not say"),
    "PENDING_TIMEOUT": Variable("15m", _seconds, "how long a pod may wait for its place, if its node does not say"),
    "LOST_PODS": Variable("3", _number, "how often an idempotent node may run again after a lost pod"),
    "MAX_ITEMS": Variable("1000", _number, "how long the list of a loop may be"),
    "KEEP_SUCCEEDED": Variable("100", _number, "how many Runs of a workflow are kept that succeeded"),
    "KEEP_FAILED": Variable("100", _number, "and how many that ended in another way"),
    "TTL": Variable("", _seconds_or_never, "how long a Run is kept that says nothing of it; empty: for ever"),
    "ARGO_TIMEOUT": Variable("1m", _seconds, "how long Argo may say nothing of a Workflow"),
    "KEEP_LEGS": Variable("0s", _seconds, "how long Argo Workflows are kept that have ended"),
    "NAMESPACE": Variable("headgate", str, "where the operator itself runs"),
    "WATCHED_NAMESPACE": Variable("", _optional, "the one namespace whose Runs are carried out; empty: all"),
    "POD_NAME": Variable("", str, "which replica this is; empty: host and process"),
    "LEADER_ELECTION": Variable("true", _truth, "whether replicas elect a leader"),
    "LEASE": Variable("headgate-operator", str, "the Lease by which they do"),
    "WORKERS": Variable("16", _number, "how many Runs are looked at in one moment"),
    "STATUS_PORT": Variable("8080", _port, "for /livez, /readyz and /metrics; 0: any that is free"),
    "WEBHOOK_PORT": Variable("", str, "for admission; empty: no webhook is served"),
    "WEBHOOK_SERVICE": Variable("headgate-webhook", str, "the Service in front of it"),
    "WEBHOOK_CONFIGURATION": Variable("headgate", str, "the ValidatingWebhookConfiguration that leads to it"),
    "WEBHOOK_SECRET": Variable("headgate-webhook", str, "the Secret with its certificate"),
    "NOTIFY_OPEN_ADDRESSES": Variable("", _networks, "networks that notifications may go to though they are private"),
    "NOTIFY_ONLY_HOSTS": Variable("", _words, "the hosts that alone may be notified; empty: all"),
    "NOTIFY_INSECURE_HOSTS": Variable("", _words, "hosts that may be notified in plain HTTP"),
    "NOTIFY_AUTHORITIES": Variable("", _authorities, "certificates in PEM that notifications trust, too"),
    "RELEASE": Variable("headgate", str, "what the chart's objects are called"),
    "AUDIT_KEEP": Variable("365d", _seconds_or_never, "how long the audit log is kept; empty: for ever"),
    "AUDIT_MEBIBYTES": Variable("64", _size, "how large it may become"),
    "LOG_LEVEL": Variable("INFO", _level, "DEBUG, INFO, WARNING or ERROR"),
}
"""Each with `HEADGATE_` before it."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises SettingsError with everything that is wrong."""
    values, problems = {}, []
    for name, variable in VARIABLES.items():
        text = environment.get(f"HEADGATE_{name}", variable.default)
        if text is None:
            problems.append(f"HEADGATE_{name} is missing: {variable.what}")
            continue
        try:
            values[name] = variable.read(text)
        except ValueError as error:
            problems.append(f"HEADGATE_{name} is {text!r}, which {error}: {variable.what}")
    if problems:
        raise SettingsError("\n".join(problems))
    return _build(values)


def _build(values: Mapping[str, Any]) -> Settings:
    platform = Platform(
        runtime_image=values["RUNTIME_IMAGE"],
        runtime_command=values["RUNTIME_COMMAND"],
        executor_account=values["EXECUTOR_ACCOUNT"],
        gpu_resource=values["GPU_RESOURCE"],
        pull_secrets=values["PULL_SECRETS"],
        store_prefix=values["STORE_PREFIX"],
    )
    runs = RunSettings(
        platform=platform,
        run_timeout=values["RUN_TIMEOUT"],
        pending_timeout=values["PENDING_TIMEOUT"],
        lost_pods=values["LOST_PODS"],
        max_items=values["MAX_ITEMS"],
        keep_succeeded=values["KEEP_SUCCEEDED"],
        keep_failed=values["KEEP_FAILED"],
        ttl=values["TTL"],
        argo_timeout=values["ARGO_TIMEOUT"],
        keep_legs=values["KEEP_LEGS"],
        trusted=Trusted(values["TRUSTED_CREDENTIALS"], values["TRUSTED_NETWORK"]),
        http=values["HTTP"],
    )
    return Settings(
        runs=runs,
        namespace=values["NAMESPACE"],
        watched=values["WATCHED_NAMESPACE"],
        identity=values["POD_NAME"] or f"{socket.gethostname()}-{os.getpid()}",
        elects=values["LEADER_ELECTION"],
        lease=values["LEASE"],
        workers=max(1, values["WORKERS"]),
        status_port=values["STATUS_PORT"],
        webhook=_webhook(values),
        notify=Reach(
            open_addresses=values["NOTIFY_OPEN_ADDRESSES"],
            only_hosts=values["NOTIFY_ONLY_HOSTS"],
            insecure_hosts=values["NOTIFY_INSECURE_HOSTS"],
            authorities=values["NOTIFY_AUTHORITIES"],
        ),
        release=values["RELEASE"],
        log_level=values["LOG_LEVEL"],
        audit=Retention(values["AUDIT_KEEP"], values["AUDIT_MEBIBYTES"] * 2**20),
    )


def _webhook(values: Mapping[str, Any]) -> Webhook | None:
    if not values["WEBHOOK_PORT"]:
        return None
    try:
        port = _port(values["WEBHOOK_PORT"])
    except ValueError as error:
        raise SettingsError(f"HEADGATE_WEBHOOK_PORT is {values['WEBHOOK_PORT']!r}, which {error}") from None
    return Webhook(port, values["WEBHOOK_SERVICE"], values["WEBHOOK_CONFIGURATION"], values["WEBHOOK_SECRET"])
