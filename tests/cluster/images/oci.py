"""Writes OCI image archives: one tar file that containerd imports under a tag and under its digest.

System images are made here from nothing but files, so a cluster needs no image builder; what buildah built is packed
here too, so that every image comes as the same kind of archive. No I/O but the files given.
"""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cluster.images.content import hash_file
from cluster.images.image import Image

CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar"
INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
IMAGE_NAME = "io.containerd.image.name"
REFERENCE_NAME = "org.opencontainers.image.ref.name"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Entry:
    """One thing in a layer: a file (`source` or `content`), a link to `target`, or else a folder."""

    name: str
    mode: int = 0o755
    source: Path | None = None
    content: bytes | None = None
    target: str | None = None


@dataclass(frozen=True)
class Contents:
    """An image before it is packed: its manifest, and its blobs by digest."""

    manifest: bytes
    blobs: Mapping[str, Path | bytes] = field(repr=False)

    @property
    def layers(self) -> list[dict[str, Any]]:
        return list(json.loads(self.manifest)["layers"])

    @property
    def config(self) -> dict[str, Any]:
        blob = self.blobs[json.loads(self.manifest)["config"]["digest"]]
        return dict(json.loads(blob if isinstance(blob, bytes) else blob.read_bytes()))


def write_layer(path: Path, entries: Iterable[Entry]) -> None:
    """Write a layer that depends on its entries alone: owned by root, at the beginning of time, in the given order."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.mode = entry.mode
            if entry.source is not None:
                info.size = entry.source.stat().st_size
                with entry.source.open("rb") as file:
                    tar.addfile(info, file)
            elif entry.content is not None:
                info.size = len(entry.content)
                tar.addfile(info, io.BytesIO(entry.content))
            else:
                info.type = tarfile.SYMTYPE if entry.target else tarfile.DIRTYPE
                info.linkname = entry.target or ""
                tar.addfile(info)


def build_contents(layers: Iterable[Path], config: Mapping[str, Any]) -> Contents:
    """An image out of uncompressed layers and the `config` object of the OCI specification (User, Env, Cmd, …)."""
    blobs: dict[str, Path | bytes] = {f"sha256:{hash_file(layer)}": layer for layer in layers}
    described = [{"mediaType": LAYER_TYPE, "digest": d, "size": _size(b)} for d, b in blobs.items()]
    document = {
        "created": "1970-01-01T00:00:00Z",
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": dict(config),
        "rootfs": {"type": "layers", "diff_ids": list(blobs)},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "headgate"} for _ in blobs],
    }
    encoded = _encode(document)
    digest = _digest(encoded)
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": CONFIG_TYPE, "digest": digest, "size": len(encoded)},
        "layers": described,
    }
    return Contents(_encode(manifest), {**blobs, digest: encoded})


def read_exported(folder: Path) -> Contents:
    """An image as `buildah push dir:FOLDER` leaves it: `manifest.json` and blobs named by their hash."""
    manifest = (folder / "manifest.json").read_bytes()
    document = json.loads(manifest)
    digests = [part["digest"] for part in (document["config"], *document["layers"])]
    return Contents(manifest, {digest: folder / digest.removeprefix("sha256:") for digest in digests})


def write_archive(contents: Contents, reference: str, archive: Path) -> Image:
    """Pack an image. It appears under its final name only when it is whole."""
    digest = _digest(contents.manifest)
    image = Image(reference, archive, digest, sum(layer["size"] for layer in contents.layers))
    named = {"mediaType": MANIFEST_TYPE, "digest": digest, "size": len(contents.manifest)}
    names = (image.reference, image.by_digest)  # two images to containerd: the kubelet may ask for either
    index = {
        "schemaVersion": 2,
        "mediaType": INDEX_TYPE,
        "manifests": [{**named, "annotations": {IMAGE_NAME: name, REFERENCE_NAME: name}} for name in names],
    }
    unfinished = archive.with_name(archive.name + ".part")
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(unfinished, "w", format=tarfile.PAX_FORMAT) as tar:
        _add(tar, "oci-layout", _encode({"imageLayoutVersion": "1.0.0"}))
        _add(tar, "index.json", _encode(index))
        for name, blob in {**contents.blobs, digest: contents.manifest}.items():
            _add(tar, f"blobs/sha256/{name.removeprefix('sha256:')}", blob)
    unfinished.replace(archive)
    return image


def _add(tar: tarfile.TarFile, name: str, blob: Path | bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = _size(blob)
    with io.BytesIO(blob) if isinstance(blob, bytes) else blob.open("rb") as file:
        tar.addfile(info, file)


def _size(blob: Path | bytes) -> int:
    return len(blob) if isinstance(blob, bytes) else blob.stat().st_size


def _encode(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
