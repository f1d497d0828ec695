"""Builds the images of this repository: gathers what each is made from, has the plan decide, does what it says.

Called by the command line (`make images`) and by tests that need the images of their checkout.
"""

import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from cluster.images import audit, debian, oci, wheels
from cluster.images.base import ensure_base, find_base
from cluster.images.buildah import Buildah
from cluster.images.content import hash_parts
from cluster.images.image import Image, ImagesError, Say, build_reference, format_size
from cluster.images.inputs import copy_inputs, hash_inputs
from cluster.images.lock import hold, require_space
from cluster.images.plan import decide_step
from cluster.images.settings import Settings
from cluster.images.specs import ImageSpec, find_specs
from cluster.images.store import Record, Store


def build_images(
    settings: Settings, say: Say = print, *, names: Collection[str] = (), fresh_base: bool = False
) -> list[Image]:
    """Build what changed, or what of those named did; return all of them, changed or not."""
    specs = choose_specs(find_specs(settings.repository), names)
    with hold(settings):
        bases: dict[tuple[str, ...], Image] = {}
        for spec in specs:
            if spec.debian not in bases:
                bases[spec.debian] = _prepare_base(spec.debian, settings, say, fresh=fresh_base)
        return [_build_one(spec, bases[spec.debian], settings, say) for spec in specs]


def find_image(name: str, settings: Settings) -> Image:
    """The image of this checkout as its sources are now; an error if it was not built since they changed."""
    (spec,) = choose_specs(find_specs(settings.repository), [name])
    store = Store(settings.records)
    base = find_base(spec.debian, store)
    parts = hash_inputs(spec, settings.repository, base.digest) if base else None
    record = store.load(name, hash_parts(parts)) if parts else None
    if record is None:
        raise ImagesError(f"the image {name} is not built as its sources are now: run `make images`")
    return record.image


def choose_specs(specs: Sequence[ImageSpec], names: Collection[str]) -> list[ImageSpec]:
    unknown = sorted(set(names) - {spec.name for spec in specs})
    if unknown:
        known = ", ".join(spec.name for spec in specs)
        raise ImagesError(f"there is no image {', '.join(unknown)}: there are {known}")
    return [spec for spec in specs if not names or spec.name in names]


def describe(name: str, image: Image, took: float, note: str) -> str:
    return f"{name:<12} {format_size(image.size):>9} {took:6.1f} s  {image.reference}  ({note})"


def _prepare_base(packages: Sequence[str], settings: Settings, say: Say, *, fresh: bool) -> Image:
    started = time.monotonic()
    known = find_base(packages, Store(settings.records))
    if known is None or fresh:
        require_space(settings)
    base = ensure_base(packages, settings, say, fresh=fresh)
    if base != known:
        say(describe("base", base, time.monotonic() - started, f"Debian with {', '.join(packages)}"))
    return base


def _build_one(spec: ImageSpec, base: Image, settings: Settings, say: Say) -> Image:
    started = time.monotonic()
    store = Store(settings.records)
    parts = hash_inputs(spec, settings.repository, base.digest)
    known, last = store.load(spec.name, hash_parts(parts)), store.newest(spec.name)
    step = decide_step(parts, built=known.parts if known else None, last=last.parts if last else None)
    if known is not None:
        store.touch(known)
        image = known.image
    else:
        require_space(settings)
        image = _make(spec, step.key, base, settings, say)
        store.save(Record(image, parts))
    say(describe(spec.name, image, time.monotonic() - started, step.reason))
    return image


def _make(spec: ImageSpec, key: str, base: Image, settings: Settings, say: Say) -> Image:
    log = settings.logs / f"{spec.name}.log"
    log.unlink(missing_ok=True)
    debian.install_build_tools(log, say)
    work = settings.work / spec.name
    shutil.rmtree(work, ignore_errors=True)
    try:
        copy = work / "copy"
        copy_inputs(spec, settings.repository, copy)
        if hash_parts(hash_inputs(spec, copy, base.digest)) != key:
            raise ImagesError(f"files of the image {spec.name} changed while it was built: run `make images` again")
        contents = _run_build(spec, build_reference(spec.name, key), base, work, settings, log)
        problems = audit.check_image(contents)
        if problems:
            raise ImagesError("\n".join(f"{spec.folder}/Dockerfile: the image {problem}" for problem in problems[:10]))
        archive = Store(settings.records).archive(spec.name, key)
        return oci.write_archive(contents, build_reference(spec.name, key), archive)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _run_build(spec: ImageSpec, reference: str, base: Image, work: Path, settings: Settings, log: Path) -> oci.Contents:
    copy, nothing = work / "copy", work / "nothing"
    nothing.mkdir()
    lock = copy / spec.lock if spec.lock else None
    wheels.stage(lock, [copy / package for package in spec.packages], work / "wheels", settings, log)
    buildah = Buildah(settings)
    buildah.load(base, log)
    buildah.build(
        reference,
        dockerfile=copy / spec.folder / "Dockerfile",
        context=copy / spec.folder if spec.context else nothing,
        wheels=work / "wheels",
        arguments={"BASE": base.reference},
        log=log,
    )
    return buildah.export(reference, work / "export", log)
