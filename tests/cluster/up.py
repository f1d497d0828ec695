"""From whatever is there to a cluster that is ready, saying how long each step took.

`python -m cluster up`, and so `make cluster`. On a cluster that is fine it only looks.
"""

import time
from dataclasses import dataclass, field

from cluster import cgroups, kubeconfig, namespaces
from cluster.builds import build_tools, find_tools, link_stable, tidy_cache
from cluster.components import build_steps, ensure_images
from cluster.errors import PrerequisiteError
from cluster.figures import write_figure
from cluster.images import Image
from cluster.packages import install_packages, missing_packages
from cluster.pki import ensure_pki
from cluster.plan import decide
from cluster.prerequisites import check_machine, gather_machine
from cluster.settings import CONTEXT, REPOSITORY, Settings
from cluster.supervisor import Supervisor, observe_once
from cluster.tools import ToolGroup, Tools

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
        steps = build_steps(settings, tools, ensure_images(tools))
        if decide(steps, observe_once(settings, steps)).settled:
            _finish(settings, tools, progress, "cluster_noop_s", "nothing to do")
            return
    problems = check_machine(gather_machine(settings), settings, building=bool(missing))
    if problems:
        raise PrerequisiteError(problems)
    figure, note = choose_figure(
        built_before=(settings.cache / "tools").exists(),
        building=bool(missing),
        data=settings.state.exists(),
        running=bool(cgroups.processes()),
    )
    print(f"Bringing up the cluster {CONTEXT!r}", flush=True)
    images = _prepare(settings, tools, missing, progress)
    Supervisor(settings, build_steps(settings, tools, images), progress).bring_up()
    _finish(settings, tools, progress, figure, note)


def choose_figure(*, built_before: bool, building: bool, data: bool, running: bool) -> tuple[str, str]:
    """Which of the measured times this run gives, and its note: none for a repair, or with data from before."""
    if data or running:
        return "", ""
    if not built_before:
        return "cluster_cold_s", "from an empty cache"
    return ("", "") if building else ("cluster_warm_s", "nothing was running, programs were built")


def _prepare(settings: Settings, tools: Tools, missing: list[ToolGroup], progress: Progress) -> list[Image]:
    """Everything that must be there before the first component starts."""
    if packages := missing_packages():
        started = time.monotonic()
        install_packages(packages, settings.cache / "logs" / "packages.log")
        progress(f"{len(packages)} Debian packages", time.monotonic() - started)
    if missing:
        names = ", ".join(group.name for group in missing)
        print(f"  … building {names} from source, once; all of them take 20 minutes on 2 cores", flush=True)
    build_tools(settings, tools, missing, progress)
    link_stable(settings, tools)
    started = time.monotonic()
    images = ensure_images(tools)
    if time.monotonic() - started > 1:
        progress("system images", time.monotonic() - started)
    tidy_cache(settings)
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
    print(f"The cluster is ready: {progress.seconds:.1f} s{f', {note}' if note else ''}.")
    if progress.lines == 0:
        return
    print(f"  kubectl and helm: {settings.bin}")
    if refusal:
        print(f"  {settings.kubeconfig} was left alone, since {refusal}.")
        print(f"  next: export KUBECONFIG={settings.admin_kubeconfig}; kubectl get nodes")
    else:
        print(f"  next: kubectl --context {CONTEXT} get nodes")
