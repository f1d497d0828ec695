"""Runs a connector against a server on loopback that stands in for a vendor's service."""

from collections.abc import Mapping
from typing import Any

from headgate_node import Credential
from headgate_node.http import GuardedClient, HttpSettings
from headgate_node.testing import run_node

KEY = "s3cret-key"
SETTINGS = {"openAddresses": ["127.0.0.1/32"], "insecureHosts": ["127.0.0.1"]}


async def run_connector(
    node: str, port: int, with_: Mapping[str, Any], settings: Mapping[str, Any] | None = None, key: str = KEY
) -> dict[str, Any]:
    """Its credential, called `mine`, names that server, and nothing but the server is open."""
    host = f"127.0.0.1:{port}"
    credentials = {"mine": Credential("apiKey", {"key": key, "url": f"http://{host}/"}, (host,))}
    async with GuardedClient(HttpSettings.model_validate({**SETTINGS, **(settings or {})})) as client:
        return await run_node(node, {"credential": "mine", **with_}, http=client, credentials=credentials)
