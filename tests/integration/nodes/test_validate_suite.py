"""`validate` against the official suite of JSON Schema: all required tests of the drafts that it takes."""

from typing import Any

import pytest

from headgate_core.confined.engines import FaultError
from headgate_core.confined.schemas import check
from support.json_schema_suite import read_remotes, read_tests

META = {"draft2020-12": None, "draft7": "http://json-schema.org/draft-07/schema#"}
CASES = {"draft2020-12": 1200, "draft7": 800}
"""At least so many are there: fewer would mean that the suite was not found."""


def verdict(draft: str, schema: Any, value: Any) -> bool | None:
    """None: refused, because it names a metaschema of its own."""
    if isinstance(schema, dict) and META[draft]:
        schema = {"$schema": META[draft], **schema}
    job = {"schema": schema, "value": value, "formats": False, "schemas": read_remotes(draft)}
    try:
        return not check(job)
    except FaultError as fault:
        assert "there is no draft 'http://localhost:1234/" in fault.message  # noqa: PT017 - the only refusal there is
        return None


@pytest.mark.parametrize("draft", META)
def test_every_verdict_is_that_of_the_official_suite(draft: str) -> None:
    wrong, refused, count = [], set(), 0
    for name, groups in read_tests(draft).items():
        for group in groups:
            for case in group["tests"]:
                count += 1
                found = verdict(draft, group["schema"], case["data"])
                if found is None:
                    refused.add(name)
                elif found != case["valid"]:
                    wrong.append((name, group["description"], case["description"]))
    assert not wrong
    assert refused <= {"vocabulary"}
    assert count >= CASES[draft]
