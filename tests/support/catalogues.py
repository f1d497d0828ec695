"""The catalogue that the tests of the checks look into, read from `catalogue.yaml`."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from headgate.api.common import Resource
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.parse import parse

CATALOGUE = Path(__file__).with_name("catalogue.yaml")


def read_objects(path: Path) -> Iterator[Resource]:
    """The objects in a file, of which none may have a problem."""
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
        parsed = parse(document)
        assert not parsed.problems, [str(problem) for problem in parsed.problems]
        assert parsed.model is not None
        yield parsed.model


@cache
def catalogue(*without: str) -> StaticCatalogue:
    """Everything that there is, built in or in `catalogue.yaml`, but for objects of these names."""
    objects = [thing for thing in read_objects(CATALOGUE) if thing.metadata.name not in without]
    return StaticCatalogue([*builtin(), *objects], complete=True)
