"""How a leg is found again: its name, its labels, whose it is, and what it claims."""

import json
from typing import Any

from headgate.compiler.emit.context import Context
from headgate.compiler.leg import Leg
from headgate.names import API_VERSION, GROUP, child_name

RUN_UID = f"{GROUP}/run-uid"
LEG = f"{GROUP}/leg"
CLAIMS = f"{GROUP}/claims"
SHUT_DOWN_AT = f"{GROUP}/shut-down-at"
RESUMED_AT = f"{GROUP}/resumed-at"
"""When Headgate did so last; not there before."""


def leg_name(run: str, uid: str, number: int) -> str:
    """The same for the same leg, so that creating it twice finds it the second time."""
    return child_name(run, uid[:8], str(number))


def claims(leg: Leg) -> str:
    """Position → instances. An object of this name with other claims is not this leg."""
    return json.dumps([[str(member) for member in bundle.members] for bundle in leg.bundles], separators=(",", ":"))


def build_labels(context: Context) -> dict[str, str]:
    """Of the leg and of its pods. Uids, never a person's name."""
    return {RUN_UID: context.run.uid, LEG: str(context.number)}


def build_metadata(leg: Leg, context: Context) -> dict[str, Any]:
    run = context.run
    return {
        "name": leg_name(run.name, run.uid, context.number),
        "namespace": run.namespace,
        "labels": build_labels(context),
        "annotations": {CLAIMS: claims(leg)},
        "ownerReferences": [
            {"apiVersion": API_VERSION, "kind": "Run", "name": run.name, "uid": run.uid, "controller": True}
        ],
    }
