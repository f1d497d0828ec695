"""Workflows, Runs and what people do about them: each another kind of life, and together every kind of write.

Played with a stand-in for Argo (`support.faults.argo`), which knows three names of nodes: `flaky` fails the first time,
`bad` always, and `held` goes on until its leg is suspended or ended. The Runs of a round have its number at their end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from headgate.names import API_VERSION
from support.run_stage import ENDED

ANA, BEA, CARA = "ana@example.com", "bea@example.com", "cara@example.com"
GROUPS: Mapping[str, tuple[str, ...]] = {
    ANA: ("editors",),
    BEA: ("approvers", "release-managers"),
    CARA: ("approvers", "release-managers"),
}

POLICIES = """
ApprovalPolicy: {name: release}
spec: {stages: [{name: managers, groups: [release-managers], votes: 2}], exclude: [Requester]}
---
ApprovalPolicy: {name: hasty}
spec: {stages: [{name: managers, groups: [release-managers]}], timeout: 2s}
---
ApprovalPolicy: {name: recovery}
spec: {stages: [{name: managers, groups: [release-managers]}]}
"""
WORKFLOWS = """
Workflow: {name: hello}
spec:
  inputs: {name: {type: string, default: world}}
  nodes: [{name: greet, use: set, with: {text: "Hello, ${inputs.name}!"}}]
  outputs: {text: "${greet.text}"}
---
Workflow: {name: chain}
spec:
  execution: {bundling: Never}
  nodes:
  - {name: one, use: set, with: {num: 1}}
  - {name: two, use: set, with: {num: "${one.num + 1}"}}
  - {name: three, use: set, with: {num: "${two.num + one.num}"}}
  outputs: {num: "${three.num}"}
---
Workflow: {name: branches}
spec:
  execution: {bundling: Never}
  nodes:
  - {name: good, use: set, with: {num: 1}}
  - {name: bad, use: set, with: {num: "${good.num}"}}
  - {name: other, use: set, with: {num: "${good.num + 1}"}}
  - {name: behind, use: set, with: {num: "${bad.num}"}}
  - {name: handler, use: set, after: {bad: Failed}, with: {text: handled}}
  finally: [{name: last, use: set, with: {phase: "${run.phase}"}}]
  outputs: {text: "${handler.text}", num: "${other.num}"}
---
Workflow: {name: loop}
spec:
  execution: {bundling: Never}
  nodes:
  - {name: names, use: set, with: {all: [Ana, Bea, Cem]}}
  - {name: each, use: set, forEach: {in: "${names.all}"}, with: {text: said}}
  outputs: {all: "${each.outputs.map(o, o.text)}"}
---
Workflow: {name: parent}
spec:
  nodes:
  - {name: before, use: set, with: {name: Ana}}
  - {name: sub, use: workflow/hello, with: {name: "${before.name}"}}
  outputs: {text: "${sub.text}"}
---
Workflow: {name: timer}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: pause, use: wait, after: {first: Succeeded}, with: {for: 2s}}
  - {name: then, use: set, after: {pause: Succeeded}, with: {num: "${first.num}"}}
  outputs: {num: "${then.num}"}
---
Workflow: {name: gate}
spec:
  nodes:
  - {name: draft, use: set, with: {text: Draft}}
  - {name: review, use: approval, with: {policy: release, message: Go on, edit: {text: "${draft.text}"}}}
  - {name: send, use: set, with: {sent: "${review.values.text}"}}
  - {name: sorry, use: set, after: {review: Failed}, with: {sent: nothing}}
  outputs: {sent: "${send.?sent.orValue('nothing')}"}
---
Workflow: {name: hurry}
spec:
  nodes:
  - {name: review, use: approval, with: {policy: hasty, message: Go on}}
  - {name: sorry, use: set, after: {review: Failed}, with: {sent: nothing}}
---
Workflow: {name: question}
spec:
  nodes:
  - {name: ask, use: clarify, with: {policy: recovery, question: Which word, answer: {word: {type: string}}}}
  - {name: use_it, use: set, with: {word: "${ask.values.word}"}}
  outputs: {word: "${use_it.word}"}
---
Workflow: {name: recovery}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: flaky, use: set, onError: Ask, with: {num: "${first.num + 1}"}}
  - {name: after_it, use: set, with: {num: "${flaky.num + 1}"}}
  outputs: {num: "${after_it.num}"}
---
Workflow: {name: again}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: flaky, use: set, with: {num: "${first.num + 1}"}}
  outputs: {num: "${flaky.num}"}
