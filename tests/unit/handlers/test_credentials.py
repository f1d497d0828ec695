"""The status of a Credential: whether its values can be had, told by its Secret's metadata alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.api.credential import CredentialSpec
from headgate.api.model import ModelSpec
from headgate.handlers.credentials import build_model_status, build_status
from headgate.handlers.looking import keys_of, secret_of
from headgate.lifecycle.observed import SecretSeen

NOW = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
THING = {"metadata": {"name": "blog", "namespace": "docs", "generation": 2}}


def ready(seen: SecretSeen | None, **spec: Any) -> tuple[str, str, str]:
    given = {"type": "bearer", "secret": "blog-token", "nodeTypes": ["http"], **spec}
    (condition,) = build_status(THING, CredentialSpec.model_validate(given), seen, NOW)["conditions"]
    assert (condition["type"], condition["observedGeneration"]) == ("Ready", 2)
    return condition["status"], condition["reason"], condition["message"]


def test_it_is_ready_when_its_secret_has_what_its_type_needs_or_nobody_can_say() -> None:
    for keys in (frozenset({"token", "more"}), None):
        assert ready(SecretSeen(True, keys)) == ("True", "SecretFound", "its Secret is there")


@pytest.mark.parametrize(
    ("seen", "spec", "reason", "says"),
    [
        (
            SecretSeen(False),
            {},
            "SecretMissing",
            "kubectl create secret generic blog-token -n docs --from-literal=token",
        ),
        (SecretSeen(True, frozenset({"a"})), {}, "KeyMissing", "has no key `token`: kubectl patch secret blog-token"),
        (SecretSeen(True, frozenset({"token"})), {"fields": {"token": "t"}}, "KeyMissing", "has no key `t`"),
        (None, {"secret": None, "sealed": {"token": "x"}}, "SealedValues", "put them into a Secret"),
    ],
)
def test_what_is_missing_is_told_with_the_command_that_helps(seen: Any, spec: Any, reason: str, says: str) -> None:
    status, found, message = ready(seen, **spec)
    assert (status, found) == ("False", reason)
    assert says in message


def test_of_a_type_of_somebodys_own_no_key_is_asked() -> None:
    assert ready(SecretSeen(True, frozenset({"a"})), type="database")[0] == "True"


KEY = {"key": {"secret": "vendor", "key": "token"}}


@pytest.mark.parametrize(
    ("external", "seen", "told"),
    [
        ({}, None, ("True", "NoKey", "it asks for no key")),
        (KEY, SecretSeen(True, frozenset({"token"})), ("True", "SecretFound", "its key is there")),
        (KEY, SecretSeen(False), ("False", "SecretMissing", "kubectl create secret generic vendor -n docs")),
        (KEY, SecretSeen(True, frozenset({"a"})), ("False", "KeyMissing", "has no key `token`: kubectl patch secret")),
        (None, None, ("False", "NotServed", "name its address with `engine: external`")),
    ],
)
def test_a_model_is_ready_when_nodes_can_be_sent_there(
    external: Any, seen: SecretSeen | None, told: tuple[str, str, str]
) -> None:
    served = {"vllm": {}} if external is None else {"external": {"url": "https://models.example/v1", **external}}
    spec = ModelSpec.model_validate({"engine": next(iter(served)), "model": "m", **served})
    status = build_model_status(THING, spec, seen, NOW)
    (condition,) = status["conditions"]
    assert (condition["type"], condition["status"], condition["reason"]) == ("Ready", *told[:2])
    assert told[2] in condition["message"]
    assert ("endpoint" in status) == (told[0] == "True")


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        ([{"fieldsV1": {"f:data": {".": {}, "f:token": {}}, "f:type": {}}}], {"token"}),
        ([{"fieldsV1": {"f:stringData": {"f:key": {}}}}, {"fieldsV1": {"f:data": {"f:more": {}}}}], {"key", "more"}),
        ([{"fieldsV1": {"f:metadata": {}}}], None),
        ([], None),
    ],
)
def test_the_keys_of_a_secret_are_read_off_who_set_them(entries: Any, keys: Any) -> None:
    """As kubectl create, apply with and without --server-side, and patch left them on a real API server."""
    assert keys_of({"managedFields": entries}) == keys


def test_a_credential_names_its_secret_and_a_model_that_of_its_key() -> None:
    assert secret_of({"spec": {"secret": "a"}}) == "a"
    assert secret_of({"spec": {"external": {"url": "u", "key": {"secret": "b", "key": "k"}}}}) == "b"
    assert secret_of({"spec": {"external": {"url": "u"}}}) is None
