"""A person's kubeconfig gets our context, and keeps all others as they are."""

import json
from dataclasses import replace
from pathlib import Path

from cluster.kubeconfig import build_kubeconfig, decide_merge, holds_context, is_merged
from cluster.settings import Settings, settings_from

OURS = "https://10.213.0.2:6443"


def named(server: str) -> dict[str, object]:
    return {"clusters": [{"name": "headgate", "cluster": {"server": server}}]}


def test_an_empty_or_a_strangers_file_may_be_added_to() -> None:
    assert decide_merge({}, OURS) == ""
    assert decide_merge({"clusters": None}, OURS) == ""
    assert decide_merge({"clusters": [{"name": "prod", "cluster": {"server": "https://prod"}}]}, OURS) == ""


def test_our_own_entry_may_be_written_again() -> None:
    assert decide_merge(named(OURS), OURS) == ""


def test_another_cluster_of_our_name_is_left_alone() -> None:
    assert (
        decide_merge(named("https://elsewhere"), OURS)
        == "a context named headgate for https://elsewhere is already there"
    )


def test_a_kubeconfig_has_everything_inside() -> None:
    document = json.loads(build_kubeconfig(OURS, b"ca", b"certificate", b"key"))
    assert document["current-context"] == "headgate"
    assert document["clusters"][0]["cluster"]["certificate-authority-data"] == "Y2E="
    assert document["users"][0]["user"]["client-key-data"] == "a2V5"


def test_a_file_with_older_certificates_is_not_up_to_date(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.admin_kubeconfig.write_text(build_kubeconfig(settings.api_server, b"ca", b"new", b"key"))
    settings.kubeconfig.write_text(build_kubeconfig(settings.api_server, b"ca", b"old", b"key"))
    assert not is_merged(settings)
    assert holds_context(settings)
    settings.kubeconfig.write_text(settings.admin_kubeconfig.read_text())
    assert is_merged(settings)


def test_no_file_holds_nothing(tmp_path: Path) -> None:
    assert not is_merged(_settings(tmp_path))
    assert not holds_context(_settings(tmp_path))


def _settings(folder: Path) -> Settings:
    return replace(settings_from({}), state=folder, kubeconfig=folder / "config")