---
Workflow: {name: long}
spec:
  execution: {bundling: Never}
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: held, use: set, with: {num: "${first.num + 1}"}}
  - {name: then, use: set, with: {num: "${held.num + 1}"}}
  finally: [{name: last, use: set, with: {phase: "${run.phase}"}}]
---
Workflow: {name: short}
spec:
  execution: {bundling: Never, timeout: 2s}
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: held, use: set, with: {num: "${first.num + 1}"}}
---
Workflow: {name: family}
spec:
  nodes: [{name: sub, use: workflow/long}]
---
Workflow: {name: failing}
spec:
  nodes:
  - {name: good, use: set, with: {num: 1}}
  - {name: bad, use: set, with: {num: "${good.num / 0}"}}
  - {name: handler, use: set, with: {why: "${bad.error.reason}"}}
  finally: [{name: last, use: set, with: {phase: "${run.phase}"}}]
  outputs: {why: "${handler.why}"}
"""
RUNS: Mapping[str, Mapping[str, Any]] = {
    "chain": {"workflow": "chain"},
    "branches": {"workflow": "branches"},
    "loop": {"workflow": "loop"},
    "parent": {"workflow": "parent"},
    "timer": {"workflow": "timer"},
    "approved": {"workflow": "gate"},
    "rejected": {"workflow": "gate"},
    "corrected": {"workflow": "gate"},
    "expired": {"workflow": "hurry"},
    "answered": {"workflow": "question"},
    "recovered": {"workflow": "recovery"},
    "again": {"workflow": "again"},
    "paused": {"workflow": "long"},
    "stopped": {"workflow": "long"},
    "ended": {"workflow": "long"},
    "late": {"workflow": "short"},
    "family": {"workflow": "family"},
    "brief": {"workflow": "hello", "ttl": "1s"},
}
"""What is created at the start of a round."""
IN_PODS = ("failing", "parent", "timer", "corrected")
"""Those that need no stand-in for Argo."""
_FAILING = {"workflow": "failing"}
"""Nothing but a pod evaluates its expression."""
TAKEN = {"workflow": "chain", "from": {"run": "chain", "restart": ["three"]}}
"""And what once the Run is over from which it takes."""
GONE = "brief"
"""Deletes itself."""

_YES = {"verdict": "Approve"}
_CORRECTED = {"verdict": "Approve", "values": {"text": "Better"}}
VOTES: Mapping[str, tuple[Mapping[str, Mapping[str, Any]], ...]] = {
    "approved": ({BEA: _YES, CARA: _YES},),
    "rejected": ({BEA: {"verdict": "Reject", "reason": "no"}},),
    "corrected": ({BEA: _CORRECTED}, {CARA: _YES}),
    "answered": ({BEA: {"verdict": "Answer", "values": {"word": "this"}}},),
    "recovered": ({CARA: {"verdict": "Retry"}},),
}
"""Run → what people answer to its first request, and to the one that takes its place."""
_STATES = {"paused": "Paused", "stopped": "Stopped", "ended": "Terminated", "family": "Stopped"}


def build_objects(namespace: str) -> list[dict[str, Any]]:
    """Policies and workflows."""
    things = []
    for document in [*yaml.safe_load_all(POLICIES), *yaml.safe_load_all(WORKFLOWS)]:
        (kind, metadata), spec = next(iter(document.items())), document["spec"]
        things.append(_object(kind, {**metadata, "namespace": namespace}, spec))
    return things


def build_runs(round_: int, lives: Iterable[str] = RUNS) -> list[dict[str, Any]]:
    return [build_run(life, RUNS.get(life, _FAILING), round_) for life in lives]


def build_run(life: str, spec: Mapping[str, Any], round_: int) -> dict[str, Any]:
    if "from" in spec:
        spec = {**spec, "from": {**spec["from"], "run": f"{spec['from']['run']}-{round_}"}}
    return _object("Run", {"name": f"{life}-{round_}"}, spec)


def _object(kind: str, metadata: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": dict(metadata), "spec": dict(spec)}


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody does: a patch of a Run or a request, or the creation of a Run (no `name`)."""

    who: str
    kind: str
    name: str
    body: Mapping[str, Any]


Objects = Mapping[str, Mapping[str, Any]]
"""Name → object."""


