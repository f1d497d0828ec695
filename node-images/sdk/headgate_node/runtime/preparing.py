"""What a pod computes for something that starts later and elsewhere: parameters of a gate or a child Run, and the
workflow's `outputs`."""

from collections.abc import Mapping
from typing import Any

from headgate_lang.paths import MissingError
from headgate_lang.paths import parse as parse_path
from headgate_lang.scope import Scope
from headgate_lang.task import Member
from headgate_lang.template import has_expression
from headgate_lang.template import parse as parse_template
from headgate_lang.values import ABSENT
from headgate_node.runtime.attempts import Done
from headgate_node.runtime.services import Services

OUTPUTS = "$outputs"
"""The `use` of the member that renders the outputs of the workflow."""


async def prepare(member: Member, at: Services) -> Done:
    """The parameters as they are computed, for whoever takes them."""
    written = member.with_ if member.prepare else leave_out(member.with_, at.roots.scope)
    await at.reporter.start(f"{member.node}/prepare" if member.prepare else member.node)
    resolved = await at.resolver.resolve(written)
    if resolved.faults:
        return Done(error=at.expression_error(resolved))
    return Done(at.mask.value(resolved.value), attempts=1)


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
