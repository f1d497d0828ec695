"""Everything that the cluster could leave behind on a machine, looked for and named.

`down` ends with it, and the test of `down` asserts that it finds nothing.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path

from cluster import cgroups
from cluster.commands import run
from cluster.kubeconfig import holds_context
from cluster.namespaces import KEPT, VOLATILE
from cluster.settings import HOST_LINK, Settings

CHAINS = ("KUBE-", "CNI-")


def find_traces(settings: Settings, *, data_kept: bool = False) -> list[str]:
    """A line for each thing that is still there. The build cache is meant to stay and is not one."""
    paths = [settings.run] if data_kept else [settings.run, settings.state]
    return [
        *(f"process {pid} in the control group {cgroups.NAME}" for pid in cgroups.processes()),
        *(f"process {pid} runs {exe}" for pid, exe in _running_from(settings.cache / "tools")),
        *(f"mount at {path}" for path in _mounts(settings, Path("/proc/self/mountinfo").read_text())),
        *(f"control group {path}" for path in cgroups.folders()),
        *(f"network link {path.name}" for path in Path("/sys/class/net").iterdir() if path.name == HOST_LINK),
        *(f"route {line}" for line in _lines("ip", "route", "show", "root", str(settings.network.whole))),
        *(f"iptables {line}" for line in find_chains(_lines("iptables-save"))),
        *(f"network namespace {path}" for path in Path("/run/netns").glob("cni-*")),
        *(f"{path} exists" for path in paths if path.exists()),
        *(f"{settings.kubeconfig} speaks of the cluster" for _ in range(holds_context(settings))),
    ]


def find_chains(rules: Iterable[str]) -> list[str]:
    return [line for line in rules if line.startswith(tuple(f":{chain}" for chain in CHAINS))]


def _mounts(settings: Settings, mountinfo: str) -> list[str]:
    places = [str(settings.run), str(settings.state), *KEPT, *VOLATILE]
    points = [line.split()[4] for line in mountinfo.splitlines()]
    return [point for point in points if any(point == place or point.startswith(f"{place}/") for place in places)]


def _running_from(folder: Path) -> list[tuple[int, str]]:
    found = []
    for link in Path("/proc").glob("[0-9]*/exe"):
        try:
            target = str(link.readlink())
        except OSError:  # ended meanwhile, or a thread of the kernel
            continue
        if target.startswith(f"{folder}/"):
            found.append((int(link.parent.name), target))
    return found


def _lines(*command: str) -> list[str]:
    if shutil.which(command[0]) is None:
        return []
    return run(command, check=False).splitlines()
