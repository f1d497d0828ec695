"""What an image is made from: the files, their hashes, and a copy of them that nobody edits while the image is built.

The build asks this once about the repository, to learn whether anything changed, and once about its copy.
"""

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from cluster.images.content import hash_file, hash_files, list_files
from cluster.images.image import ImagesError
from cluster.images.specs import ImageSpec
from cluster.images.wheels import PIP_LOCK

NOT_COPIED = frozenset({Path("Dockerfile"), Path("image.toml")})


def list_context(spec: ImageSpec, root: Path) -> list[Path]:
    """What the Dockerfile may copy, relative to `root`."""
    names = list_files(root / spec.folder) if spec.context else []
    return [spec.folder / name for name in names if name not in NOT_COPIED]


def list_package(project: Path, root: Path) -> list[Path]:
    """What a wheel of this project is made from, relative to `root`."""
    folder = root / project
    if not (folder / "pyproject.toml").is_file():
        raise ImagesError(f"{project} has no pyproject.toml, and an image.toml names it under packages")
    settings = tomllib.loads((folder / "pyproject.toml").read_text())
    hatch = settings.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {}).get("wheel", {})
    readme = settings["project"].get("readme")
    patterns = ["pyproject.toml", *([readme] if isinstance(readme, str) else [])]
    patterns += settings["project"].get("license-files", ())
    named = [path.relative_to(root) for pattern in patterns for path in folder.glob(pattern)]
    below = [Path(part) for part in hatch.get("packages") or ["."]]
    return sorted({*named, *(project / part / name for part in below for name in list_files(folder / part))})


def list_own(spec: ImageSpec, root: Path) -> list[Path]:
    return sorted({name for project in spec.packages for name in list_package(project, root)})


def hash_inputs(spec: ImageSpec, root: Path, base_digest: str) -> Mapping[str, str]:
    """The hash of each part that decides what the image will be."""
    if spec.lock is not None and not (root / spec.lock).is_file():
        raise ImagesError(f"there is no {spec.lock}, which {spec.folder}/image.toml names as its lock")
    return {
        "base": base_digest,
        "Dockerfile": hash_file(root / spec.folder / "Dockerfile"),
        "image.toml": repr((spec.debian, spec.lock, spec.packages, spec.context)),
        "context": hash_files(root, list_context(spec, root)),
        "lock": hash_file(root / spec.lock) if spec.lock else "",
        "packages": hash_files(root, list_own(spec, root)),
        "pip": hash_file(PIP_LOCK),
    }


def copy_inputs(spec: ImageSpec, root: Path, copy: Path) -> None:
    """Copy every file that counts, and no other: what does not make an image new cannot get into it."""
    lock = [spec.lock] if spec.lock else []
    for name in [spec.folder / "Dockerfile", *lock, *list_context(spec, root), *list_own(spec, root)]:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, copy / name)
        shutil.copymode(root / name, copy / name)
