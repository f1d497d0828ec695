"""The operator's settings: every variable documented, all that is wrong told at once, and the chart writes them all."""

import re
import ssl
from pathlib import Path

import pytest

from headgate.settings import VARIABLES, SettingsError, read_settings
from support.certificates import issue

CHART = Path(__file__).resolve().parents[3] / "charts/headgate/templates"
IMAGE = {"HEADGATE_RUNTIME_IMAGE": "headgate/core@sha256:1"}


def test_one_variable_is_enough() -> None:
    settings = read_settings(IMAGE)
    assert settings.runs.platform.runtime_image == IMAGE["HEADGATE_RUNTIME_IMAGE"]
    assert (settings.runs.run_timeout, settings.runs.ttl, settings.watched, settings.webhook) == (
        300.0,
        None,
        None,
        None,
    )
    assert settings.identity


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as told:
        read_settings({"HEADGATE_TTL": "soon", "HEADGATE_LEADER_ELECTION": "yes", "HEADGATE_STATUS_PORT": "-1"})
    lines = str(told.value).splitlines()
    assert [line.split()[0] for line in lines] == [
        "HEADGATE_RUNTIME_IMAGE",
        "HEADGATE_TTL",
        "HEADGATE_LEADER_ELECTION",
        "HEADGATE_STATUS_PORT",
    ]


def test_a_webhook_needs_a_port() -> None:
    webhook = read_settings({**IMAGE, "HEADGATE_WEBHOOK_PORT": "9443"}).webhook
    assert webhook is not None
    assert webhook.port == 9443
    with pytest.raises(SettingsError, match="is no port"):
        read_settings({**IMAGE, "HEADGATE_WEBHOOK_PORT": "99999"})


def test_the_chart_writes_no_variable_that_nobody_reads() -> None:
    written = {
        name
        for path in CHART.glob("*.yaml")
        for name in re.findall(r"HEADGATE_([A-Z_]+)", path.read_text(encoding="utf-8"))
    }
    assert written - VARIABLES.keys() - {""} == set()


def test_authorities_may_be_named_in_comments_in_any_language(tmp_path: Path) -> None:
    authority, _ = issue(["one.example"], tmp_path)
    settings = read_settings({**IMAGE, "HEADGATE_NOTIFY_AUTHORITIES": f"# Behörde für Büros\n{authority.read_text()}"})
    ssl.create_default_context().load_verify_locations(cadata=settings.notify.authorities)
    with pytest.raises(SettingsError, match="is no certificate in PEM"):
        read_settings({**IMAGE, "HEADGATE_NOTIFY_AUTHORITIES": "Behörde"})
