"""Legs to create: their claims, and their manifests with all that their pods will read. Asked once the claims are known
to be written, in the same decision or in a later one."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.bundle import bundle
from headgate.compiler.emit import Context, Document, emit
from headgate.compiler.emit.identity import leg_name
from headgate.compiler.graph import Node
from headgate.compiler.known import Instance, Known
from headgate.compiler.leg import Leg
from headgate.compiler.types import form, loop, node
from headgate.lifecycle import claims
from headgate.lifecycle.actions import CreateLeg, KeepOutputs
from headgate.lifecycle.carrying import carry
from headgate.lifecycle.case import Case
from headgate.lifecycle.concluding import close
from headgate.lifecycle.ending import ending_of
from headgate.lifecycle.entries import Told
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.granting import Refusal, credentials_for
from headgate.lifecycle.hearing import Heard
from headgate.lifecycle.legview import Circumstances
from headgate.lifecycle.outputs import documents_of, error_of, failures
from headgate.lifecycle.resting import requests_before
from headgate.lifecycle.returning import returned_nodes
from headgate.lifecycle.served import models_for
from headgate_lang.report import Entry, Phase


@dataclass(frozen=True, slots=True)
class NewLeg:
    number: int
    leg: Leg

    def status(self, case: Case) -> LegStatus:
        name = leg_name(case.name, case.uid, self.number)
        claimed = claims.spell(self.leg.instances)
        return LegStatus(number=self.number, argo=name, phase=NodePhase.PENDING, claims=claimed)


def again(case: Case, number: int, instances: Iterable[Instance]) -> NewLeg:
    """A leg that was claimed and is not there: bundled anew out of what it claims."""
    place = {node.name: number for number, node in enumerate(case.graph)}
    in_order = sorted(instances, key=lambda one: (place[one.node], not one.prepare, one.index or 0))
    return NewLeg(number, Leg(bundle(case.graph, in_order)))


def create(case: Case, facts: Facts, new: NewLeg) -> Iterator[KeepOutputs | CreateLeg]:
    context = build_context(case, facts, new)
    read, keeps = carry(case, context.documents)
    yield from keeps
    manifest = emit(case.graph, new.leg, replace(context, documents=read))
    instances = new.leg.instances
    names = dict.fromkeys(instance.node for instance in instances)
    working = (case.graph[name] for name in dict.fromkeys(one.node for one in instances if not one.prepare))
    yield CreateLeg(
        manifest["metadata"]["name"],
        new.number,
        manifest,
        nodes=claims.spell(instances),
        rests_on=requests_before(case, facts, names),
        credentials={node.name: node.credentials for node in working if node.credentials},
    )


def refuse(case: Case, new: NewLeg, why: Mapping[Instance, Refusal]) -> KeepOutputs:
    """In place of a leg some of which may not run: it has ended before it was created. That is kept, so that it stands
    whatever becomes of the credential; the others of it are planned again."""
    told = {
        one: Told(Entry(Phase.FAILED, refusal.reason, refusal.message, attempts=0), new.number)
        for one, refusal in why.items()
    }
    around = Circumstances(case.graph, case.observed, case.now)
    keep = close(new.status(case), Heard(told), None, around).keep
    assert keep is not None
    return keep


def build_context(case: Case, facts: Facts, new: NewLeg) -> Context:
    """Only what this leg reads: all else stays where it lies."""
    members = [case.graph[name] for name in dict.fromkeys(instance.node for instance in new.leg.instances)]
    needed = dict.fromkeys(need for member in members for need in member.needs)
    read = {name for member in members for name in member.reads}
    documents: dict[Instance, Document] = {}
    ended = [case.graph[name] for name in needed if Instance(name) in facts.settled]
    errors = {one.name: error for one in ended if (error := error_of(case, facts, one)) is not None}
    failed = {one.name: tuple(failures(facts, one)) for one in ended if one.loop is not None}
    for name in read | {member.name for member in members if member.loop is not None}:
        documents.update(documents_of(case, facts, case.graph[name]))
    is_final = any(member.final for member in members)
    phase, bad = ending_of(case, facts) if is_final else (None, None)
    return Context(
        run=case.task_run(phase, bad),
        number=new.number,
        known=Known(facts.settled),
        platform=case.settings.platform,
        inputs=case.status.inputs,
        vars=case.vars,
        documents=documents,
        errors=errors,
        failed_items=failed,
        schemas=_schemas(case, read),
        credentials=credentials_for(members, case.observed.catalogue),
        models=models_for(members, case.status.inputs, case.observed.catalogue),
        returned=returned_nodes(case.graph, case.pinned.workflow.outputs),
        http=case.settings.http.of(case.run.metadata.namespace or ""),
        max_items=case.settings.max_items,
    )


def _schemas(case: Case, read: Iterable[str]) -> Mapping[str, Any]:
    """Where numbers are doubles though they are written `3`."""
    schemas: dict[str, Any] = {"inputs": form(case.pinned.workflow.inputs)}
    schemas.update((name, _schema(case.graph[name])) for name in sorted(read))
    return schemas


def _schema(one: Node) -> Any:
    output = one.type.output if one.type else {}
    return loop(output) if one.loop is not None else node(output)
