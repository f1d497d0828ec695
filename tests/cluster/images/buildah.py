"""The one place that talks to buildah: Dockerfile in, image out, with no network and no mounts left behind.

Called by the build. Its storage lies in our own cache and may be deleted whenever no build runs.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

from cluster.commands import run
from cluster.errors import CommandError
from cluster.images import oci
from cluster.images.image import Image, ImagesError
from cluster.images.settings import Settings

# What buildah knows of other registries' layers always lies in the one place that no setting moves: let it be nowhere.
FORGET = 'mkdir -p /var/lib/containers/cache && mount -t tmpfs none /var/lib/containers/cache && exec buildah "$@"'
# Of its own: mounts, which end with it, and the network, of which it has none.
PRIVATE = ("unshare", "--mount", "--net", "--propagation", "private", "--", "sh", "-c", FORGET, "buildah")

CROWDED = 400
"""Images in the storage, counting every cached step, from which on it is thrown away."""

SETTINGS = """[storage]
driver = "overlay"
graphroot = "{storage}/root"
runroot = "{storage}/run"
"""


class Buildah:
    def __init__(self, settings: Settings) -> None:
        self._storage = settings.storage

    def load(self, image: Image, log: Path) -> None:
        """Have an image of ours to build on."""
        if self._count() > CROWDED:
            shutil.rmtree(self._storage)
        command: list[str | Path] = [*PRIVATE, "pull", "--quiet", *self._trust()]
        self._run([*command, f"oci-archive:{image.archive}:{image.reference}"], log)

    def build(
        self, reference: str, *, dockerfile: Path, context: Path, wheels: Path, arguments: Mapping[str, str], log: Path
    ) -> None:
        """Build an image; steps whose inputs are the same as last time are not repeated."""
        command: list[str | Path] = [*PRIVATE, "build", "--isolation", "chroot", "--layers", "--pull-never"]
        command += ["--http-proxy=false", *self._trust(), "--build-context", f"wheels={wheels}", "--tag", reference]
        command += [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        try:
            self._run([*command, "--file", dockerfile, context], log)
        except CommandError as error:
            last = log.read_text().rstrip().splitlines()[-1]
            raise ImagesError(
                f"{reference} could not be built; mend its Dockerfile, knowing that a build has no network and gets "
                f"what it needs by image.toml. {log} ends: {last}"
            ) from error

    def export(self, reference: str, folder: Path, log: Path) -> oci.Contents:
        """Write an image's layers out as they are: packing them would cost more than reading them does."""
        command = [*PRIVATE, "push", "--quiet", "--disable-compression", "--format", "oci", *self._trust()]
        self._run([*command, reference, f"dir:{folder}"], log)
        return oci.read_exported(folder)

    def _count(self) -> int:
        if not self._storage.exists():
            return 0
        return len(self._run([*PRIVATE, "images", "--all", "--quiet"]).split())

    def _run(self, command: list[str | Path], log: Path | None = None) -> str:
        return run(command, log=log, environment=self._environment())

    def _trust(self) -> list[str]:
        return ["--signature-policy", str(self._storage / "policy.json")]

    def _environment(self) -> Mapping[str, str]:
        """Settings of our own: what this machine has set up for other users of buildah is left alone and unread."""
        self._storage.mkdir(parents=True, exist_ok=True)
        settings = self._storage / "storage.conf"
        settings.write_text(SETTINGS.format(storage=self._storage))
        (self._storage / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}\n')
        return {"CONTAINERS_STORAGE_CONF": str(settings), "TMPDIR": str(self._storage)}
