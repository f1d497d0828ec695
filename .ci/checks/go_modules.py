"""Our Go code: the formatting of all of it, and `go vet` of the modules that stand on the standard library alone.

The others stand on Kubernetes or CoreDNS. To vet them is to compile those: minutes, so it is left to their build.
"""

import shutil
from pathlib import PurePosixPath

from checks.commands import run_tool
from checks.tree import Tree
from checks.verdict import Absent, Finding, Verdict


def check_go(tree: Tree) -> Verdict:
    sources = tree.named(".go")
    if not sources:
        return Absent("there is no Go code")
    if not shutil.which("go") or not shutil.which("gofmt"):
        return [Finding("go", "is not on the PATH", "install Go 1.26, which brings gofmt")]
    found = run_tool(["gofmt", "-d", *sources], tree, "`make fmt` formats it")
    for module in tree.named("go.mod"):
        if "require" not in (tree.text(module) or ""):
            folder = str(PurePosixPath(module).parent)
            found += run_tool(["go", "-C", folder, "vet", "./..."], tree, "mend it")
    return found
