"""How each component is doing, as a table, and what the components wrote.

`python -m cluster status` and `logs`, and so `make cluster-status` and `make cluster-logs C=kubelet`.
"""

import os
import time

from cluster import namespaces
from cluster.builds import find_tools
from cluster.component import Component, Step
from cluster.components import NAMES, build_steps, ensure_images
from cluster.errors import ClusterError
from cluster.plan import Life, Observation
from cluster.processes import read_record
from cluster.settings import Settings
from cluster.supervisor import observe_once

WORDS = {Life.ABSENT: "down", Life.WAITING: "not ready", Life.READY: "ready"}


def print_status(settings: Settings) -> bool:
    """Whether everything is ready. Without the link nothing is asked: the questions would leave the machine."""
    tools, missing = find_tools(settings)
    if missing or not namespaces.exist(settings):
        print("The cluster is down: `make cluster` brings it up.")
        return False
    steps = build_steps(settings, tools, ensure_images(tools))
    seen = observe_once(settings, steps)
    print(f"{'COMPONENT':<24} {'STATE':<10} {'PID':>7} {'SINCE':>8}  LOG")
    for step in steps:
        print(format_row(settings, step, seen[step.name], time.time()))
    return all(now.life is Life.READY for now in seen.values())


def format_row(settings: Settings, step: Step, now: Observation, clock: float) -> str:
    if not isinstance(step, Component):
        return f"{step.name:<24} {'done' if now.life is Life.READY else 'not done':<10}"
    record = read_record(settings, step.name)
    running = record is not None and now.life is not Life.ABSENT
    pid, since = (str(record.pid), format_age(clock - record.since)) if record and running else ("-", "-")
    reason = f"  ({now.reason})" if now.life is Life.WAITING else ""
    return f"{step.name:<24} {WORDS[now.life]:<10} {pid:>7} {since:>8}  {settings.logs / step.name}.log{reason}"


def format_age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def show_log(settings: Settings, name: str, *, follow: bool) -> None:
    """Becomes `tail`, so that following ends with the person's Ctrl-C and nothing of ours in between."""
    if name not in NAMES:
        raise ClusterError(f"There is no component {name!r}: choose one of {', '.join(NAMES)}.")
    log = settings.logs / f"{name}.log"
    if not log.exists():
        raise ClusterError(f"{name} has not written anything yet: bring the cluster up with `make cluster`.")
    words = ["tail", "-n", "200", *(["-F"] if follow else []), str(log)]
    os.execvp(words[0], words)
