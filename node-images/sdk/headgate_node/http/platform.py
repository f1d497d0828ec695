"""The other path: to the platform's own services, which the guarded client refuses as it does all of the cluster.

A node takes it only with an address that the operator gave it, such as that of a Model, and reaches that host alone;
never a metadata service.
"""

from headgate_node.http.client import GuardedClient
from headgate_node.http.failure import Failure, HttpError
from headgate_node.http.settings import HttpSettings
from headgate_node.http.target import parse_target

MAX_BODY_BYTES = 100_000_000
"""Of answers that are streamed, and read piece by piece."""


def open_platform(url: str) -> GuardedClient:
    """A client of the one host that the URL names. It leads nowhere else: no redirect is followed."""
    target = parse_target(url)
    if isinstance(target, Failure):
        raise HttpError(target)
    settings = {
        "openAddresses": ["0.0.0.0/0", "::/0"],
        "onlyHosts": [target.host],
        "insecureHosts": [target.host],  # in the cluster, a network policy is what keeps others from reading along
        "maxRedirects": 0,
        "maxBodyBytes": MAX_BODY_BYTES,
    }
    return GuardedClient(HttpSettings.model_validate(settings))
