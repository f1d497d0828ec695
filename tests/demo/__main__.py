"""Show what there is: each step is a command that a person could type, printed with what it answers.

The first step that fails ends the demo, with its message. `make demo` brings the cluster up before.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.context import decide_context
from cluster.settings import settings_from

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = "operator/docs/examples/release-notes.yaml"


@dataclass(frozen=True)
class Step:
    """What is shown, and the command that shows it."""

    title: str
    command: str


STEPS = (
    Step("The language is checked offline, every problem at once", f"headgate lint {EXAMPLE}"),
    Step("What runs before the first gate becomes one Argo Workflow", f"headgate render {EXAMPLE} -i repo=shop"),
    Step("The kinds on a real cluster", "kubectl apply -f crds/"),
    Step("They are served", "kubectl wait --for=condition=Established --timeout=60s -f crds/"),
    Step("The workflow is an object like any other", f"kubectl apply -f {EXAMPLE}"),
    Step("And is listed like one", "kubectl get hwf"),
)
CLOSING = "Not there yet: the operator that runs it. `make cluster-down` takes the cluster away."


def build_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Our own `headgate` and `kubectl` first on the PATH, and the cluster that `make cluster` brought up."""
    settings, context = settings_from(outer), decide_context(outer)
    path = [str(Path(sys.executable).parent), str(settings.bin), outer.get("PATH", "")]
    kubeconfig = {"KUBECONFIG": str(settings.admin_kubeconfig)} if context.ours else {}
    return {**outer, "PATH": os.pathsep.join(path), **kubeconfig}


def build_command(step: Step, context: str) -> list[str]:
    program, *words = shlex.split(step.command)
    return [program, f"--context={context}", *words] if program == "kubectl" else [program, *words]


def main() -> int:
    environment, context = build_environment(os.environ), decide_context(os.environ).name
    for number, step in enumerate(STEPS, start=1):
        print(f"\n{number}. {step.title}\n$ {step.command}", flush=True)
        done = subprocess.run(build_command(step, context), cwd=ROOT, env=environment, check=False)
        if done.returncode:
            print(f"\nThe demo ends here: `{step.command}` failed ({done.returncode}).")
            return 1
    print(f"\n{CLOSING}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
