"""What a person gives a local Run beside its files: values of credentials, and where models answer.

A YAML file holds both, named by an explicit flag; a value may be taken out of the environment, so that the file itself
holds no secret. Nothing of it is ever printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headgate.cli.command import Streams, WrongUseError
from headgate.cli.inputs import read_inputs

_FORM = (
    "`credentials: {NAME: {type, values}}` and `models: {NAME: {url, model, key}}`; "
    "a value is a text, or {env: VARIABLE}"
)
_MAPS = ("dict_type", "model_type")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class FromEnvironment(_Shape):
    env: str


_Value = Annotated[str, Field(strict=True)] | FromEnvironment


class GivenCredential(_Shape):
    type: str | None = None
    hosts: tuple[str, ...] = ()
    values: Annotated[dict[str, _Value], Field(min_length=1)]


class GivenModel(_Shape):
    url: Annotated[str, Field(pattern=r"^https?://[^\s{}$]+$")] | None = None
    model: str | None = None
    key: _Value | None = None


class _File(_Shape):
    credentials: dict[str, GivenCredential] = Field(default_factory=dict)
    models: dict[str, GivenModel] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential's values, read."""

    type: str | None
    hosts: tuple[str, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Served:
    """Where a model answers, as far as it was said."""

    url: str | None = None
    model: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    credentials: Mapping[str, Secret] = field(default_factory=dict)
    models: Mapping[str, Served] = field(default_factory=dict)


def read_given(prog: str, name: str | None, models: Sequence[str], streams: Streams) -> Given:
    """`name`: the file. `models`: each `NAME=URL[,MODEL]`, which goes over the file."""
    file = _read(prog, name, streams) if name else _File()
    environment = streams.environment
    credentials = {
        key: Secret(
            one.type, one.hosts, {to: _value(prog, key, value, environment) for to, value in one.values.items()}
        )
        for key, one in file.credentials.items()
    }
    served = {
        key: Served(one.url, one.model, None if one.key is None else _value(prog, key, one.key, environment))
        for key, one in file.models.items()
    }
    for flag in models:
        key, url, model = _flag(prog, flag)
        before = served.get(key, Served())
        served[key] = Served(url, model or before.model, before.key)
    return Given(credentials, served)


def _read(prog: str, name: str, streams: Streams) -> _File:
    try:
        return _File.model_validate(read_inputs(prog, name, streams, _FORM))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        said = "this must be a map" if first["type"] in _MAPS else first["msg"]
        raise WrongUseError(f"{prog}: {name}: {where}: {said} (it holds {_FORM})") from None


def _value(prog: str, owner: str, value: str | FromEnvironment, environment: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return value
    if value.env not in environment:
        raise WrongUseError(f"{prog}: {owner} takes a value from ${value.env}, which is not set")
    return environment[value.env]


def _flag(prog: str, text: str) -> tuple[str, str, str]:
    name, separator, rest = text.partition("=")
    url, _, model = rest.partition(",")
    if not separator or not name or not url.startswith(("http://", "https://")):
        raise WrongUseError(f"{prog}: a model is given as --model NAME=URL or NAME=URL,MODEL, not as {text}")
    return name, url, model
