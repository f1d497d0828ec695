"""HTTP for nodes: a client that cannot be talked into reaching what a workflow has no business with.

A node gets one as `ctx.http`. The way of a request, a module a step:

    request   what the node wants to send, or why it cannot be sent
    target    the URL, read strictly: what is not plain is refused
    policy    may this host, may these addresses be reached? by `settings` and the table in `headgate_lang.addresses`
    backend   look the name up once, check every answer, connect to a checked address
    deadlines how long each phase may take
    decoding  the body, decoded within its bounds
    redirect  the next request, which takes the same way anew

`client` ties them together; `transport` puts the same guard under clients that are built on httpx.
"""

from headgate_node.http.client import Body, GuardedClient, Response
from headgate_node.http.failure import Failure, HttpError, Reason
from headgate_node.http.settings import HttpSettings, Timeouts, Tls

__all__ = ["Body", "Failure", "GuardedClient", "HttpError", "HttpSettings", "Reason", "Response", "Timeouts", "Tls"]
