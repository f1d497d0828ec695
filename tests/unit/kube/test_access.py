"""Where the API server is: from kubeconfigs as people have them, with words that help where they do not do."""

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from headgate.kube.access import Access, NoAccessError, read_access
from support.certificates import issue


def config(folder: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None, name: str = "one") -> Path:
    path = folder / f"{name}.yaml"
    document = {
        "clusters": [{"name": name, "cluster": cluster or {"server": f"http://{name}.example"}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "docs"}}],
        "current-context": name,
    }
    path.write_text(json.dumps(document))
    return path


def read(*paths: Path, context: str | None = None, **environment: str) -> Access:
    return read_access({"KUBECONFIG": ":".join(map(str, paths)), "PATH": os.environ["PATH"], **environment}, context)


def test_a_context_says_server_namespace_and_token(tmp_path: Path) -> None:
    access = read(config(tmp_path, {"token": "t"}))
    assert (access.server, access.namespace, access.token(), access.tls) == ("http://one.example", "docs", "t", None)


def test_several_files_are_one_and_the_context_may_be_named(tmp_path: Path) -> None:
    paths = config(tmp_path, {"token": "1"}), config(tmp_path, {"token": "2"}, name="two")
    assert read(*paths).token() == "1"
    assert read(*paths, context="two").token() == "2"
    assert read(*paths, HEADGATE_CONTEXT="two").token() == "2"


def test_a_token_in_a_file_is_found_beside_the_kubeconfig(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from a file\n")
    assert read(config(tmp_path, {"tokenFile": "token"})).token() == "from a file"


def test_a_token_that_is_empty_or_gone_for_a_moment_is_read_again_and_the_last_one_used_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("headgate.kube.access._REREAD_SECONDS", 0.0)
    token = tmp_path / "token"
    token.write_text("first")
    access = read(config(tmp_path, {"tokenFile": "token"}))
    assert access.token() == "first"
    token.write_text("")
    assert access.token() == "first"
    token.unlink()
    assert access.token() == "first"
    token.write_text("second")
    assert access.token() == "second"


def test_a_token_that_was_empty_at_first_is_read_with_the_next_request(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("")
    access = read(config(tmp_path, {"tokenFile": "token"}))
    assert access.token() == ""
    token.write_text("first")
    assert access.token() == "first"


def test_a_token_that_is_refused_is_read_again_at_once(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("first")
    access = read(config(tmp_path, {"tokenFile": "token"}))
    assert access.token() == "first"
    began = time.monotonic()
    assert not access.renew(began)
    token.write_text("second")
    assert access.token() == "first", "it is read now and then"
    assert access.renew(began)
    assert access.token() == "second"
    assert access.renew(began), "another request was refused beside it"
    assert not access.renew(time.monotonic())
    assert not read(config(tmp_path, {"token": "t"})).renew(began)


def test_a_kubeconfig_may_name_somebody_in_whose_name_to_ask(tmp_path: Path) -> None:
    named = {"as": "bea", "as-uid": "7c1e", "as-groups": ["a", "b"], "as-user-extra": {"x/y": ["1"]}}
    persona = read(config(tmp_path, {"token": "t", **named})).acts_as
    assert persona is not None
    assert [*persona.headers()] == [
        ("Impersonate-User", "bea"),
        ("Impersonate-Uid", "7c1e"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-x%2Fy", "1"),
    ]
    assert read(config(tmp_path, {"token": "t"})).acts_as is None


def test_certificates_are_read_from_files_and_from_data(tmp_path: Path) -> None:
    authority, _ = issue(["one.example"], tmp_path)
    own = {"client-certificate": "server.pem", "client-key": "server.pem"}
    data = base64.b64encode(authority.read_bytes()).decode()
    for trusted in ({"certificate-authority": authority.name}, {"certificate-authority-data": data}):
        access = read(config(tmp_path, own, {"server": "https://one.example", **trusted}))
        assert access.tls is not None
        assert len(access.tls.get_ca_certs()) == 1


def test_a_program_may_say_who_we_are(tmp_path: Path) -> None:
    said = json.dumps({"kind": "ExecCredential", "status": {"token": "from a program"}})
    plugin = {"command": "echo", "args": [said]}
    assert read(config(tmp_path, {"exec": plugin})).token() == "from a program"
    with pytest.raises(NoAccessError, match=r"no-such-program, which the kubeconfig names, gave no credential"):
        read(config(tmp_path, {"exec": {"command": "no-such-program"}}))


@pytest.mark.parametrize(
    ("context", "told"),
    [("three", r"the kubeconfig has no context 'three': it has one"), (None, "there is no current context")],
)
def test_what_is_missing_is_told(tmp_path: Path, context: str | None, told: str) -> None:
    path = config(tmp_path, {})
    if context is None:
        path.write_text("{}")
    with pytest.raises(NoAccessError, match=told):
        read(path, context=context)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("{")
    with pytest.raises(NoAccessError, match=r"broken\.yaml cannot be read"):
        read(path)


@pytest.mark.parametrize(
    "text", ["hello", "[1, 2]", "clusters: 7", "users: [ana]", "contexts: [{name: x, context: y}]"]
)
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.yaml"
    path.write_text(text)
    with pytest.raises(NoAccessError, match=r"notes\.yaml is no kubeconfig"):
        read(path)


def test_a_kubeconfig_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoAccessError, match=r"there is no kubeconfig: .*nowhere\.yaml is not there"):
        read(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("user", "cluster", "told"),
    [
        ({}, {"server": "notaurl"}, "has the server 'notaurl', which is no address"),
        ({}, {}, "has the server '', which is no address"),
        ({}, {"server": "https://x", "certificate-authority": "gone.pem"}, r"cannot be read: .*gone\.pem"),
        ({}, {"server": "https://x", "certificate-authority-data": "@@@"}, "cannot be read"),
        ({"client-certificate-data": "QQ==", "client-key-data": "QQ=="}, {"server": "https://x"}, "cannot be read"),
    ],
)
def test_what_a_kubeconfig_says_and_cannot_be_is_told(tmp_path: Path, user: Any, cluster: Any, told: str) -> None:
    path = config(tmp_path, user)
    document = json.loads(path.read_text())
    document["clusters"][0]["cluster"] = cluster
    path.write_text(json.dumps(document))
    with pytest.raises(NoAccessError, match=told):
        read(path)
