"""Container images without a registry or an engine: what the cluster itself needs, and what this repository builds.

The cluster calls `ensure_system_images` and `import_images`; `make images` and tests call `build_images`; tests that
name an image ask `find_image` for it.
"""

from cluster.images.build import build_images, find_image
from cluster.images.containerd import import_images, list_images, remove_obsolete
from cluster.images.image import Image, ImagesError
from cluster.images.settings import Settings, read_settings
from cluster.images.system import ensure_system_images

__all__ = [
    "Image",
    "ImagesError",
    "Settings",
    "build_images",
    "ensure_system_images",
    "find_image",
    "import_images",
    "list_images",
    "read_settings",
    "remove_obsolete",
]
