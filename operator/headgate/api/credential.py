"""`Credential`: values that nodes may use without seeing them elsewhere, and what they may be used for.

The guard is on the credential, whatever the author of a workflow wrote.
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from headgate.api.common import (
    AGE,
    Column,
    Conditions,
    Definition,
    Line,
    ObjectName,
    Resource,
    Shape,
    condition,
    exclusive,
    rules,
)

ValueName = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z][A-Za-z0-9]*$")]
Host = Annotated[
    str, StringConstraints(max_length=253, pattern=r"^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:[0-9]{1,5})?$")
]


class CredentialSpec(Shape):
    """Where the values are, and what they may be used for."""

    model_config = ConfigDict(
        json_schema_extra=rules(
            ("has(self.secret) != has(self.sealed)", "give a secret, or sealed values, and not both"),
            ("!has(self.fields) || has(self.secret)", "`fields` says which keys of a `secret` are meant"),
        )
    )

    description: Line | None = None
    """For people."""
    type: ValueName
    """What kind of credential it is, such as apiKey or basic: parameters say which they accept."""
    secret: ObjectName | None = None
    """The Secret that holds the values."""
    fields: (
        Annotated[
            dict[ValueName, Annotated[str, StringConstraints(max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]],
            Field(min_length=1, max_length=32),
        ]
        | None
    ) = None
    """Value → the key of the Secret that holds it, and nothing else of the Secret is mounted; absent: each key is the
    value of its name."""
    sealed: (
        Annotated[dict[ValueName, Annotated[str, StringConstraints(max_length=65_536)]], Field(max_length=32)] | None
    ) = None
    """The values, sealed for this cluster, namespace, name, field and type: name → text that is safe in Git."""
    node_types: Annotated[tuple[ObjectName, ...], Field(min_length=1, max_length=64)]
    """Which node types may use it, without their versions."""
    hosts: Annotated[tuple[Host, ...], Field(max_length=64)] = ()
    """Which hosts it may be sent to; absent: those that the node types know."""
    workflows: Annotated[tuple[ObjectName, ...], Field(max_length=200)] = ()
    """Which workflows may use it; absent: every one of the namespace."""
    behind: ObjectName | None = None
    """An ApprovalPolicy: a node gets the credential only after an approval under it, in the same Run."""

    @model_validator(mode="after")
    def _secret_or_sealed(self) -> Self:
        if (self.secret is None) == (self.sealed is None):
            raise exclusive("secret", "sealed")
        return self


class CredentialStatus(Shape):
    """What Headgate found."""

    conditions: Conditions = ()
    """Ready: whether the values are there and can be opened."""


class Credential(Resource):
    """Values that nodes may use, and what they may be used for."""

    crd = Definition(
        plural="credentials",
        short_names=("hcred",),
        columns=(
            Column("Type", ".spec.type"),
            Column("Ready", condition("Ready")),
            Column("Node types", ".spec.nodeTypes"),
            Column("Behind", ".spec.behind"),
            AGE,
        ),
    )

    kind: Literal["Credential"]
    spec: CredentialSpec
    status: CredentialStatus | None = None
