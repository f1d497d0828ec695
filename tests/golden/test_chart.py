"""What the chart installs, read in review: all but CRDs, NodeTypes and policies, which are read where they stand."""

import re
from pathlib import Path

import pytest

from support.chart import CHART, find_helm, render_text
from support.golden import Golden

STORED = Path(__file__).parent / "chart"
WHOLE = {"namespaces": ["docs"], "replicas": 2, "imagePullSecrets": ["registry"], "nodeTypes": {"enabled": False}}

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)


def test_everything_that_is_installed(golden: Golden) -> None:
    templates = sorted(path.stem for path in (CHART / "templates").glob("*.yaml"))
    only = tuple(name for name in templates if name not in ("admission", "crds", "nodetypes"))
    rendered = render_text("headgate", "headgate-system", WHOLE, only)
    golden.check(STORED / "headgate.yaml", re.sub(r"\n{2,}", "\n", rendered))
