"""Whom nodes may send requests to: how an installation says it, and how what is wrong is told before a pod reads it."""

import json
from typing import Any

import pytest

from headgate.lifecycle.http_rules import HttpRules, read_http_rules
from headgate_lang.task import Http


def read(**document: Any) -> HttpRules:
    return read_http_rules(json.dumps(document))


def test_nothing_said_is_no_rule() -> None:
    assert read_http_rules("") == read() == HttpRules()
    assert read().of("docs") == Http()


def test_what_is_denied_everywhere_stays_denied_and_any_other_field_takes_the_place() -> None:
    rules = read(
        default={"denyHosts": ["*.evil.example"], "onlyHosts": ["a.example"], "timeouts": {"total": "1m"}},
        namespaces={"docs": {"denyHosts": ["b.example"], "onlyHosts": ["c.example"], "maxRedirects": 0}},
    )
    everywhere = Http(deny_hosts=("*.evil.example",), only_hosts=("a.example",), timeouts={"total": 60.0})
    assert rules.of("other") == everywhere
    assert rules.of("docs") == Http(
        deny_hosts=("*.evil.example", "b.example"),
        only_hosts=("c.example",),
        timeouts={"total": 60.0},
        max_redirects=0,
    )


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"defaults": {}}, "it has defaults, and takes default, namespaces"),
        ({"default": {"openAdresses": []}}, "default has openAdresses, and takes clusterAddresses"),
        ({"default": {"openAddresses": "10.0.0.0/8"}}, "default.openAddresses is no list of texts"),
        ({"namespaces": {"docs": {"openAddresses": ["10.0.0.1/8"]}}}, "namespaces.docs.openAddresses: 10.0.0.1/8 has"),
        ({"default": {"onlyHosts": ["https://a.example"]}}, "default.onlyHosts: `https://a.example` is no host"),
        ({"default": {"timeouts": {"total": 30}}}, "default.timeouts.total is no duration"),
        ({"default": {"timeouts": {"total": "0s"}}}, "default.timeouts.total must be more than nothing"),
        ({"default": {"maxRedirects": True}}, "default.maxRedirects is no number from 0 to 20"),
    ],
)
def test_what_a_pod_could_not_read_is_told_at_the_start(document: Any, says: str) -> None:
    with pytest.raises(ValueError, match="is wrong") as told:
        read(**document)
    assert says in str(told.value)
