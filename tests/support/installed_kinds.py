"""Headgate's kinds on a cluster, as this working tree has them: installed, and served."""

from typing import Any

from cluster.kubectl import Kubectl
from headgate.api.generate import render_crds
from headgate.api.kinds import KINDS
from headgate.names import GROUP


def install_kinds(kubectl: Kubectl) -> None:
    kubectl.apply(*render_crds().values())
    for kind in KINDS:
        kubectl.wait(f"crd/{kind.crd.plural}.{GROUP}", until=_is_established)


def _is_established(crd: Any) -> bool:
    conditions = crd.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
