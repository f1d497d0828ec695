"""Argo's own opinion of a manifest: the models of the package `argo-workflows`, made from Argo's API description."""

import copy
import importlib
from functools import cache
from typing import Any


def read_as_argo(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest as the models understood it. Raises if a value has another type, or a field is unknown."""
    from argo_workflows.configuration import Configuration  # type: ignore[import-untyped]  # has no types
    from argo_workflows.model_utils import model_to_dict, validate_and_convert_types  # type: ignore[import-untyped]  # as above

    own = copy.deepcopy(manifest)
    model = validate_and_convert_types(own, (_workflow(),), ["manifest"], True, True, configuration=Configuration())
    _refuse_unknown(model, "manifest")
    read: dict[str, Any] = model_to_dict(model, serialize=True)
    return read


@cache
def _workflow() -> type:
    """Imported late: it takes two seconds."""
    module = importlib.import_module("argo_workflows.model.io_argoproj_workflow_v1alpha1_workflow")
    found: type = module.IoArgoprojWorkflowV1alpha1Workflow
    return found


def _refuse_unknown(value: Any, path: str) -> None:
    """The models keep what they do not know; Kubernetes would drop it."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_unknown(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_unknown(item, f"{path}.{key}")
    elif hasattr(value, "_data_store"):
        for name, item in value._data_store.items():
            if name not in value.openapi_types:
                raise ValueError(f"{path} has no field {name!r}")
            _refuse_unknown(item, f"{path}.{name}")
