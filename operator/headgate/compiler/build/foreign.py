"""What people write in expressions who know another system: what it is called here."""

from collections.abc import Collection
from itertools import islice

from headgate.compiler.suggestions import Suggestions
from headgate_lang.near import did_you_mean
from headgate_lang.paths import Reference

_NODES = frozenset({"jobs", "needs", "node", "nodes", "steps", "step", "tasks", "task"})
"""Roots under which other systems keep what their steps gave."""

_ROOTS = ("inputs", "vars", "run")

_SAID = {
    "context": "what is known of the Run is under `run`: `run.name`, `run.requester`",
    "cron": "the time is no value: whatever started the Run gives it as an input",
    "env": "constants are under `vars`, and `run.environment` says which set of them applies",
    "error": "write the node before it: `fetch.error.message`",
    "input": "write `inputs`",
    "now": "the time is no value: whatever started the Run gives it as an input",
    "parameters": "write `inputs`",
    "params": "write `inputs`",
    "secret": "no expression reads a secret: name a credential in `with`",
    "secrets": "no expression reads a secret: name a credential in `with`",
    "self": "write what you mean by its name: a node, `inputs`, `vars` or `run`",
    "this": "write what you mean by its name: a node, `inputs`, `vars` or `run`",
    "trigger": "what a trigger sends arrives as `inputs`",
    "value": "in a loop, the item is `item`, and its number `index`",
    "var": "write `vars`",
    "variables": "write `vars`",
    "workflow": "what is known of the Run is under `run`: `run.workflow`",
}


def meant_by(reference: Reference, names: Collection[str], suggestions: Suggestions) -> str:
    """What to write instead of a reference whose root is nothing here."""
    below = str(reference.steps[0].key) if reference.steps else ""
    if reference.root in _NODES and below in names:
        return f"the name is the node: begin with `{below}`"
    if reference.root in _SAID:
        return _SAID[reference.root]
    return suggestions.remedy(reference.root) or did_you_mean(reference.root, _ROOTS) or _listed(names)


def _listed(names: Collection[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the nodes are {', '.join(islice(names, most))}{more}"
