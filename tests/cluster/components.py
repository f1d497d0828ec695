"""The whole cluster as data: every component and task, in the order in which their needs allow.

Called by `up`, `down` and `status`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cluster.addons import build_addons
from cluster.component import Step, Task
from cluster.control_plane import build_control_plane
from cluster.errors import ClusterError
from cluster.images import Image, ImagesError, ensure_system_images, import_images
from cluster.manifests import build_manifests_tasks
from cluster.node import build_node
from cluster.plan import order_steps
from cluster.probes import Marker
from cluster.settings import Settings
from cluster.tools import Tools

NAMES = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "containerd",
    "kubelet",
    "kube-proxy",
    "s3",
    "coredns",
    "workflow-controller",
    "gpu-device-plugin",
)
"""Every component's name, for those who must not depend on anything being built, such as `down` and `logs`."""


def build_steps(settings: Settings, tools: Tools, images: list[Image]) -> list[Step]:
    references = {image.name: image.reference for image in images}
    steps: list[Step] = [
        *build_control_plane(settings, tools),
        *build_node(settings, tools, references["pause"]),
        *build_manifests_tasks(settings, tools),
        _build_images_task(settings, images),
        *build_addons(settings, tools, references["argoexec"]),
    ]
    return order_steps(steps)


def ensure_images(tools: Tools) -> list[Image]:
    """The images that the cluster itself runs, made if they are not there yet."""
    with _reworded():
        return ensure_system_images(tools["argoexec"], say=lambda _: None)


@contextmanager
def _reworded() -> Iterator[None]:
    """The images package has errors of its own; their sentences serve here too."""
    try:
        yield
    except ImagesError as error:
        raise ClusterError(str(error)) from error


def read_imported(settings: Settings) -> dict[str, str]:
    """The references of the images that the running cluster was given, by name."""
    try:
        references = _imported(settings).read_text().split()
    except OSError as error:
        raise ClusterError("The cluster has no images of ours: bring it up with `make cluster`.") from error
    return {reference.rpartition("/")[2].partition(":")[0]: reference for reference in references}


def _imported(settings: Settings) -> Path:
    return settings.state / "images-imported"


def _build_images_task(settings: Settings, images: list[Image]) -> Task:
    """containerd keeps what was imported, so the marker lies beside its data and goes when that goes."""
    done = Marker(_imported(settings), lambda: "".join(f"{image.reference}\n" for image in images))
    return Task("images", partial(_import_images, settings, images, done), done, needs=["containerd"])


def _import_images(settings: Settings, images: list[Image], done: Marker) -> None:
    with _reworded():
        import_images(images, settings.containerd_socket, say=lambda _: None)
    done.path.write_text(done.text())
