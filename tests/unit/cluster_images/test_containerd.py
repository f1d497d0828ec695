"""What is imported and what is forgotten follows from what containerd has."""

from pathlib import Path

import pytest

from cluster.images.containerd import choose_missing, choose_obsolete, list_images, parse_list
from cluster.images.image import Image, ImagesError

CORE = Image("localhost/headgate/core:aaa", Path("core.tar"), "sha256:1", 1)
PAUSE = Image("localhost/headgate/pause:bbb", Path("pause.tar"), "sha256:2", 1)
TABLE = """\
REF                         TYPE                                       DIGEST   SIZE      PLATFORMS   LABELS
localhost/headgate/core:aaa application/vnd.oci.image.manifest.v1+json sha256:1 165.9 MiB linux/amd64 io.cri-containerd
localhost/headgate/core@sha256:1 application/vnd.oci.image.manifest.v1+json sha256:1 165.9 MiB linux/amd64 -
"""
PRESENT = {"localhost/headgate/core:aaa": "sha256:1", "localhost/headgate/core@sha256:1": "sha256:1"}


def test_reads_the_table() -> None:
    assert parse_list(TABLE) == PRESENT
    assert parse_list("REF TYPE DIGEST\n") == {}


def test_imports_what_is_missing() -> None:
    assert choose_missing([CORE, PAUSE], PRESENT) == [PAUSE]


def test_imports_what_has_another_content() -> None:
    assert choose_missing([CORE], PRESENT | {CORE.reference: "sha256:9"}) == [CORE]


def test_imports_what_has_one_of_its_names_only() -> None:
    assert choose_missing([CORE], {CORE.reference: "sha256:1"}) == [CORE]


def test_forgets_older_images_of_the_same_names_only() -> None:
    old = ["localhost/headgate/core:old", "localhost/headgate/core@sha256:9"]
    others = ["localhost/headgate/pause:bbb", "localhost/headgate/corekit:x", "other/core:x", "sha256:123"]
    present = PRESENT | dict.fromkeys([*old, *others], "sha256:9")
    assert choose_obsolete([CORE], present) == old


def test_says_what_to_do_when_no_containerd_listens(tmp_path: Path) -> None:
    with pytest.raises(ImagesError, match="make cluster"):
        list_images(tmp_path / "containerd.sock")
