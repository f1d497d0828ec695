"""The chart, as `helm lint` sees it. Helm is the one that `make cluster` builds, or one on the PATH."""

import os
import shutil

from checks.commands import run_tool
from checks.tree import Tree
from checks.verdict import Absent, Verdict
from cluster.settings import settings_from

CHART = "charts/headgate"


def check_chart(tree: Tree) -> Verdict:
    if f"{CHART}/Chart.yaml" not in tree.files:
        return Absent("there is no chart yet")
    helm = shutil.which("helm", path=os.pathsep.join([str(settings_from(os.environ).bin), os.environ.get("PATH", "")]))
    if helm is None:
        return Absent("there is no helm yet, `make cluster` builds it")
    with_everything = "namespaces={docs},replicas=2"
    return run_tool([helm, "lint", "--strict", CHART, "--set", with_everything], tree, "mend the chart")
