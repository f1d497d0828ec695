"""What is shipped: `headgate` carries both packages, and `headgate_lang` can be installed alone for node images."""

import subprocess
import sys
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

OPERATOR = Path(__file__).resolve().parents[3] / "operator"


@pytest.fixture(scope="module")
def headgate(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return build_wheel(OPERATOR.parent, tmp_path_factory.mktemp("headgate"))


@pytest.fixture(scope="module")
def headgate_lang(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return build_wheel(OPERATOR / "headgate_lang", tmp_path_factory.mktemp("headgate_lang"))


def build_wheel(project: Path, folder: Path) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel)


def files_of(wheel: zipfile.ZipFile, package: str) -> set[str]:
    return {name for name in wheel.namelist() if name.startswith(f"{package}/")}


def metadata_of(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def sources_of(package: str) -> set[str]:
    return {str(path.relative_to(OPERATOR)) for path in (OPERATOR / package).rglob("*.py")}


def test_headgate_carries_every_module_of_both_packages(headgate: zipfile.ZipFile) -> None:
    for package in ("headgate", "headgate_lang"):
        assert {name for name in files_of(headgate, package) if name.endswith(".py")} == sources_of(package)


def test_headgate_carries_its_licence_and_nothing_of_the_project_around_it(headgate: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in headgate.namelist())
    assert not [name for name in headgate.namelist() if name.endswith("pyproject.toml") or name.startswith("tests/")]


def test_headgate_lang_alone_holds_the_same_files(headgate: zipfile.ZipFile, headgate_lang: zipfile.ZipFile) -> None:
    assert files_of(headgate_lang, "headgate_lang") == files_of(headgate, "headgate_lang")


def test_headgate_lang_alone_asks_for_no_more_than_a_node_image_should_carry(headgate_lang: zipfile.ZipFile) -> None:
    asked = metadata_of(headgate_lang).get_all("Requires-Dist", [])
    assert {one.partition(">=")[0] for one in asked} == {"cel-expr-python", "protobuf"}


def test_both_are_of_one_version(headgate: zipfile.ZipFile, headgate_lang: zipfile.ZipFile) -> None:
    assert metadata_of(headgate)["Version"] == metadata_of(headgate_lang)["Version"]


def test_headgate_lang_alone_can_be_imported(headgate_lang: zipfile.ZipFile) -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import headgate_lang.fate"
    subprocess.run([sys.executable, "-I", "-S", "-c", code, str(headgate_lang.filename)], check=True)
