"""Takes the demo's installation away: `make demo-down`, and `make test`, whose tests have operators of their own.

Only from our own cluster: on another one a release of that name may be somebody's.
"""

import shutil
import subprocess
from collections.abc import Mapping

from cluster.context import Context
from demo.steps import NAMESPACE, RELEASE


def remove(context: Context, environment: Mapping[str, str]) -> int:
    helm = shutil.which("helm", path=environment["PATH"])
    if not context.ours or helm is None:
        return 0
    to = [helm, "--kube-context", context.name]
    listed = [*to, "list", "--namespace", RELEASE, "--filter", f"^{RELEASE}$", "--short"]
    found = subprocess.run(listed, env=dict(environment), capture_output=True, text=True, check=False)
    if found.returncode != 0 or not found.stdout.strip():
        return 0
    print("Taking the demo's installation away", flush=True)
    for command in (
        ["kubectl", "--context", context.name, "delete", "namespace", NAMESPACE, "--ignore-not-found"],
        [*to, "uninstall", RELEASE, "--namespace", RELEASE, "--wait"],
    ):
        done = subprocess.run(command, env=dict(environment), check=False)
        if done.returncode:
            return done.returncode
    return 0
