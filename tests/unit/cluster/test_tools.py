"""A build is found again as long as nothing that decides its bytes has changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from cluster.builds import choose_old
from cluster.errors import BuildError
from cluster.tools import GROUPS, ToolGroup, build_key, build_ldflags, module_version, read_sources

GROUP = ToolGroup(
    "tool", Path("/nowhere"), {"tool": "example.com/tool"}, "example.com/tool", ("example.com/v.version={v}",)
)
FILES = {"go.mod": b"require example.com/tool v1.2.3\n", "go.sum": b"sum"}


def key(group: ToolGroup = GROUP, go: str = "go1.26.8", files: dict[str, bytes] | None = None) -> str:
    return build_key(group, {**FILES, **(files or {})}, go)


def test_the_same_inputs_have_the_same_key_in_any_order() -> None:
    assert build_key(GROUP, dict(reversed(FILES.items())), "go1.26.8") == key()


def test_every_input_is_part_of_the_key() -> None:
    others = {
        key(go="go1.26.9"),
        key(files={"go.sum": b"other"}),
        key(files={"main.go": b"package main"}),
        key(replace(GROUP, packages={"tool": "example.com/tool/v2"})),
        key(replace(GROUP, version_variables=())),
        key(replace(GROUP, bundled="crds")),
    }
    assert len(others | {key()}) == 7


def test_where_a_file_ends_and_the_next_begins_matters() -> None:
    assert build_key(GROUP, {"a": b"bc"}, "go") != build_key(GROUP, {"ab": b"c"}, "go")


@pytest.mark.parametrize(
    "text", ["require example.com/tool v1.2.3\n", "require (\n\texample.com/tool v1.2.3 // indirect\n)\n"]
)
def test_the_version_comes_from_go_mod(text: str) -> None:
    assert module_version(text, "example.com/tool") == "v1.2.3"


def test_a_module_that_is_not_required_is_named() -> None:
    with pytest.raises(BuildError, match=r"example\.com/tool"):
        module_version("require example.com/tool/v2 v2.0.0\n", "example.com/tool")


def test_versions_are_linked_in() -> None:
    assert build_ldflags(GROUP, "v1.2.3") == "-s -w -X example.com/v.version=v1.2.3"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.name)
def test_every_group_pins_its_module_by_sum(group: ToolGroup) -> None:
    files = {name: text.decode() for name, text in read_sources(group).items()}
    version = module_version(files["go.mod"], group.module)
    assert f"{group.module} {version} h1:" in files["go.sum"]


def test_no_program_is_built_twice() -> None:
    names = [name for group in GROUPS for name in group.packages]
    assert len(names) == len(set(names))


def test_the_newest_two_builds_of_a_group_are_kept_and_no_strangers() -> None:
    builds = {"argo-1": 1.0, "argo-2": 2.0, "argo-3": 3.0, "etcd-1": 1.0, "gone-1": 9.0, ".argo-4": 0.0}
    assert choose_old(builds, ["argo", "etcd"]) == [".argo-4", "argo-1", "gone-1"]
