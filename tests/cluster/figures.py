"""Writes a measured number to `.figures/`, in the one format that `make figures` reads.

Called by `up` for the cold, warm and no-op times.
"""

import json
from pathlib import Path

GOALS = {"cluster_cold_s": 1500, "cluster_warm_s": 45, "cluster_noop_s": 2}


def build_figure(name: str, seconds: float, note: str) -> dict[str, object]:
    return {
        "name": name,
        "value": round(seconds, 2),
        "goal": GOALS[name],
        "unit": "s",
        "n": 1,
        "ours": round(seconds, 2),
        "other": None,
        "note": note,
    }


def write_figure(folder: Path, name: str, seconds: float, note: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(build_figure(name, seconds, note), indent=2) + "\n")
