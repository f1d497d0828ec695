"""The chart, as helm renders it: the one that `make cluster` builds, or one on the PATH. Tests install parts of it."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cluster.commands import run
from cluster.settings import settings_from

CHART = Path(__file__).resolve().parents[2] / "charts/headgate"

Manifest = dict[str, Any]


def find_helm() -> str | None:
    return shutil.which("helm", path=os.pathsep.join([str(settings_from(os.environ).bin), os.environ.get("PATH", "")]))


def render_text(
    release: str,
    namespace: str,
    values: Mapping[str, Any] | None = None,
    only: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> str:
    """All that the chart installs under these values, or only what these templates make."""
    helm = find_helm()
    assert helm is not None, "there is no helm: `make cluster` builds it"
    words: list[str | Path] = [helm, "template", release, CHART, "--namespace", namespace, "--values", "-", *flags]
    words += [word for name in only for word in ("--show-only", f"templates/{name}.yaml")]
    return run(words, stdin=json.dumps(values or {}))


def render(
    release: str,
    namespace: str,
    values: Mapping[str, Any] | None = None,
    only: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> list[Manifest]:
    """The same, read."""
    rendered = render_text(release, namespace, values, only, flags)
    return [document for document in yaml.load_all(rendered, yaml.CSafeLoader) if document]


def spec_hash(spec: Mapping[str, Any]) -> str:
    """The hash that the chart writes beside what it hashes: of compact JSON with sorted keys."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
