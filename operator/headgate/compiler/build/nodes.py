"""A node of the graph: a draft, and what an environment makes of it."""

from dataclasses import dataclass, replace
from typing import Any

from headgate.api.nodetype import Gate
from headgate.api.workflow import Execution
from headgate.compiler.build import settings
from headgate.compiler.build.gates import NO_GATES
from headgate.compiler.build.needs import NOTHING
from headgate.compiler.build.objects import Vars
from headgate.compiler.build.settings import Settled
from headgate.compiler.build.survey import Draft, Survey
from headgate.compiler.catalogue import Found
from headgate.compiler.graph import OUTPUTS, Graph, Node, Role
from headgate_lang.fate import Outcome


def graph_under(survey: Survey, constants: Vars) -> Graph:
    """The graph of a survey, with the constants of an environment."""
    settled = Settled(survey.spec.defaults)
    nodes = [_node(survey.drafts[name], survey, constants, settled) for name in survey.order]
    outputs = _outputs(survey)
    execution = survey.spec.execution or _NO_WORD
    return Graph(
        (*nodes, outputs) if outputs else tuple(nodes),
        bundling=execution.bundling,
        parallelism=execution.parallelism,
    )


_NO_WORD = Execution()


def graph_with(base: Graph, survey: Survey, constants: Vars) -> Graph:
    """The same graph with other constants. Only nodes that name objects by constants are others."""
    settled = Settled(survey.spec.defaults)
    changed = {
        draft.name: _node(draft, survey, constants, settled)
        for draft in survey.drafts.values()
        if any(mention.constant is not None for mention in draft.mentions)
    }
    return replace(base, nodes=tuple(changed.get(node.name, node) for node in base)) if changed else base


def _node(draft: Draft, survey: Survey, constants: Vars, settled: Settled) -> Node:
    written, use = draft.node, draft.use
    applied = settled.of(written, use)
    named = _named(draft, survey, constants) if draft.mentions else _NOTHING_NAMED
    prepares = _prepares(draft)
    return Node(
        name=written.name,
        role=use.role,
        use=use.pinned,
        needs=draft.needs,
        reads=_reads(draft) if draft.reads else NOTHING,
        inputs=draft.inputs,
        params=named.params or written.with_,
        when=written.when,
        loop=settings.loop_of(written.for_each) if written.for_each else None,
        type=use.type,
        timeout=applied.timeout,
        retry=applied.retry,
        on_error=applied.on_error,
        pod=applied.pod,
        final=draft.final,
        prepares=prepares or named.rule is not None,
        credentials=named.credentials,
        policy=named.policy,
        gates=survey.gates.get(use.text, NO_GATES),
        rule=named.rule,
        asks_anyway=use.role is Role.GATE and not prepares,
        behind=named.behind,
        models=named.models,
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """The objects that a node names."""

    params: dict[str, Any] | None = None
    """The parameters, with those that constants name in their place; None if there are none."""
    credentials: tuple[str, ...] = ()
    policy: str | None = None
    rule: str | None = None
    behind: frozenset[str] = NOTHING
    models: frozenset[str] = NOTHING


_NOTHING_NAMED = _Named()


def _named(draft: Draft, survey: Survey, constants: Vars) -> _Named:
    by_kind: dict[str, tuple[str, ...]] = {}
    params = draft.node.with_
    for mention in draft.mentions:
        names = mention.names(constants)
        by_kind[mention.kind] = (*by_kind.get(mention.kind, ()), *names)
        if mention.constant is not None and names:
            params = {**params, mention.parameter: names[0]}
    credentials = by_kind.get("Credential", ())
    policy = next(iter(by_kind.get("ApprovalPolicy", ())), None)
    models = by_kind.get("Model", ())
    return _Named(
        params,
        credentials,
        policy,
        rule=_rule(draft, policy, survey) if policy is not None else None,
        behind=_behind(credentials, survey) if credentials else NOTHING,
        models=_external(models, survey) if models else NOTHING,
    )


def _outputs(survey: Survey) -> Node | None:
    """The node that renders the outputs, if they are more than literals and plain paths."""
    if all(place.reading.is_plain for place in survey.outputs):
        return None
    read = [name for name in survey.output_reads if name in survey.drafts and not survey.drafts[name].final]
    return Node(
        name=OUTPUTS,
        role=Role.RENDER,
        use=OUTPUTS,
        needs=dict.fromkeys(read, Outcome.ENDED),
        reads=frozenset(read),
        inputs=survey.output_inputs,
        params=survey.spec.outputs,
    )


def _reads(draft: Draft) -> frozenset[str]:
    reads = frozenset(draft.reads)
    return reads.intersection(draft.needs) if draft.strays else reads


def _rule(draft: Draft, policy: str, survey: Survey) -> str | None:
    """A policy approves by a rule where people are asked for a yes, and nowhere else."""
    if draft.use.type is None or draft.use.type.gate is not Gate.APPROVAL:
        return None
    answer = survey.catalogue.policy(policy)
    return answer.value.auto_approve if isinstance(answer, Found) else None


def _behind(credentials: tuple[str, ...], survey: Survey) -> frozenset[str]:
    answers = (survey.catalogue.credential(name) for name in credentials)
    return frozenset(answer.value.behind for answer in answers if isinstance(answer, Found) and answer.value.behind)


def _external(models: tuple[str, ...], survey: Survey) -> frozenset[str]:
    answers = ((name, survey.catalogue.model(name)) for name in models)
    return frozenset(name for name, answer in answers if isinstance(answer, Found) and answer.value.external)


def _prepares(draft: Draft) -> bool:
    """Whether a pod must compute something before the node can start: `when` is asked in pods alone, however plain."""
    needs_pod = draft.node.when is not None or (draft.use.role is not Role.WORK and not draft.is_plain)
    if draft.node.for_each is None:
        return draft.use.role is not Role.WORK and needs_pod
    if not draft.is_expanded:
        return False
    return needs_pod or not draft.has_written_list
