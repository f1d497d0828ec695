"""Builds the Go programs once into the cache and finds them there afterwards.

`up` calls `find_tools` first, which only looks, and `build_tools` when something is missing.
"""

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cluster.commands import run
from cluster.errors import BuildError, CommandError
from cluster.settings import Settings
from cluster.tools import (
    ARGO_MODULE,
    BUILD_FLAGS,
    ENVIRONMENT,
    GROUPS,
    ToolGroup,
    Tools,
    build_key,
    build_ldflags,
    module_version,
    read_sources,
)

Report = Callable[[str, float], None]
BUNDLE = "bundle.json"
KEPT_BUILDS = 2
"""For those who go to and fro between two branches."""
STABLE = ("kubectl", "helm")


def find_tools(settings: Settings, groups: Sequence[ToolGroup] = GROUPS) -> tuple[Tools, list[ToolGroup]]:
    """Where every program is or will be, and the groups that are still to be built."""
    go = go_version()
    folders = {group.name: _folder(settings, group, go) for group in groups}
    programs = {name: folders[group.name] / "bin" / name for group in groups for name in group.packages}
    missing = [group for group in groups if not (folders[group.name] / "built.json").exists()]
    return Tools(programs, folders), missing


def go_version() -> str:
    """Empty where there is no Go: then nothing is found, and the prerequisites say what to do."""
    try:
        return run(["go", "env", "GOVERSION"]).strip()
    except CommandError:
        return ""


def build_tools(settings: Settings, tools: Tools, missing: Sequence[ToolGroup], report: Report) -> None:
    for group in missing:
        started = time.monotonic()
        _build(settings, group, tools.folders[group.name])
        report(f"build {group.name}", time.monotonic() - started)


def tidy_cache(settings: Settings) -> None:
    """Go's caches hold gigabytes and are of no use once everything is built; older builds go too."""
    if not os.environ.get("HEADGATE_KEEP_BUILD_CACHE"):
        for name in ("go-build", "go-mod"):
            shutil.rmtree(settings.cache / name, ignore_errors=True)
    builds = {path.name: path.stat().st_mtime for path in (settings.cache / "tools").iterdir()}
    for name in choose_old(builds, [group.name for group in GROUPS]):
        shutil.rmtree(settings.cache / "tools" / name)


def choose_old(builds: Mapping[str, float], groups: Sequence[str]) -> list[str]:
    """Builds, each with its age, that may go: those of groups that are no more, and all but a group's newest two."""
    kept: list[str] = []
    for group in groups:
        of_it = [name for name in builds if name.rpartition("-")[0] in {group, f".{group}"}]
        kept += sorted(of_it, key=lambda name: builds[name])[-KEPT_BUILDS:]
    return sorted(set(builds) - set(kept))


def link_stable(settings: Settings, tools: Tools) -> None:
    """`bin/kubectl` and `bin/helm` stay at one path, whatever build they point at."""
    settings.bin.mkdir(parents=True, exist_ok=True)
    for name in STABLE:
        link = settings.bin / name
        if not link.is_symlink() or link.readlink() != tools[name]:
            link.unlink(missing_ok=True)
            link.symlink_to(tools[name])


def _folder(settings: Settings, group: ToolGroup, go: str) -> Path:
    return settings.cache / "tools" / f"{group.name}-{build_key(group, read_sources(group), go)}"


def _environment(settings: Settings) -> dict[str, str]:
    """Go caches of our own: they hold gigabytes and are dropped once everything is built."""
    caches = {"GOCACHE": str(settings.cache / "go-build"), "GOMODCACHE": str(settings.cache / "go-mod")}
    return {**ENVIRONMENT, **caches}


def _build(settings: Settings, group: ToolGroup, target: Path) -> None:
    started = time.monotonic()
    scratch = settings.cache / "tools" / f".{target.name}"
    shutil.rmtree(scratch, ignore_errors=True)
    (scratch / "bin").mkdir(parents=True)
    log = settings.cache / "logs" / f"build-{group.name}.log"
    version = module_version((group.folder / "go.mod").read_text(), group.module)
    try:
        _compile(settings, group, version, scratch, log)
    except CommandError as error:
        raise BuildError(
            f"{group.name} could not be built; run the command again once this is mended: {error}"
        ) from error
    size = sum(path.stat().st_size for path in (scratch / "bin").iterdir())
    built = {"version": version, "seconds": round(time.monotonic() - started, 1), "bytes": size}
    (scratch / "built.json").write_text(json.dumps(built) + "\n")
    scratch.rename(target)


def _compile(settings: Settings, group: ToolGroup, version: str, scratch: Path, log: Path) -> None:
    def go(*words: str | Path, folder: Path = group.folder) -> str:
        return run(["go", *words], environment=_environment(settings), folder=folder, log=log)

    go("mod", "download", group.module)
    module = Path(go("list", "-m", "-f", "{{.Dir}}", group.module).strip())
    folder = _patched_argo(group, module, scratch) if group.module == ARGO_MODULE else group.folder
    single = next(iter(group.packages)) if len(group.packages) == 1 else ""
    go(
        "build",
        *BUILD_FLAGS,
        "-ldflags",
        build_ldflags(group, version),
        "-o",
        f"{scratch}/bin/{single}",
        *group.packages.values(),
        folder=folder,
    )
    for path in group.copied:
        shutil.copytree(module / path, scratch / path, copy_function=shutil.copyfile)
    if group.bundled:
        (scratch / BUNDLE).write_text(_bundle(module / group.bundled))
    shutil.rmtree(scratch / "source", ignore_errors=True)


def _bundle(folder: Path) -> str:
    import yaml  # slow to import, and needed only when something is built

    found = [yaml.load(path.read_text(), yaml.CSafeLoader) for path in sorted(folder.glob("*_*.yaml"))]
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": found})


def _patched_argo(group: ToolGroup, module: Path, scratch: Path) -> Path:
    """Argo's source with the one file that its module lacks.

    Upstream, signal_linux.go is a symlink to signal_darwin.go, and module zips drop symlinks. Files in the module
    cache may not be overlaid, so a copy of the module takes its place; everything else still comes by go.sum.
    """
    folder = scratch / "source"
    copy = folder / "argo-workflows"
    unused = shutil.ignore_patterns("docs", "examples", "ui", "test", "*_test.go")
    shutil.copytree(module, copy, ignore=unused, copy_function=shutil.copyfile)
    for path in [copy, *(path for path in copy.rglob("*") if path.is_dir())]:
        path.chmod(0o755)
    signals = copy / "workflow" / "executor" / "osspecific"
    shutil.copyfile(signals / "signal_darwin.go", signals / "signal_linux.go")
    shutil.copyfile(group.folder / "go.sum", folder / "go.sum")
    go_mod = (group.folder / "go.mod").read_text()
    (folder / "go.mod").write_text(f"{go_mod}\nreplace {ARGO_MODULE} => ./argo-workflows\n")
    return folder
