"""People at the API server: impersonated, with an answer that can be read whether it is a yes or a no; and with real
client certificates, signed by the cluster's own authority.

Called by the attacks and by the tests of what must pass.
"""

import base64
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster.errors import CommandError
from cluster.kubectl import Kubectl


@dataclass(frozen=True)
class Answer:
    accepted: bool
    said: str


class Cluster:
    """One namespace, to whoever acts in it."""

    def __init__(self, kubectl: Kubectl, namespace: str) -> None:
        self.kubectl, self.namespace = kubectl, namespace

    def ask(
        self, who: str, *words: str, groups: Sequence[str] = (), extra: Sequence[str] = (), stdin: object = None
    ) -> Answer:
        """Let somebody run kubectl here."""
        identity = [f"--as={who}", *(f"--as-group={group}" for group in groups)]
        identity += [f"--as-user-extra={one}" for one in extra]
        return self._run([*identity, f"--namespace={self.namespace}", *words], stdin)

    def ask_with(self, kubeconfig: Path, *words: str, stdin: object = None) -> Answer:
        """Let somebody run kubectl here who has a certificate."""
        return self._run([f"--kubeconfig={kubeconfig}", "--context=", f"--namespace={self.namespace}", *words], stdin)

    def _run(self, words: Sequence[str], stdin: object) -> Answer:
        try:
            return Answer(True, self.kubectl(*words, stdin=None if stdin is None else json.dumps(stdin)).strip())
        except CommandError as refused:
            return Answer(False, str(refused))

    def get(self, *words: str) -> Any:
        return self.kubectl.get(*words, "--namespace", self.namespace)


def patch(body: object, *, kind: str = "merge") -> tuple[str, ...]:
    return (f"--type={kind}", "-p", json.dumps(body))


def vote(verdict: str = "Approve", *, by: str = "me", **more: object) -> tuple[str, ...]:
    """The one line of kubectl, from `--type` on."""
    return patch({"spec": {"votes": {by: {"verdict": verdict, **more}}}})


def enrol(kubectl: Kubectl, name: str, groups: Sequence[str], folder: Path) -> Path:
    """Have a client certificate signed, as a cluster's admin would. Gives the kubeconfig that uses it."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    subject = x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, name)])
    wish = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    request = f"headgate-test-{uuid.uuid4().hex[:8]}"
    spec = {
        "request": base64.b64encode(wish.public_bytes(serialization.Encoding.PEM)).decode(),
        "signerName": "kubernetes.io/kube-apiserver-client",
        "usages": ["client auth"],
        "expirationSeconds": 3600,
    }
    kind = {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest"}
    kubectl.apply({**kind, "metadata": {"name": request}, "spec": spec})
    kubectl("certificate", "approve", request)
    signed = kubectl.wait("csr", request, until=lambda found: bool(found.get("status", {}).get("certificate")))
    kubectl("delete", "csr", request)

    config = json.loads(kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    user = {
        "client-certificate-data": signed["status"]["certificate"],
        "client-key-data": base64.b64encode(private).decode(),
    }
    config["users"] = [{"name": config["contexts"][0]["context"]["user"], "user": user}]
    file = folder / f"{request}.kubeconfig"
    file.write_text(json.dumps(config))
    return file
