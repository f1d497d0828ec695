"""What a component is: a name, a command, what it needs, and how to tell that it is ready.

`control_plane`, `node` and `addons` hold the components themselves; `plan` decides about them.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

Argv = list[str | Path]


class Probe(Protocol):
    """Tells whether something is ready."""

    def reason(self) -> str:
        """Empty when ready, else what is still missing, in a few words."""


@dataclass(frozen=True)
class Component:
    """A long-running process of the cluster."""

    name: str
    argv: Argv
    ready: Probe
    needs: Sequence[str] = ()
    after: Sequence[str] = ()
    """Restarted when one of these was started after it: it cannot find them again by itself."""
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[Path, str] = field(default_factory=dict)
    patience: float = 60.0
    """Seconds to become ready."""

    @property
    def digest(self) -> str:
        """Changes when the command or a configuration file does, and so tells a process that is out of date."""
        text = json.dumps(
            [
                [str(word) for word in self.argv],
                sorted(self.environment.items()),
                sorted((str(path), content) for path, content in self.files.items()),
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Task:
    """Something done once, between the starts of components: manifests applied, images imported."""

    name: str
    run: Callable[[], None]
    ready: Probe
    needs: Sequence[str] = ()


Step = Component | Task
