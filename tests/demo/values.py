"""The values under which the demo installs the chart: the images of this tree, and the names of our cluster's Argo."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cluster.context import Context
from cluster.errors import ClusterError
from cluster.images.build import find_image
from cluster.images.image import Image
from cluster.images.settings import read_settings
from cluster.pki import ARGO_USER
from demo.steps import NAMESPACE

IMAGES = ("operator", "core", "code")
VARIABLE = "HEADGATE_VALUES"


def find_values(context: Context, environment: Mapping[str, str]) -> Path | dict[str, Any]:
    """A person's own file with the chart's values, or those of our cluster. Raises ClusterError."""
    if named := environment.get(VARIABLE):
        return Path(named)
    if not context.ours:
        raise ClusterError(
            f"{context.name} cannot have the images of this tree by itself: push what `make images` made to a registry "
            f"that it reaches, and name them in a values file of the chart: {VARIABLE}=FILE make demo."
        )
    return build_values([find_image(name, read_settings()) for name in IMAGES])


def build_values(images: Sequence[Image]) -> dict[str, Any]:
    places = {}
    for image in images:
        repository, _, digest = image.by_digest.partition("@")
        places[image.name] = {"repository": repository, "digest": digest}
    return {
        "image": places.pop("operator"),
        "images": places,
        "namespaces": [NAMESPACE],
        "admission": {"argo": [ARGO_USER]},
    }
