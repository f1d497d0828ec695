"""Run every check, or those that are named: `python -m checks [NAME…]`, as `make verify` does.

All of them run, whatever the first one says. A line for each, with its findings under it; exit 1 if there are any.
"""

import sys
import textwrap
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checks.chart import check_chart
from checks.commands import check_layers, check_shell, check_style, check_types
from checks.generated import check_generated
from checks.go_modules import check_go
from checks.hygiene import check_hygiene
from checks.licences import check_licences
from checks.locks import check_locks
from checks.secret_scan import check_secrets
from checks.tree import Tree
from checks.verdict import Absent, Check, Finding, Verdict

CHECKS = (
    Check("style", check_style),
    Check("types", check_types),
    Check("layers", check_layers),
    Check("go", check_go),
    Check("shell", check_shell),
    Check("generated", check_generated),
    Check("chart", check_chart),
    Check("locks", check_locks),
    Check("licences", check_licences),
    Check("secrets", check_secrets),
    Check("hygiene", check_hygiene),
)


def main(names: list[str]) -> int:
    unknown = set(names) - {check.name for check in CHECKS}
    if unknown:
        print(f"no check is called {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in CHECKS)}")
        return 2
    tree = Tree(Path(__file__).resolve().parents[2])
    chosen = [check for check in CHECKS if not names or check.name in names]
    with ThreadPoolExecutor() as pool:
        clean = [tell(*result) for result in pool.map(lambda check: run(check, tree), chosen)]
    return 0 if all(clean) else 1


def run(check: Check, tree: Tree) -> tuple[Check, Verdict, float]:
    """Let a check look at the tree. One that breaks off has failed; the others are still to be heard."""
    started = time.monotonic()
    try:
        verdict = check.run(tree)
    except Exception:  # noqa: BLE001 - whatever it is, it is told with the other findings
        verdict = [Finding(check.name, "broke off", "mend the check, or what it reads", traceback.format_exc())]
    return check, verdict, time.monotonic() - started


def tell(check: Check, verdict: Verdict, seconds: float) -> bool:
    """Print what a check said, and return whether the tree may stay as it is."""
    if isinstance(verdict, Absent):
        print(f"--      {check.name}: {verdict.why}")
        return True
    print(f"{'FAILED' if verdict else 'ok    '}  {check.name} ({seconds:.1f} s)", flush=True)
    for finding in verdict:
        print(textwrap.indent(str(finding), " " * 8), flush=True)
    return not verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
