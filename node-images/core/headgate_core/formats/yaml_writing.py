"""From JSON values to YAML that YAML 1.1 and 1.2 read alike. Used by `yaml-write`."""

import re
from typing import Any

import yaml

from headgate_node import Json, NodeError

MAX_DEPTH = 100
MAX_VALUES = 500_000


class _Dumper(yaml.CSafeDumper):
    """No anchors: what is there twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


# Words that are numbers for YAML 1.2 only; PyYAML itself knows those of 1.1, and quotes them.
_NUMBERS = re.compile(r"0o[0-7]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_Dumper.add_implicit_resolver("!number", _NUMBERS, list("-+.0123456789"))


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    is_block = "\n" in text.rstrip("\n") and not any(line.endswith((" ", "\t", "\r")) for line in text.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if is_block else None)


_Dumper.add_representer(str, _represent_text)


def write_document(value: Json, *, sort: bool, indent: int) -> str:
    _check_depth(value)
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=sort,
        indent=indent,
        allow_unicode=True,
        default_flow_style=False,
        width=120,
    )
    return text.removesuffix("...\n")


def _check_depth(value: Json) -> None:
    count, level = 0, [value]
    for _ in range(MAX_DEPTH + 1):
        count += len(level)
        if count > MAX_VALUES:
            raise NodeError("TooLarge", f"value: it has more than {MAX_VALUES:,} values: write a part of it")
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise NodeError("InvalidParameters", f"value: it is nested deeper than {MAX_DEPTH} levels: write a part of it")
