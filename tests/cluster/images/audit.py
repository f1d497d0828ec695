"""Looks into a finished image before it is let out: not root, no compilers, no installers, no setuid.

Held by the build for every image, so that no reviewer has to remember it.
"""

import re
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cluster.images.oci import Contents

COMPILERS = re.compile(r"^(.*-)?(gcc|g\+\+|cc1|cc1plus|clang|rustc|cargo|go|make|ld)(-[\d.]+)?$")
INSTALLERS = re.compile(r"/(site|dist)-packages/(pip|setuptools|wheel|ensurepip)/__init__\.py$")
PROGRAMS = re.compile(r"(^|/)(bin|sbin|libexec|lib/gcc/.*)/[^/]+$")
LEFTOVERS = re.compile(r"^(var/lib/apt/lists|var/cache/apt/archives|usr/share/man|wheels)/.+[^/]$")


def check_config(config: Mapping[str, Any]) -> list[str]:
    user = str(config.get("config", {}).get("User", ""))
    uid = user.partition(":")[0]
    if not uid.isdecimal() or uid == "0":
        return [f"runs as {user or 'root'}: end the Dockerfile with `USER 65532:65532`"]
    return []


def check_member(name: str, mode: int) -> str | None:
    """What is wrong with one regular file of an image, if anything."""
    name = name.removeprefix("./")
    if PROGRAMS.search(name) and COMPILERS.match(name.rpartition("/")[2]):
        return f"has a compiler, {name}: build in a stage of its own and copy the result"
    if INSTALLERS.search(f"/{name}"):
        return f"has an installer, {name}: make the environment with --without-pip"
    if mode & 0o6000:
        return f"has a file that runs as another user, {name}: take its setuid bit"
    if LEFTOVERS.match(name):
        return f"has what only a build needs, {name}: remove it in the step that made it"
    return None


def check_layers(layers: Iterable[Path]) -> list[str]:
    problems = []
    for layer in layers:
        with tarfile.open(layer) as tar:
            for member in tar:
                problem = check_member(member.name, member.mode) if member.isreg() else None
                if problem is not None:
                    problems.append(problem)
    return problems


def check_image(contents: Contents) -> list[str]:
    """Everything that keeps an image from being used."""
    blobs = (contents.blobs[layer["digest"]] for layer in contents.layers)
    return check_config(contents.config) + check_layers(blob for blob in blobs if isinstance(blob, Path))
