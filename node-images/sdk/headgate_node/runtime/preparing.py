"""What a pod computes for something that starts later and elsewhere: parameters of a gate or a child Run, and the
workflow's `outputs`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headgate_lang import documents
from headgate_lang.paths import MissingError, kind_of
from headgate_lang.paths import parse as parse_path
from headgate_lang.ruling import MAX_MESSAGE, Ruling, attach, identify
from headgate_lang.scope import Scope
from headgate_lang.task import Member
from headgate_lang.template import has_expression
from headgate_lang.template import parse as parse_template
from headgate_lang.values import ABSENT
from headgate_node.runtime.attempts import Done
from headgate_node.runtime.services import Services

OUTPUTS = "$outputs"
"""The `use` of the member that renders the outputs of the workflow."""
RULE_ROOTS = ("inputs", "run")
"""What a policy's rule reads beside `values`: nothing else is there for it."""


async def prepare(member: Member, at: Services) -> Done:
    """The parameters as they are computed, for whoever takes them."""
    written = member.with_ if member.prepare else leave_out(member.with_, at.roots.scope)
    await at.reporter.start(f"{member.node}/prepare" if member.prepare else member.node)
    resolved = await at.resolver.resolve(written)
    if resolved.faults:
        return Done(error=at.expression_error(resolved))
    found = at.mask.value(resolved.value)
    if member.rule is not None and isinstance(found, dict):
        found = attach(found, await _rule_on(found, member.rule, at))
    return Done(found, attempts=1)


async def _rule_on(shown: Mapping[str, Any], rule: str, at: Services) -> Ruling:
    """What a policy's rule says of what a gate shows for correction. Whatever goes wrong, people are asked."""
    edit = shown.get("edit")
    values = edit if isinstance(edit, dict) else {}
    ruling = Ruling(identify(rule), at.task.run.uid, documents.digest(values))
    try:
        (resolved,) = await at.resolver.resolve_each(rule, [{**at.roots.hidden(RULE_ROOTS), "values": values}])
    except Exception as error:  # noqa: BLE001 - a fault of the runtime's must not keep people from being asked
        return replace(ruling, message=f"the runtime failed: {type(error).__name__}")
    if resolved.faults:
        return replace(ruling, message=at.mask.text(str(resolved.faults[0]))[:MAX_MESSAGE])
    if not isinstance(resolved.value, bool):
        is_what = "absent" if resolved.value is ABSENT else kind_of(resolved.value)
        return replace(ruling, message=f"it is {is_what}, and must be true or false")
    return replace(ruling, holds=resolved.value)


def leave_out(value: Any, scope: Scope) -> Any:
    """Outputs less those that are a plain path to what is not there (LANGUAGE §3.14)."""
    if isinstance(value, Mapping):
        kept = ((name, leave_out(member, scope)) for name, member in value.items())
        return {name: member for name, member in kept if member is not ABSENT}
    if isinstance(value, list):
        return [item for item in (leave_out(item, scope) for item in value) if item is not ABSENT]
    return ABSENT if isinstance(value, str) and has_expression(value) and _leads_nowhere(value, scope) else value


def _leads_nowhere(text: str, scope: Scope) -> bool:
    whole = parse_template(text).whole
    path = parse_path(whole.source) if whole else None
    if path is None:
        return False
    try:
        return scope.copy_out(path) is None
    except MissingError:
        return True
