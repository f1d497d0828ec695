"""kubectl for tests: one object that knows the context, applies manifests and waits for what they lead to.

The fixtures in `tests/e2e/conftest.py` hand it to tests; any other test may make one with `connect`.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cluster.commands import run
from cluster.context import decide_context
from cluster.errors import ClusterError, CommandError
from cluster.settings import CONTEXT, Settings


class Kubectl:
    """Runs kubectl against one cluster."""

    def __init__(self, program: Path, context: str, kubeconfig: Path | None = None) -> None:
        self.program = program
        self._words = [str(program), f"--context={context}"]
        if kubeconfig is not None:
            self._words.append(f"--kubeconfig={kubeconfig}")

    def __call__(self, *words: str, stdin: str | None = None, check: bool = True) -> str:
        return run([*self._words, *words], stdin=stdin, check=check)

    def get(self, *words: str) -> Any:
        """What `kubectl get … -o json` prints, or None where there is no such thing."""
        text = self("get", *words, "-o", "json", "--ignore-not-found")
        return json.loads(text) if text.strip() else None

    def apply(self, *documents: Mapping[str, Any] | str) -> None:
        """Manifests as text or as objects, in one go."""
        texts = [text if isinstance(text, str) else json.dumps(text) for text in documents]
        self("apply", "--server-side", "--force-conflicts", "-f", "-", stdin="\n---\n".join(texts))

    def wait(self, *words: str, until: Callable[[Any], bool], seconds: float = 60.0) -> Any:
        """Ask until the answer pleases; what was seen last is in the error otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.get(*words)
            if found is not None and until(found):
                return found
            if time.monotonic() > deadline:
                seen = json.dumps((found or {}).get("status"), indent=1)[:3000]
                raise CommandError(f"`kubectl get {' '.join(words)}` did not come to what was awaited: {seen}")
            time.sleep(0.2)


def connect(settings: Settings, environment: Mapping[str, str]) -> Kubectl:
    """To our own cluster, or to the one that HEADGATE_CONTEXT names if tests may touch it."""
    context = decide_context(environment)
    if not context.ours:
        return Kubectl(Path("kubectl"), context.name)
    if not settings.admin_kubeconfig.exists():
        raise ClusterError("There is no cluster to test on: bring it up with `make cluster`.")
    return Kubectl(settings.bin / "kubectl", CONTEXT, settings.admin_kubeconfig)
