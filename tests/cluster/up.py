"""From whatever is there to a cluster that is ready, saying how long each step took.

`python -m cluster up`, and so `make cluster`. On a cluster that is fine it only looks.
"""

import time
from dataclasses import dataclass, field

from cluster import cgroups, kubeconfig, namespaces
from cluster.builds import build_tools, drop_build_caches, find_tools, link_stable
from cluster.component import Step
from cluster.components import build_steps
from cluster.errors import PrerequisiteError
from cluster.figures import write_figure
from cluster.images import Image, ensure_system_images
from cluster.packages import install_packages, missing_packages
from cluster.pki import ensure_pki
from cluster.plan import Life
from cluster.prerequisites import check_machine, gather_machine
from cluster.settings import CONTEXT, REPOSITORY, Settings
from cluster.supervisor import Supervisor, observe_once
from cluster.tools import GROUPS, ToolGroup, Tools

FIGURES = REPOSITORY / ".figures"


@dataclass
class Progress:
    """Prints a line a step, and keeps the time of the whole."""

    started: float = field(default_factory=time.monotonic)
    lines: int = 0

    def __call__(self, name: str, seconds: float) -> None:
        self.lines += 1
        print(f"  ✓ {name:<24} {seconds:6.1f} s", flush=True)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started


def bring_up(settings: Settings) -> None:
    progress = Progress()
    tools, missing = find_tools(settings)
    if not missing and namespaces.exist(settings):
        images = _ensure_images(tools)
        if _is_ready(settings, build_steps(settings, tools, images)):
            _finish(settings, tools, progress, "cluster_noop_s", "nothing to do")
            return
    problems = check_machine(gather_machine(settings), settings, building=bool(missing))
    if problems:
        raise PrerequisiteError(problems)
    was_empty, was_running = len(missing) == len(GROUPS), bool(cgroups.processes())
    print(f"Bringing up the cluster {CONTEXT!r}", flush=True)
    images = _prepare(settings, tools, missing, progress)
    Supervisor(settings, build_steps(settings, tools, images), progress).bring_up()
    figure = "cluster_cold_s" if was_empty else "" if missing or was_running else "cluster_warm_s"
    note = "from an empty cache" if was_empty else "nothing was running, programs were built"
    _finish(settings, tools, progress, figure, note)


def _is_ready(settings: Settings, steps: list[Step]) -> bool:
    seen = observe_once(settings, steps).values()
    return all(now.life is Life.READY and now.current for now in seen)


def _ensure_images(tools: Tools) -> list[Image]:
    return ensure_system_images(tools["argoexec"], say=lambda _: None)


def _prepare(settings: Settings, tools: Tools, missing: list[ToolGroup], progress: Progress) -> list[Image]:
    """Everything that must be there before the first component starts."""
    if packages := missing_packages():
        started = time.monotonic()
        install_packages(packages, settings.cache / "logs" / "packages.log")
        progress(f"{len(packages)} Debian packages", time.monotonic() - started)
    build_tools(settings, tools, missing, progress)
    link_stable(settings, tools)
    started = time.monotonic()
    images = _ensure_images(tools)
    if time.monotonic() - started > 1:
        progress("system images", time.monotonic() - started)
    drop_build_caches(settings)
    for folder in (settings.state, settings.run):
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    cgroups.create()
    namespaces.save_kernel_settings(settings)
    if not namespaces.exist(settings):
        started = time.monotonic()
        cgroups.kill_all()  # what may still run is in namespaces that cannot be entered any more
        namespaces.create(settings)
        progress("node's namespaces", time.monotonic() - started)
    ensure_pki(settings)
    kubeconfig.write_kubeconfigs(settings)
    return images


def _finish(settings: Settings, tools: Tools, progress: Progress, figure: str, note: str) -> None:
    refusal = "" if kubeconfig.is_merged(settings) else kubeconfig.merge(settings, tools["kubectl"])
    if figure:
        write_figure(FIGURES, figure, progress.seconds, note)
    print(
        f"The cluster is ready: {progress.seconds:.1f} s, {note}."
        if figure
        else f"The cluster is ready: {progress.seconds:.1f} s."
    )
    if progress.lines == 0:
        return
    print(f"  kubectl and helm: {settings.bin}")
    if refusal:
        print(f"  {settings.kubeconfig} was left alone, since {refusal}.")
        print(f"  next: export KUBECONFIG={settings.admin_kubeconfig}; kubectl get nodes")
    else:
        print(f"  next: kubectl --context {CONTEXT} get nodes")
