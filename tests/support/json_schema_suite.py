"""The official JSON Schema Test Suite, as the source of `jsonschema` carries it: fetched once into the cache.

Used by the test of `validate`. Where it cannot be had, that test is skipped and says so.
"""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from cluster.settings import settings_from

SOURCE = "jsonschema==4.26.0"
_REMOTE = "http://localhost:1234"
_SECONDS = 240


@cache
def read_tests(draft: str) -> Mapping[str, Any]:
    """File → its groups of tests, all of them required ones."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((_folder() / "tests" / draft).glob("*.json"))}


@cache
def read_remotes(draft: str) -> Mapping[str, Any]:
    """Address → schema: those that tests of this draft refer to."""
    folder = _folder() / "remotes"
    of_all = [
        path for path in folder.rglob("*.json") if not path.relative_to(folder).parts[0].startswith(("draft", "v1"))
    ]
    paths = [*of_all, *(folder / draft).rglob("*.json")]
    return {f"{_REMOTE}/{path.relative_to(folder)}": json.loads(path.read_text()) for path in paths}


@cache
def _folder() -> Path:
    cache_folder = settings_from(os.environ).cache / "json-schema-suite" / SOURCE
    if not cache_folder.is_dir():
        cache_folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=cache_folder.parent) as work:
            _fetch(Path(work))
            (Path(work) / "json").rename(cache_folder)
    return cache_folder


def _fetch(work: Path) -> None:
    """The suite into `work/json`."""
    options = ["-q", "--no-deps", "--no-binary", ":all:", "--dest", str(work)]
    command = [sys.executable, "-m", "pip", "download", *options, SOURCE]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"pip cannot fetch the source of {SOURCE}: {error.stderr.strip()[-300:]}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip did not fetch the source of {SOURCE} within {_SECONDS} s")
    (archive,) = work.glob("*.tar.gz")
    with tarfile.open(archive) as source:
        for member in source.getmembers():
            inside = member.name.partition("/")[2]
            if inside.startswith("json/"):
                member.name = inside
                source.extract(member, work, filter="data")
