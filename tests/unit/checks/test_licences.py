"""The check of licences: what is read in a package's metadata, and what is allowed."""

import pytest

from checks.licences import is_allowed, read_licence


@pytest.mark.parametrize(
    "expression",
    ["MIT", "Apache-2.0", "MPL-2.0", "Apache-2.0 OR BSD-3-Clause", "Apache-2.0 AND MIT", "GPL-3.0-only OR MIT"],
)
def test_a_user_need_not_ask_about(expression: str) -> None:
    assert is_allowed(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-only",
        "LGPL-3.0-or-later",
        "AGPL-3.0-only",
        "EPL-2.0",
        "MIT AND GPL-3.0-only",
        "EPL-2.0 OR GPL-2.0-or-later",
        "GPL-3.0-only WITH GCC-exception-3.1",
        "(MIT AND GPL-3.0-only) OR AGPL-3.0-only",
        "Proprietary",
        "",
    ],
)
def test_somebody_must_say_why(expression: str) -> None:
    assert not is_allowed(expression)


@pytest.mark.parametrize(
    ("package", "licence"),
    [
        ({"license_expression": "MIT OR Apache-2.0"}, "MIT OR Apache-2.0"),
        (
            {"license_expression": "GPL-3.0-only", "classifier": ["License :: OSI Approved :: MIT License"]},
            "GPL-3.0-only",
        ),
        ({"license": "Apache 2.0"}, "Apache-2.0"),
        ({"license": "ISC", "classifier": ["License :: OSI Approved :: BSD License"]}, "ISC"),
        ({"classifier": ["License :: OSI Approved", "License :: OSI Approved :: MIT License"]}, "MIT"),
        ({"license": "Copyright (c)\nAll of it", "classifier": ["License :: OSI Approved :: MIT License"]}, "MIT"),
        ({"license": "GPLv3"}, "GPLv3"),
        ({"license": "Copyright (c) somebody\nAll of it"}, "Copyright (c) somebody"),
        ({"classifier": ["Framework :: Pytest"]}, ""),
    ],
)
def test_the_licence_is_read_where_the_package_gives_it(package: dict[str, str | list[str]], licence: str) -> None:
    assert read_licence(package) == licence


def test_two_classifiers_hold_together() -> None:
    package = {"classifier": ["License :: OSI Approved :: MIT License", "License :: OSI Approved :: GPLv3"]}
    assert not is_allowed(read_licence(package))
