"""Finding entries, handing them on as files, summing them up, and pruning old ones."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headgate.audit.chain import START, Head, extend, parse_head
from headgate.audit.entry import Action, Entry, Fact, encode
from headgate.audit.export import as_csv, as_json, inert, read_json
from headgate.audit.report import Report, lines_of
from headgate.audit.retention import Retention, Sealed, decide_pruning
from headgate.audit.search import Search
from headgate.audit.verifying import Verifier
from headgate.cli.audit.table import as_table

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def fact(action: Action, name: str = "r-review", **more: Any) -> Fact:
    more = {"at": "2026-11-25T10:00:00Z", "namespace": "docs", "run": "r", **more}
    return Fact(action, more.pop("key", str(action)), more.pop("kind", "ApprovalRequest"), name, f"uid-{name}", **more)


ENTRIES = extend(
    START,
    [
        fact(Action.ASKED, who="headgate", detail={"policy": "release", "requester": "ana@example.com"}),
        fact(Action.VOTED, who="bea@example.com", outcome="Approve", at="2026-11-25T11:00:00Z"),
        fact(Action.DECIDED, who="headgate", outcome="Approved", at="2026-11-25T11:00:01Z"),
        fact(Action.DECISION_USED, who="headgate", outcome="Approved", at="2026-11-25T11:00:02Z"),
        fact(Action.VOTED, "=cmd|'/C calc'!A0", who="@SUM(1)", outcome="Reject", detail={"said": 'Reject: "x"\n=1'}),
    ],
    "2026-11-25T11:30:00.000Z",
)


@pytest.mark.parametrize(
    ("search", "numbers"),
    [
        (Search(), [1, 2, 3, 4, 5]),
        (Search(who=["bea@*"]), [2]),
        (Search(actions={"Voted", "Decided"}), [2, 3, 5]),
        (Search(thing="approvalrequest/r-review", actions={"Asked"}), [1]),
        (Search(thing="uid-r-review"), [1, 2, 3, 4]),
        (Search(namespace="other"), []),
        (Search(run="r", since=datetime(2026, 11, 25, 11, 0, 1, tzinfo=UTC)), [3, 4]),
        (Search(until=datetime(2026, 11, 25, 10, 30, tzinfo=UTC)), [1, 5]),
        (Search(text="RELEASE"), [1]),
    ],
)
def test_entries_are_found_by_time_person_action_and_object(search: Search, numbers: list[int]) -> None:
    assert [entry.number for entry in ENTRIES if search.matches(entry)] == numbers


def test_what_is_exported_as_json_is_verified_again() -> None:
    verifier = Verifier([Head(5, ENTRIES[-1].hash)])
    for line in read_json("".join(as_json(ENTRIES))):
        verifier.read(line)
    assert verifier.finish().flaws == ()
    assert list(read_json("".join(as_json(())))) == []


def test_no_cell_of_a_csv_is_a_formula() -> None:
    rows = list(csv.reader(io.StringIO("".join(as_csv(ENTRIES)))))
    assert len(rows) == 6
    assert {len(row) for row in rows} == {len(rows[0])}
    for row in rows:
        assert [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@|%\t\r\n")] == []
    assert "'@SUM(1)" in rows[5]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "|x", "\xa0@x"])
def test_what_a_spreadsheet_would_calculate_becomes_a_text(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


def test_a_table_tells_an_entry_a_line() -> None:
    lines = as_table(ENTRIES).splitlines()
    assert len(lines) == 6
    assert lines[2].split()[:5] == ["2026-11-25", "11:00:00", "docs", "bea@example.com", "Voted"]


def report(entries: tuple[Entry, ...]) -> Report:
    found = Report()
    for entry in entries:
        found.read(entry, counts=True)
    return found


def test_a_report_sums_up_what_was_decided_and_finds_nothing_wrong() -> None:
    text = "\n".join(lines_of(report(ENTRIES)))
    assert "decisions: 1 (1 Approved)" in text
    assert "does not fit together: nothing" in text


def test_a_report_says_what_does_not_fit_together() -> None:
    asked = fact(Action.ASKED, detail={"policy": "release", "requester": "ana@example.com"})
    own = fact(Action.VOTED, who="ana@example.com", outcome="Approve")
    decided, used = fact(Action.DECIDED, outcome="Approved"), fact(Action.DECISION_USED, outcome="Approved")
    doubts = [
        report(extend(START, facts, "2026-11-25T11:30:00.000Z")).doubts
        for facts in ([asked, decided], [asked, own, decided], [asked, used])
    ]
    assert doubts == [
        ["r-review: Approved, and nobody voted"],
        ["r-review: ana@example.com asked for it, and voted on it"],
        ["r-review: Approved was used, and was not decided before"],
    ]


def sealed(number: int, days: int, size: int = 1000) -> Sealed:
    seen = (NOW - timedelta(days=days)).isoformat()
    return Sealed(f"headgate-audit-{number:08d}", number, size, number * 10, Head(number * 10 + 9, "sha256:"), seen)


@pytest.mark.parametrize(
    ("retention", "gone"),
    [
        (Retention(None), []),
        (Retention(100 * 86_400.0), [1, 2]),
        (Retention(1.0), [1, 2, 3]),
        (Retention(None, most=2400), [1, 2]),
        (Retention(300 * 86_400.0, most=3500), [1]),
    ],
)
def test_the_oldest_segments_are_pruned_by_age_and_size_and_never_the_one_that_is_written(
    retention: Retention, gone: list[int]
) -> None:
    segments = [sealed(1, 365), sealed(2, 200), sealed(3, 10)]
    assert [one.number for one in decide_pruning(segments, 500, retention, NOW)] == gone


@pytest.mark.parametrize("text", ["", "5", "5:sha256:", f"-1:sha256:{'0' * 64}", f"5:sha256:{'g' * 64}"])
def test_what_is_no_head_is_refused(text: str) -> None:
    assert parse_head(text) is None


def test_a_head_is_read_as_it_is_written() -> None:
    head = Head(5, ENTRIES[-1].hash)
    assert parse_head(f" {head}\n") == head
    assert all(encode(entry).isprintable() for entry in ENTRIES)
