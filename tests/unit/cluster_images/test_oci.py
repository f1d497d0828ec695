"""Archives are what containerd imports, and the same files always give the same image."""

import json
import tarfile
from pathlib import Path
from typing import Any

from cluster.images import oci
from cluster.images.content import hash_file
from cluster.images.image import Image
from cluster.images.oci import Entry

REFERENCE = "localhost/headgate/box:0123456789ab"


def make(folder: Path) -> Image:
    folder.mkdir()
    (folder / "tool").write_bytes(b"binary")
    entries = [
        Entry("bin"),
        Entry("bin/tool", source=folder / "tool"),
        Entry("bin/sh", target="tool"),
        Entry("etc/passwd", 0o644, content=b"x"),
        Entry("tmp", 0o1777),
    ]
    oci.write_layer(folder / "layer.tar", entries)
    contents = oci.build_contents([folder / "layer.tar"], {"User": "65532:65532"})
    return oci.write_archive(contents, REFERENCE, folder / "out" / "box.tar")


def read_json(tar: tarfile.TarFile, name: str) -> dict[str, Any]:
    file = tar.extractfile(name)
    assert file is not None
    return dict(json.load(file))


def test_the_same_files_give_the_same_archive(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    assert hash_file(one.archive) == hash_file(two.archive)
    assert one.digest == two.digest


def test_an_archive_names_the_image_by_tag_and_by_digest(tmp_path: Path) -> None:
    image = make(tmp_path / "one")
    with tarfile.open(image.archive) as tar:
        index = read_json(tar, "index.json")
        names = [manifest["annotations"]["io.containerd.image.name"] for manifest in index["manifests"]]
        assert names == [REFERENCE, f"localhost/headgate/box@{image.digest}"]
        assert {manifest["digest"] for manifest in index["manifests"]} == {image.digest}

        manifest = read_json(tar, f"blobs/sha256/{image.digest.removeprefix('sha256:')}")
        assert image.size == sum(layer["size"] for layer in manifest["layers"])
        config = read_json(tar, f"blobs/sha256/{manifest['config']['digest'].removeprefix('sha256:')}")
    assert config["config"] == {"User": "65532:65532"}
    assert config["rootfs"]["diff_ids"] == [layer["digest"] for layer in manifest["layers"]]
    assert len(config["history"]) == len(manifest["layers"])  # buildah builds on no image where these differ


def test_a_layer_holds_what_it_was_given(tmp_path: Path) -> None:
    make(tmp_path / "one")
    with tarfile.open(tmp_path / "one/layer.tar") as tar:
        members = {member.name: member for member in tar}
    assert members["bin/tool"].mode == 0o755
    assert members["bin/sh"].linkname == "tool"
    assert members["tmp"].mode == 0o1777
    assert {(member.uid, member.mtime) for member in members.values()} == {(0, 0)}


def test_reads_what_buildah_exports(tmp_path: Path) -> None:
    layer, config = b"layer", json.dumps({"config": {"User": "1"}}).encode()
    (tmp_path / "aa").write_bytes(config)
    (tmp_path / "bb").write_bytes(layer)
    layers = [{"digest": "sha256:bb", "size": len(layer)}]
    (tmp_path / "manifest.json").write_text(json.dumps({"config": {"digest": "sha256:aa"}, "layers": layers}))
    contents = oci.read_exported(tmp_path)
    assert contents.config == {"config": {"User": "1"}}
    assert contents.layers == layers
    assert oci.write_archive(contents, REFERENCE, tmp_path / "x.tar").size == len(layer)
    assert not list(tmp_path.glob("*.part"))
