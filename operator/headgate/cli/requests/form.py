"""Values as a page to edit, in YAML, and back: what may be corrected, answered, or given in place of an output. Pure.

What is written is read again as kubectl reads YAML, so each text that could be taken for something else is quoted.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.printing.paint import Paint, safe
from headgate.cli.printing.report import Report
from headgate.cli.printing.text import as_text
from headgate.cli.reading.decoding import decode
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.syntax import read_documents
from headgate.cli.reading.values import as_data, resolve
from headgate.cli.requests.letter import asked

_LINES = re.compile(r"[^\s].*\n.*[^\n]\n?", re.DOTALL)
"""Several, whose blanks before and after do not depend on how a block is written."""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def as_page(request: ApprovalRequest, values: Mapping[str, Any]) -> str:
    """`values`: as they are to begin with."""
    return "".join(f"{line}\n" for line in _lines(request, values))


def read_page(text: str) -> dict[str, Any]:
    """Nothing for an empty page. Raises UnreadableError."""
    source, unreadable = decode("the page", text.encode())
    reading = read_documents(source)
    roots, findings = reading.roots, unreadable or reading.findings
    if findings and any(finding.problem.reason != FileReason.EMPTY_FILE for finding in findings):
        raise UnreadableError(as_text(Report(findings, [source.name]), Paint()).rstrip())
    values = as_data(roots[0]) if len(roots) == 1 else {} if not roots else None
    if not isinstance(values, dict):
        raise UnreadableError("a page holds one map: `name: value`")
    return values


class UnreadableError(Exception):
    """Its text says what is wrong with a page, and where."""


def _lines(request: ApprovalRequest, values: Mapping[str, Any]) -> Iterator[str]:
    yield from _comment(request.spec.message)
    yield "# Save and leave to go on: you are asked once more. An empty page: nothing is changed."
    form = request.spec.binding.form
    for name in [*form, *(name for name in values if name not in form)]:
        yield ""
        if name in form:
            yield from _comment(asked(form[name]))
        if name in values:
            yield _written({name: values[name]})
        else:
            default = form[name].get("default")
            written = _written({name: default}) if default is not None else f"{name}:"
            yield from _comment(written)


def _comment(text: str) -> Iterator[str]:
    """Whatever a workflow says: no line of it becomes one of the page."""
    return (f"# {line}".rstrip() for line in safe(text).split("\n"))


class _Dumper(yaml.SafeDumper):
    """Without anchors: people read it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    is_word = _WORD.fullmatch(text) is not None and resolve(text).value == text
    style = None if is_word else "|" if _LINES.fullmatch(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _written(values: Mapping[str, Any]) -> str:
    text: str = yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=2**20)
    return text.removesuffix("\n")
