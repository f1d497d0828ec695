"""Finds the images of this repository and reads what each asks for.

An image is a folder with a Dockerfile; an `image.toml` beside it says what the Dockerfile may find at build time.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cluster.images.image import ImagesError

FIRST_LINES = ("ARG BASE=debian:bookworm-slim", "FROM ${BASE}")
_INSTRUCTION = re.compile(r"^\s*[A-Z]+\s")


@dataclass(frozen=True)
class ImageSpec:
    """An image to build. Paths are relative to the repository."""

    name: str
    folder: Path
    debian: tuple[str, ...] = ("python3",)
    """Debian packages that BASE brings; images with the same ones share its layer."""
    lock: Path | None = None
    """Locked requirements, found by the build under `wheels/locked`."""
    packages: tuple[Path, ...] = ()
    """Python projects of this repository, built to `wheels/own`."""
    context: bool = True
    """Whether the Dockerfile may copy from its own folder, all of which is then part of what the image is made from."""


def find_specs(repository: Path) -> list[ImageSpec]:
    """Every image, by name; all that is wrong with any of them is raised at once."""
    dockerfiles = sorted(repository.glob("node-images/*/Dockerfile"))
    dockerfiles += [path for path in (repository / "operator/Dockerfile",) if path.exists()]
    specs, problems = [], []
    for dockerfile in dockerfiles:
        folder = dockerfile.parent.relative_to(repository)
        problems += [f"{folder}/Dockerfile: {problem}" for problem in check_dockerfile(dockerfile.read_text())]
        settings = dockerfile.parent / "image.toml"
        try:
            specs.append(parse_spec(folder, settings.read_text() if settings.exists() else ""))
        except ImagesError as error:
            problems.append(str(error))
    if problems:
        raise ImagesError("\n".join(problems))
    return specs


def parse_spec(folder: Path, text: str) -> ImageSpec:
    """Read an `image.toml`; a key or a type that is not known is an error, not a default."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ImagesError(f"{folder}/image.toml: {error}") from error
    known = {"debian": list, "lock": str, "packages": list, "context": bool}
    for key, value in said.items():
        if key not in known:
            raise ImagesError(f"{folder}/image.toml: {key} is not a setting, only {', '.join(known)} are")
        texts = all(isinstance(item, str) for item in value) if isinstance(value, list) else True
        if not isinstance(value, known[key]) or not texts:
            raise ImagesError(f"{folder}/image.toml: {key} must be {_describe(known[key])}")
    return ImageSpec(
        name=folder.name,
        folder=folder,
        debian=tuple(said.get("debian", ("python3",))),
        lock=Path(said["lock"]) if "lock" in said else None,
        packages=tuple(Path(package) for package in said.get("packages", ())),
        context=said.get("context", True),
    )


def check_dockerfile(text: str) -> list[str]:
    """What is wrong with how a Dockerfile begins: it must build on the public base and on ours alike."""
    instructions = [line.strip() for line in text.splitlines() if _INSTRUCTION.match(line)]
    first = text.splitlines()[:1]
    problems = []
    if first != [FIRST_LINES[0]]:
        problems.append(f"the first line must be `{FIRST_LINES[0]}`")
    if len(instructions) < 2 or not instructions[1].startswith(FIRST_LINES[1]):
        problems.append(f"the second instruction must be `{FIRST_LINES[1]}`")
    return problems


def _describe(kind: type) -> str:
    return {list: "a list of texts", str: "a text", bool: "true or false"}[kind]
