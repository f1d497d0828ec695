"""The kinds of objects that Headgate reads or writes, and where the API server keeps them."""

import sys
from dataclasses import dataclass
from typing import Any

from headgate.kube.errors import NotFoundError
from headgate.names import GROUP, VERSION

Object = dict[str, Any]
"""An object as the API server gives it."""
Key = tuple[str, str]
"""Namespace (empty where there is none) and name."""

_NO_NAME = frozenset("/%?#\\")
"""What no name of an object has, and a URL reads as more than a name."""


@dataclass(frozen=True, slots=True)
class Kind:
    group: str
    version: str
    name: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, part: str | None = None) -> str:
        """Raises NotFoundError for what is no name: in a path it would lead to another object, a Secret for one."""
        for step in (namespace, name):
            if step and (step in (".", "..") or not _NO_NAME.isdisjoint(step)):
                raise NotFoundError(f"find {self.plural}", f"nothing can be called {step[:300]!r}")
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        where = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return "/".join([f"{root}{where}/{self.plural}", *(step for step in (name, part) if step)])


def _own(name: str, plural: str, *, namespaced: bool = True) -> Kind:
    return Kind(GROUP, VERSION, name, plural, namespaced)


WORKFLOW = _own("Workflow", "workflows")
RUN = _own("Run", "runs")
APPROVAL_REQUEST = _own("ApprovalRequest", "approvalrequests")
APPROVAL_POLICY = _own("ApprovalPolicy", "approvalpolicies")
NODE_TYPE = _own("NodeType", "nodetypes", namespaced=False)
MODEL = _own("Model", "models")
KNOWLEDGE_BASE = _own("KnowledgeBase", "knowledgebases")
CREDENTIAL = _own("Credential", "credentials")

LEG = Kind("argoproj.io", "v1alpha1", "Workflow", "workflows")
REVISION = Kind("apps", "v1", "ControllerRevision", "controllerrevisions")
SECRET = Kind("", "v1", "Secret", "secrets")
POD = Kind("", "v1", "Pod", "pods")
SERVICE_ACCOUNT = Kind("", "v1", "ServiceAccount", "serviceaccounts")
NAMESPACE = Kind("", "v1", "Namespace", "namespaces", namespaced=False)
EVENT = Kind("", "v1", "Event", "events")
LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases")
CONFIG_MAP = Kind("", "v1", "ConfigMap", "configmaps")

SELF_REVIEW = Kind("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews", namespaced=False)
SELF_ACCESS_REVIEW = Kind(
    "authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", namespaced=False
)


def _admission(name: str, plural: str) -> Kind:
    return Kind("admissionregistration.k8s.io", "v1", name, plural, namespaced=False)


VALIDATING_WEBHOOK = _admission("ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
VALIDATING_POLICY = _admission("ValidatingAdmissionPolicy", "validatingadmissionpolicies")
VALIDATING_BINDING = _admission("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings")
MUTATING_POLICY = _admission("MutatingAdmissionPolicy", "mutatingadmissionpolicies")
MUTATING_BINDING = _admission("MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings")


def key_of(thing: Object) -> Key:
    """Ten thousand keys have the same few namespaces: each is kept once."""
    metadata = thing["metadata"]
    return sys.intern(metadata.get("namespace", "")), metadata["name"]


def version_of(thing: Object) -> int:
    """Versions of one kind can be compared (since Kubernetes 1.35 that is part of the API, and etcd's are integers)."""
    text = thing["metadata"].get("resourceVersion", "")
    return int(text) if text.isdecimal() else 0
