"""What does not belong into the repository: the rules that are quickly broken unseen and slowly noticed."""

import re
from collections.abc import Iterator

from checks.tree import Tree
from checks.verdict import Finding

TOP_LEVEL = frozenset(
    ".ci .editorconfig .gitattributes .gitignore CHANGELOG.md CONTRIBUTING.md LICENSE Makefile README.md SECURITY.md"
    " charts crds locks node-images operator pyproject.toml tests".split()
)
MAX_LINES = 400
_SOURCES = (".py", ".go", ".sh", ".ts", ".tsx", "Makefile")
_NAMELESS = frozenset("helpers.py misc.py util.py utils.py".split())
_SHADOWS = frozenset(["operator/__init__.py", "tests/operator/__init__.py"])

_MACHINE_PATH = re.compile(
    r"(?<![\w.-])/(?:root|work|tmp/bash_jobs|home/(?!(?:user|node|nonroot|example)/)[a-z]+|Users/\w+)/"
)
_REGISTRY = re.compile(
    r"files\.pythonhosted|pypi\.org/simple|registry\.npmjs|proxy\.golang|repo1?\.maven|deb\.debian\.org|static\.crates"
)


def check_hygiene(tree: Tree) -> list[Finding]:
    found: list[Finding] = []
    for path in tree.files:
        found += check_path(path)
        text = tree.text(path)
        found += (
            [Finding(path, "is no text", "build it, or fetch it as a package")]
            if text is None
            else check_text(path, text)
        )
    return found


def check_path(path: str) -> Iterator[Finding]:
    """Tell what is wrong with where a file is, or with its name."""
    top, *_, name = ("", path) if "/" not in path else path.split("/")
    if (top or name) not in TOP_LEVEL:
        yield Finding(path, "is new at the top level, which is fixed", "put it into one of the folders that are there")
    if path in _SHADOWS:
        yield Finding(path, "hides the standard library's `operator`", "remove it")
    if name in _NAMELESS:
        yield Finding(path, "does not say what is in it", "name the module after what it is about")


def check_text(path: str, text: str) -> Iterator[Finding]:
    """Tell what is wrong with what stands in a file."""
    lines = text.splitlines()
    if path.endswith(_SOURCES) and len(lines) > MAX_LINES:
        yield Finding(path, f"has {len(lines)} lines, more than {MAX_LINES}", "it is two files: divide it")
    for number, line in enumerate(lines, start=1):
        if match := _MACHINE_PATH.search(line):
            what = f"`{match[0]}` is a path of one machine"
            yield Finding(f"{path}:{number}", what, "write it from the root of the repository")
        if match := _REGISTRY.search(line):
            what = f"`{match[0]}` is the host of a package registry"
            yield Finding(f"{path}:{number}", what, "name the package only: its client knows where")
