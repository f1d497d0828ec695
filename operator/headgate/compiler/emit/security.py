"""What a pod may not do: Kubernetes' restricted profile for every container, and a token for Argo's own alone."""

import json
from typing import Any

USER = 65532

POD: dict[str, Any] = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "fsGroup": USER,
    "seccompProfile": {"type": "RuntimeDefault"},
}

CONTAINER: dict[str, Any] = {
    "runAsNonRoot": True,
    "runAsUser": USER,
    "runAsGroup": USER,
    "privileged": False,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}

_TOKEN = "headgate-executor-token"  # noqa: S105 the name of a volume
_GRACE_SECONDS = 30

_TOKEN_VOLUME: dict[str, Any] = {
    "name": _TOKEN,
    "projected": {
        "sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {
                "downwardAPI": {
                    "items": [
                        {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
                    ]
                }
            },
        ]
    },
}


def _executor(name: str) -> dict[str, Any]:
    """One of the containers that Argo adds. Only these see the token."""
    return {
        "name": name,
        "securityContext": CONTAINER,
        "resources": {"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}},
        "volumeMounts": [
            {"name": _TOKEN, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": True}
        ],
    }


POD_PATCH = json.dumps(
    {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "initContainers": [_executor("init")],
        "containers": [_executor("wait")],
        "volumes": [_TOKEN_VOLUME],
    },
    separators=(",", ":"),
)
"""What Argo has no fields for. Nothing that a user wrote is in it."""
