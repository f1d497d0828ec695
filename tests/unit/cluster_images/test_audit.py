"""What may not be in an image is found, and what only looks like it is left alone."""

from pathlib import Path

import pytest

from cluster.images import oci
from cluster.images.audit import check_config, check_image, check_member


@pytest.mark.parametrize("user", ["65532", "65532:65532"])
def test_a_numbered_user_is_fine(user: str) -> None:
    assert check_config({"config": {"User": user}}) == []


@pytest.mark.parametrize("user", ["", "root", "0", "0:0", "nonroot"])
def test_root_and_names_are_not(user: str) -> None:
    assert len(check_config({"config": {"User": user}})) == 1


@pytest.mark.parametrize(
    "name",
    [
        "usr/bin/gcc",
        "./usr/bin/x86_64-linux-gnu-gcc-12",
        "usr/bin/g++",
        "usr/bin/make",
        "usr/lib/gcc/x86_64-linux-gnu/12/cc1",
        "opt/go/bin/go",
        "opt/headgate/lib/python3.11/site-packages/pip/__init__.py",
        "usr/lib/python3/dist-packages/setuptools/__init__.py",
        "var/lib/apt/lists/deb_Packages",
        "wheels/own/x.whl",
    ],
)
def test_finds_what_only_a_build_needs(name: str) -> None:
    assert check_member(name, 0o755) is not None


@pytest.mark.parametrize(
    "name",
    [
        "usr/bin/ldd",
        "usr/bin/python3.11",
        "usr/share/doc/gcc-12-base/copyright",
        "opt/headgate/lib/python3.11/site-packages/pipeline/__init__.py",
        "usr/lib/python3.11/email/make.py",
        "lib64/ld-linux-x86-64.so.2",
    ],
)
def test_leaves_the_rest_alone(name: str) -> None:
    assert check_member(name, 0o755) is None


def test_finds_setuid() -> None:
    assert "setuid" in (check_member("usr/bin/su", 0o4755) or "")


def test_looks_through_every_layer(tmp_path: Path) -> None:
    oci.write_layer(tmp_path / "one.tar", [oci.Entry("usr/bin/su", 0o4755, content=b"")])
    oci.write_layer(tmp_path / "two.tar", [oci.Entry("usr/bin/gcc", content=b""), oci.Entry("bin/cc", target="gcc")])
    problems = check_image(oci.build_contents([tmp_path / "one.tar", tmp_path / "two.tar"], {}))
    assert [problem.partition(":")[0] for problem in problems] == [
        "runs as root",
        "has a file that runs as another user, usr/bin/su",
        "has a compiler, usr/bin/gcc",
    ]
