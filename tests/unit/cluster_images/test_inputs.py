"""An image changes with its Dockerfile, folder, lock and packages; its copy holds these and no more."""

from pathlib import Path

import pytest

from cluster.images.image import ImagesError
from cluster.images.inputs import copy_inputs, hash_inputs, list_package
from cluster.images.specs import ImageSpec

PYPROJECT = """\
[project]
name = "thing"
readme = "README.md"
license-files = ["LICEN*"]
[tool.hatch.build.targets.wheel]
packages = ["operator/thing"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": PYPROJECT,
        "README.md": "read me",
        "LICENSE": "Apache",
        "CHANGELOG.md": "news",
        "operator/thing/__init__.py": "",
        "operator/other/__init__.py": "",
        "operator/docs/page.md": "",
        "operator/Dockerfile": "FROM x",
        "locks/thing.txt": "a==1",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


WITHOUT = ImageSpec("operator", Path("operator"), lock=Path("locks/thing.txt"), packages=(Path(),), context=False)
WITH = ImageSpec("operator", Path("operator"))


def test_a_package_is_what_its_wheel_is_made_from(root: Path) -> None:
    names = [path.as_posix() for path in list_package(Path(), root)]
    assert names == ["LICENSE", "README.md", "operator/thing/__init__.py", "pyproject.toml"]


def test_a_project_without_hatch_settings_is_its_folder(root: Path) -> None:
    (root / "operator/other/pyproject.toml").write_text('[project]\nname = "other"\n')
    names = [path.as_posix() for path in list_package(Path("operator/other"), root)]
    assert names == ["operator/other/__init__.py", "operator/other/pyproject.toml"]


@pytest.mark.parametrize(
    ("changed", "parts"),
    [
        ("operator/thing/__init__.py", {"packages"}),
        ("locks/thing.txt", {"lock"}),
        ("operator/Dockerfile", {"Dockerfile"}),
        ("operator/docs/page.md", set[str]()),
        ("CHANGELOG.md", set[str]()),
    ],
)
def test_changes_with_what_it_is_made_from(root: Path, changed: str, parts: set[str]) -> None:
    before = hash_inputs(WITHOUT, root, "sha256:1")
    (root / changed).write_text("changed")
    after = hash_inputs(WITHOUT, root, "sha256:1")
    assert {part for part in after if after[part] != before[part]} == parts


def test_changes_with_its_folder_when_that_is_its_context(root: Path) -> None:
    before = hash_inputs(WITH, root, "sha256:1")
    (root / "operator/docs/page.md").write_text("changed")
    after = hash_inputs(WITH, root, "sha256:1")
    assert {part for part in after if after[part] != before[part]} == {"context"}


@pytest.mark.parametrize("spec", [WITHOUT, WITH])
def test_a_copy_has_the_same_hashes_and_nothing_else(root: Path, spec: ImageSpec, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_inputs(spec, root, copy)
    assert hash_inputs(spec, copy, "sha256:1") == hash_inputs(spec, root, "sha256:1")
    assert not (copy / "CHANGELOG.md").exists()


def test_says_what_is_missing(root: Path) -> None:
    (root / "locks/thing.txt").unlink()
    with pytest.raises(ImagesError, match=r"locks/thing.txt, which operator/image.toml names"):
        hash_inputs(WITHOUT, root, "sha256:1")
    with pytest.raises(ImagesError, match=r"has no pyproject.toml"):
        list_package(Path("operator/other"), root)
