"""`Retry-After` in all its spellings."""

from datetime import UTC, datetime

import pytest

from headgate_lang.waiting import read_retry_after

NOW = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "Sat, 21 Nov 2026 05:31:30 GMT"}, 90.0),
        ({"retry-after": "Sat, 21 Nov 2026 05:31:30 -0000"}, 90.0),
        ({"retry-after": "Sat, 21 Nov 2026 05:29:00 GMT"}, 0.0),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_400.0),
        ({"retry-after": "99999999999"}, 86_400.0),
        ({"retry-after": "9" * 4000}, None),
        ({"retry-after": "Sat, 21 Nov 20260000000 05:31:30 GMT"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 05:31:30 +99999999999999"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "٣"}, None),
        ({"retry-after": "5", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "5", "retry-after-ms": "x"}, 5.0),
    ],
)
def test_it_is_read_as_seconds_and_never_as_more_than_a_day(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers, NOW) == seconds
