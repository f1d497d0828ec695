"""What a pod is granted that others must not see: `ctx` hands it to nodes. Nothing heavy stands here: the process that
outlives all others reads it too."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credential:
    """The values of a credential. They must not leave the node by any other way than the request they are for."""

    type: str
    values: Mapping[str, str] = field(repr=False)
    hosts: tuple[str, ...] = ()
    """To which hosts they may be sent, `*.example.com` for all below it; none: to those that the node knows."""

    def allows(self, host: str) -> bool:
        """Whether they may be sent to a host (`example.com`, or `example.com:8443` where another port is meant)."""
        return not self.hosts or any(
            host.endswith(known[1:]) if known.startswith("*.") else host == known for known in self.hosts
        )


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model is served: an endpoint that speaks OpenAI's API."""

    url: str
    """The base, such as `http://models.example/v1`."""
    name: str
    """What the endpoint calls the model."""
    key: str | None = field(default=None, repr=False)
    in_cluster: bool = False
    """Whether the platform serves it, by vLLM, and it is reached as such; otherwise by the guarded client."""
