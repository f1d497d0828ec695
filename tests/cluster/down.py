"""Takes the cluster away and leaves the machine as it was. Can be interrupted and run again.

`python -m cluster down`, and so `make cluster-down`. The build cache stays; the data goes, unless it is to be kept.
"""

import os
import shutil
import time

from cluster import cgroups, kubeconfig, namespaces
from cluster.errors import ClusterError, PrerequisiteError
from cluster.processes import terminate
from cluster.settings import Settings
from cluster.traces import find_traces

FLUSHED = ("kubelet", "workflow-controller", "kube-apiserver", "etcd")
"""Asked to end in this order where data is kept: etcd last, when nobody writes any more."""


def take_down(settings: Settings, *, keep_data: bool) -> None:
    if os.geteuid() != 0:
        raise PrerequisiteError(["Taking the cluster down needs root: run the command with sudo."])
    started = time.monotonic()
    if keep_data:
        for name in FLUSHED:
            terminate(settings, [name])
    if held := cgroups.kill_all():
        raise ClusterError(f"The processes {held} do not end: the kernel holds them, so restart the machine.")
    kubeconfig.unmerge(settings)
    namespaces.restore_kernel_settings(settings)
    namespaces.remove(settings)
    cgroups.remove()
    shutil.rmtree(settings.run, ignore_errors=True)
    if not keep_data:
        shutil.rmtree(settings.state, ignore_errors=True)
    if left := find_traces(settings, data_kept=keep_data):
        listed = "\n".join(f"  - {line}" for line in left)
        raise ClusterError(f"Something is left; run `make cluster-down` again, or remove it by hand:\n{listed}")
    kept = f"its data is kept in {settings.state}" if keep_data else "nothing of it is left"
    print(f"The cluster is down: {time.monotonic() - started:.1f} s, {kept}; built programs stay in {settings.cache}.")
