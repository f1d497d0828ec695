"""Puts marks into a parsed template, so that it tells what it costs where Jinja has no hook. See `environment`."""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.visitor import NodeTransformer

EACH, WEIGH, WRITE, JOIN = "§each", "§weigh", "§write", "§join"


def rewrite(template: nodes.Template, environment: Environment) -> nodes.Template:
    rewritten: nodes.Template = _Marker().visit(template)
    rewritten.set_environment(environment)
    return rewritten


class _Marker(NodeTransformer):
    def get_visitor(self, node: nodes.Node) -> Callable[..., Any] | None:
        change = _CHANGES.get(type(node))
        if change is None:
            return None

        def visit(node: Any) -> Any:
            letters = sum(len(one.data) for one in getattr(node, "nodes", ()) if isinstance(one, nodes.TemplateData))
            self.generic_visit(node)
            return change(node, letters)

        return visit


def _mark(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _count_turns(node: nodes.For, _: int) -> nodes.For:
    node.iter = _mark(node.iter, EACH)
    return node


def _count_letters(node: nodes.Output, letters: int) -> nodes.Output:
    node.nodes.insert(0, _mark(nodes.Const(letters, lineno=node.lineno), WRITE))
    return node


def _count_before_joining(node: nodes.Concat, _: int) -> nodes.Filter:
    return _mark(nodes.List(node.nodes, lineno=node.lineno), JOIN)


def _weigh_what_is_compared(node: nodes.Compare, _: int) -> nodes.Compare:
    node.expr = _mark(node.expr, WEIGH)
    for operand in node.ops:
        operand.expr = _mark(operand.expr, WEIGH)
    return node


def _weigh_what_is_cut(node: nodes.Getitem, _: int) -> nodes.Getitem:
    if isinstance(node.arg, nodes.Slice):
        node.node = _mark(node.node, WEIGH)
    return node


def _refuse(node: nodes.Node, _: int) -> nodes.Node:
    word = type(node).__name__.removesuffix("Import").lower() or "import"
    raise TemplateSyntaxError(f"a template stands alone: there is no `{word}`", node.lineno)


_CHANGES: dict[type[nodes.Node], Callable[..., nodes.Node]] = {
    nodes.For: _count_turns,
    nodes.Output: _count_letters,
    nodes.Concat: _count_before_joining,
    nodes.Compare: _weigh_what_is_compared,
    nodes.Getitem: _weigh_what_is_cut,
    **dict.fromkeys((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport, nodes.Block), _refuse),
}
