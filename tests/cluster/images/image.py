"""What an image is to the rest of the project: a name that never changes its meaning, and the archive that holds it.

Used by every module of this package, and by the cluster, which imports these into containerd.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import ClusterError

Say = Callable[[str], None]
"""Where progress is told; `print` on the command line."""


class ImagesError(ClusterError):
    """An image could not be made or imported. The text is one sentence that says what to do."""


@dataclass(frozen=True)
class Image:
    """An OCI image in an archive, under a tag that is a hash of everything it was made from."""

    reference: str
    archive: Path
    digest: str
    size: int

    @property
    def repository(self) -> str:
        return self.reference.rpartition(":")[0]

    @property
    def name(self) -> str:
        return self.repository.rpartition("/")[2]

    @property
    def by_digest(self) -> str:
        """The reference to pin: containerd knows the image under this name too."""
        return f"{self.repository}@{self.digest}"


def build_reference(name: str, key: str) -> str:
    """The tag is the content: `IfNotPresent` is always right, and nothing is ever `latest`."""
    return f"localhost/headgate/{name}:{key[:12]}"


def format_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
