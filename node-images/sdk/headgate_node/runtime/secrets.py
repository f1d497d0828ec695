"""The credentials and models that a pod was given: read once, from files that Kubernetes mounted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from headgate_lang.task import Task
from headgate_node.granted import Credential, Model
from headgate_node.runtime.folders import Folders

LARGEST = 1 << 20


@dataclass(frozen=True)
class Secrets:
    credentials: Mapping[str, Credential]
    models: Mapping[str, Model]

    @property
    def values(self) -> list[Mapping[str, str]]:
        """All that must be masked."""
        keys = [{"key": model.key} for model in self.models.values() if model.key]
        return [*(credential.values for credential in self.credentials.values()), *keys]


def read_secrets(task: Task, folders: Folders) -> Secrets:
    """A value that is not there is left out: the node that asks for it says so."""
    credentials = {
        name: Credential(told.type, _read_fields(folders.credentials / name), told.hosts)
        for name, told in task.credentials.items()
        if (folders.credentials / name).is_dir()
    }
    models = {
        name: Model(told.url, told.name, _read(folders.models / name) if told.has_key else None, told.in_cluster)
        for name, told in task.models.items()
    }
    return Secrets(credentials, models)


def _read_fields(folder: Path) -> dict[str, str]:
    """Kubernetes puts links of its own beside the files, whose names begin with dots."""
    values = {path.name: _read(path) for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")}
    return {name: value for name, value in values.items() if value is not None}


def _read(path: Path) -> str | None:
    """A value, less the line break that editors leave at its end; None if there is none that is text."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST).decode().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return None
