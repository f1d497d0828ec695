"""Vetting of a NodeType: whether what it says of itself can be true, and can be used. Every problem at once.

`parse` has told what is wrong with its form: fields, the image's digest, schemas that are none. Lint asks for the rest
where a NodeType was given; the operator asks before workflows may use one. `FAMILIES` is the list of what is asked.
"""

from collections.abc import Callable, Iterator

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.vet.dependences import check_dependences
from headgate.compiler.vet.examples import check_examples
from headgate.compiler.vet.fields import check_fields
from headgate.compiler.vet.marks import check_marks
from headgate.compiler.vet.references import check_references
from headgate.compiler.vet.repeating import check_repeating
from headgate.compiler.vet.traits import check_carrier, check_traits
from headgate.errors import Problem

FAMILIES: tuple[Callable[[NodeTypeSpec], Iterator[Problem]], ...] = (
    check_carrier,
    check_fields,
    check_marks,
    check_references,
    check_dependences,
    check_traits,
    check_repeating,
    check_examples,
)


def check_node_type(spec: NodeTypeSpec) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(problem for family in FAMILIES for problem in family(spec)))
