"""A cluster of somebody else's making that HEADGATE_CONTEXT names: only asked whether it answers."""

import shutil

from cluster.commands import run
from cluster.context import Context
from cluster.errors import ClusterError, CommandError


def check_reachable(context: Context) -> None:
    if shutil.which("kubectl") is None:
        raise ClusterError("kubectl is not on the PATH: install it, or unset HEADGATE_CONTEXT to use our own cluster.")
    try:
        run(["kubectl", "--context", context.name, "--request-timeout=10s", "get", "--raw=/readyz"])
    except CommandError as error:
        raise ClusterError(
            f"The cluster {context.name!r} does not answer: start it, or unset HEADGATE_CONTEXT. {error}"
        ) from error
    print(f"Using the existing cluster {context.name!r}; nothing was started.")
