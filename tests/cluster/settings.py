"""Where the cluster keeps things and which addresses it uses: frozen, read once from the environment.

Made by `__main__` (and by the tests' fixtures) and passed to everything else.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cluster.errors import ClusterError

NODE_NAME = "headgate"
CONTEXT = "headgate"
HOST_LINK = "headgate0"
PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parents[1]


@dataclass(frozen=True)
class Network:
    """One /16 that exists only on this machine: the node, its pods and the Services live in it."""

    whole: ipaddress.IPv4Network

    def _address(self, third: int, fourth: int) -> str:
        return str(self.whole.network_address + third * 256 + fourth)

    @property
    def host(self) -> str:
        """The machine's end of the link to the node."""
        return self._address(0, 1)

    @property
    def node(self) -> str:
        return self._address(0, 2)

    @property
    def pods(self) -> str:
        return f"{self._address(64, 0)}/20"

    @property
    def services(self) -> str:
        return f"{self._address(128, 0)}/20"

    @property
    def api_service(self) -> str:
        return self._address(128, 1)


@dataclass(frozen=True)
class Settings:
    """Everything a person may choose, and the paths that follow from it."""

    cache: Path
    state: Path
    run: Path
    kubeconfig: Path
    network: Network
    gpus: int

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def config(self) -> Path:
        return self.state / "config"

    @property
    def admin_kubeconfig(self) -> Path:
        return self.state / "kubeconfig.yaml"

    @property
    def bin(self) -> Path:
        """A path that stays the same from build to build, for a person's PATH."""
        return self.cache / "bin"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"

    @property
    def api_server(self) -> str:
        return f"https://{self.network.node}:6443"

    @property
    def s3(self) -> str:
        return f"{self.network.node}:9000"


def settings_from(environment: Mapping[str, str]) -> Settings:
    home = Path(environment.get("HOME") or "/root")
    caches = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    user_kubeconfig = (environment.get("KUBECONFIG") or "").split(":")[0]
    return Settings(
        cache=caches / "headgate",
        state=Path(environment.get("HEADGATE_STATE") or "/var/lib/headgate"),
        run=Path("/run/headgate"),
        kubeconfig=Path(user_kubeconfig or home / ".kube" / "config"),
        network=_network(environment.get("HEADGATE_NETWORK") or "10.213.0.0/16"),
        gpus=_count(environment.get("HEADGATE_GPUS") or "2"),
    )


def _network(text: str) -> Network:
    try:
        whole = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise ClusterError(f"HEADGATE_NETWORK is {text!r}: set it to a private /16, such as 10.213.0.0/16.") from error
    if whole.prefixlen != 16 or not whole.is_private:
        raise ClusterError(f"HEADGATE_NETWORK is {text!r}: set it to a private /16, such as 10.213.0.0/16.")
    return Network(whole)


def _count(text: str) -> int:
    if not text.isdigit():
        raise ClusterError(f"HEADGATE_GPUS is {text!r}: set it to a number from 0 up.")
    return int(text)
