"""What does not belong into the repository, and what does."""

import pytest

from checks.hygiene import check_hygiene, check_path, check_text
from checks.tree import Tree


@pytest.mark.parametrize("path", ["docs/page.md", "setup.py", ".env"])
def test_the_top_level_is_fixed(path: str) -> None:
    (finding,) = check_path(path)
    assert "top level" in finding.what


@pytest.mark.parametrize("path", ["operator/__init__.py", "tests/operator/__init__.py"])
def test_nothing_may_hide_the_standard_library(path: str) -> None:
    (finding,) = check_path(path)
    assert "hides" in finding.what


def test_a_module_says_what_is_in_it() -> None:
    (finding,) = check_path("operator/headgate/kube/utils.py")
    assert "does not say what is in it" in finding.what


@pytest.mark.parametrize("path", ["Makefile", ".ci/run", "operator/headgate/names.py", "tests/unit/checks/conftest.py"])
def test_what_belongs_there_may_stay(path: str) -> None:
    assert list(check_path(path)) == []


@pytest.mark.parametrize("lines", [400, 401])
def test_a_source_file_of_more_than_400_lines_is_two(lines: int) -> None:
    found = list(check_text("operator/headgate/plan.py", "x\n" * lines))
    assert bool(found) is (lines > 400)


def test_documents_may_be_as_long_as_they_need() -> None:
    assert list(check_text("crds/workflows.yaml", "x\n" * 5000)) == []


@pytest.mark.parametrize(
    "path", ["/ro" + "ot/.kube/config", "/wo" + "rk/main", "/ho" + "me/ana/shop", "/Us" + "ers/ana/shop"]
)
def test_a_path_of_one_machine_is_told_with_its_line(path: str) -> None:
    (finding,) = check_text("README.md", f"fine\nsee {path}/x\n")
    assert finding.where == "README.md:2"


@pytest.mark.parametrize("path", ["/home/nonroot/.cache", "tests/work/one", "/var/lib/headgate", "a/root/of/evil"])
def test_a_path_of_any_machine_may_stay(path: str) -> None:
    assert list(check_text("README.md", path)) == []


@pytest.mark.parametrize("host", ["registry.npm" + "js.org", "files.python" + "hosted.org", "proxy.go" + "lang.org"])
def test_the_host_of_a_registry_is_told(host: str) -> None:
    (finding,) = check_text("locks/dev.txt", f"https://{host}/x\n")
    assert "package registry" in finding.what


def test_a_binary_file_is_told(tree: Tree) -> None:
    (tree.root / "tests").mkdir()
    (tree.root / "tests/tool").write_bytes(b"\x7fELF\0")
    (finding,) = check_hygiene(tree)
    assert str(finding).startswith("tests/tool: is no text")


def test_what_git_ignores_is_not_looked_at(tree: Tree) -> None:
    (tree.root / ".gitignore").write_text("build/\n")
    (tree.root / "build").mkdir()
    (tree.root / "build/tool").write_bytes(b"\0")
    assert check_hygiene(tree) == []
