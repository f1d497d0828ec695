"""How tests reach the API server of the cluster that they may touch, by our own client."""

import os

from cluster.context import decide_context
from cluster.settings import Settings
from headgate.kube.access import Access, read_access


def access_to(settings: Settings) -> Access:
    context = decide_context(os.environ)
    environment = dict(os.environ)
    if context.ours:
        environment["KUBECONFIG"] = str(settings.admin_kubeconfig)
    return read_access(environment, context.name)
