"""Show the main job on a real cluster: each step is a command that a person could type, printed with what it answers.

The first step that goes wrong ends the demo, with its message. `make demo` brings the cluster up and builds the images
before.
"""

import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from cluster.context import decide_context
from cluster.errors import ClusterError
from cluster.settings import settings_from
from demo.removal import remove
from demo.steps import NAMESPACE, Step, build_steps
from demo.values import find_values

ROOT = Path(__file__).resolve().parents[2]
CLOSING = f"""
Look around: kubectl get hwf,hrun,apr -n {NAMESPACE}; headgate explain RUN -n {NAMESPACE}
Take it away: make demo-down; and the cluster with it: make cluster-down"""


def build_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Our own `headgate`, `kubectl` and `helm` first on the PATH, and the cluster that `make cluster` brought up."""
    settings, context = settings_from(outer), decide_context(outer)
    path = [str(Path(sys.executable).parent), str(settings.bin), outer.get("PATH", "")]
    kubeconfig = {"KUBECONFIG": str(settings.admin_kubeconfig)} if context.ours else {}
    return {**outer, "PATH": os.pathsep.join(path), **kubeconfig, "HEADGATE_CONTEXT": context.name}


def build_command(step: Step, context: str) -> list[str]:
    program, *words = shlex.split(step.command)
    flags = {"kubectl": ["--context", context], "helm": ["--kube-context", context]}
    return [program, *flags.get(program, []), *words]


def show(number: int, step: Step, environment: Mapping[str, str]) -> bool:
    """Whether it went as it should."""
    print(f"\n{number}. {step.title}\n$ {step.command}", flush=True)
    command = build_command(step, environment["HEADGATE_CONTEXT"])
    done = subprocess.run(command, cwd=ROOT, env=dict(environment), check=False)
    if (done.returncode != 0) == step.is_refused:
        return True
    told = "was to be refused, and was not" if step.is_refused else f"failed ({done.returncode})"
    print(f"\nThe demo ends here: `{step.command}` {told}.")
    return False


def main() -> int:
    try:
        environment = build_environment(os.environ)
        if sys.argv[1:] == ["remove"]:
            return remove(decide_context(os.environ), environment)
        found = find_values(decide_context(os.environ), os.environ)
    except ClusterError as error:
        print(error, file=sys.stderr)
        return 1
    values = found if isinstance(found, Path) else settings_from(os.environ).state / "demo-values.json"
    if not isinstance(found, Path):
        values.write_text(json.dumps(found))
    run = time.strftime("demo-%H%M%S", time.gmtime())
    steps = enumerate(build_steps(run, str(values)), start=1)
    if not all(show(number, step, environment) for number, step in steps):
        return 1
    print(CLOSING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