def decide_deeds(runs: Objects, requests: Objects, round_: int) -> Iterator[Deed]:
    """What people do about what they see. What is done is not done again, since it can be seen."""
    for life, votes in VOTES.items():
        yield from _votes(f"{life}-{round_}", votes, requests)
    for life, state in _STATES.items():
        yield from _declarations(f"{life}-{round_}", state, runs)
    again = runs.get(f"again-{round_}", {})
    if _phase(again) == "Failed" and again["spec"].get("attempt", 1) == 1:
        yield Deed(ANA, "Run", f"again-{round_}", {"spec": {"attempt": 2}})
    if _phase(runs.get(f"chain-{round_}", {})) in ENDED and f"taken-{round_}" not in runs:
        yield Deed(ANA, "Run", "", build_run("taken", TAKEN, round_))


def _votes(run: str, votes: tuple[Mapping[str, Mapping[str, Any]], ...], requests: Objects) -> Iterator[Deed]:
    for name, request in requests.items():
        if request["spec"]["run"] != run or (request.get("status") or {}).get("phase") != "Open":
            continue
        wanted = votes[-1 if "corrects" in request["spec"]["binding"] else 0]
        for who in wanted.keys() - (request["spec"].get("votes") or {}).keys():
            yield Deed(who, "ApprovalRequest", name, {"spec": {"votes": {"me": wanted[who]}}})


def _declarations(run: str, state: str, runs: Objects) -> Iterator[Deed]:
    """Once the node that is held runs; and a pause ends when it is over."""
    there = runs.get(run, {})
    if not there:
        return
    worker = runs.get(((there.get("status") or {}).get("nodes") or {}).get("sub", {}).get("child", run), {})
    held = ((worker.get("status") or {}).get("nodes") or {}).get("held", {}).get("phase")
    spec = there["spec"]
    if "declaredBy" not in spec and held == "Running":
        yield Deed(ANA, "Run", run, {"spec": {"state": state}})
    if spec.get("state") == "Paused" and held == "Succeeded":
        yield Deed(ANA, "Run", run, {"spec": {"state": "Running"}})


def _phase(run: Mapping[str, Any]) -> str:
    phase: str = (run.get("status") or {}).get("phase", "")
    return phase


def are_over(runs: Objects, lives: Iterable[str], round_: int) -> bool:
    """Whether nothing more becomes of these lives in a round."""
    mine = _of_round(runs, round_)
    awaited = {f"{life}-{round_}" for life in with_followers(lives) if life != GONE}
    again = mine.get(f"again-{round_}", {}).get("status", {})
    return (
        awaited <= mine.keys()
        and f"{GONE}-{round_}" not in mine
        and all(_phase(run) in ENDED for run in mine.values())
        and again.get("attempt", 2) == 2
    )


def read_ends(runs: Objects, requests: Objects, round_: int) -> dict[str, Any]:
    """How the Runs of a round have ended and what became of their requests, by names that are the same in each."""
    mine = {name: run for name, run in _of_round(runs, round_).items() if _phase(run) in ENDED}
    ends: dict[str, Any] = {_plain(name, run): _end(run["status"]) for name, run in mine.items()}
    asked = (one for one in requests.values() if one["spec"]["run"] in mine)
    for request in sorted(asked, key=lambda one: "corrects" in one["spec"]["binding"]):
        name = f"requests of {request['spec']['run'].rpartition('-')[0]}"
        ends.setdefault(name, []).append((request["spec"]["type"], (request.get("status") or {}).get("phase")))
    return ends


def with_followers(lives: Iterable[str]) -> frozenset[str]:
    """And what somebody asks for because of them."""
    asked = frozenset(lives)
    return asked | {"taken"} if "chain" in asked else asked


def life_of(end: str) -> str:
    """Whose end `read_ends` tells under this name."""
    return end.rpartition(" ")[2]


def _of_round(runs: Objects, round_: int) -> dict[str, Mapping[str, Any]]:
    return {name: run for name, run in runs.items() if _root(run).rpartition("-")[2] == str(round_)}


def _root(run: Mapping[str, Any]) -> str:
    owners = [one["name"] for one in run["metadata"].get("ownerReferences") or ()]
    name: str = owners[0] if owners else run["metadata"]["name"]
    return name


def _plain(name: str, run: Mapping[str, Any]) -> str:
    """A child is called after its parent."""
    life = _root(run).rpartition("-")[0]
    return life if _root(run) == name else f"child of {life}"


def _end(status: Mapping[str, Any]) -> tuple[Any, ...]:
    nodes = {name: (one["phase"], one.get("reason")) for name, one in (status.get("nodes") or {}).items()}
    return status["phase"], status.get("outputs"), nodes
