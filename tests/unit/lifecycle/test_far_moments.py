"""Times as long as a duration can be written, and moments that no clock shows: a Run goes on all the same."""

import pytest

from headgate_lang import report
from headgate_lang.report import Entry, Phase, Report
from support.pods import Scripts
from support.short_runs import SAFE, begin, leg

LONGEST = "999999999d"


@pytest.mark.parametrize(
    "text",
    [
        f"nodes: [{{name: a, use: safe}}]\nexecution: {{timeout: {LONGEST}}}",
        f"nodes: [{{name: a, use: safe, pod: {{pendingTimeout: {LONGEST}}}}}]",
    ],
)
def test_a_run_may_work_and_wait_for_its_place_as_long_as_can_be_written(text: str) -> None:
    here = begin(text, ttl=LONGEST)
    here.start_pod(leg(here), 0)
    leg(here).pods[0].phase = "Pending"
    here.settle_all()
    leg(here).pods[0].phase = "Running"
    here.settle_all()
    here.end_pod(leg(here), 0)
    assert here.finish("r")["phase"] == "Succeeded"
    here.settle_all()
    assert list(here.runs) == ["r"]


@pytest.mark.parametrize(
    "moment", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]
)
def test_a_pod_that_says_it_started_at_the_end_of_time_or_before_it_ends_its_node_all_the_same(moment: str) -> None:
    here = begin(SAFE)
    here.end_pod(leg(here), 0)
    entry = Entry(Phase.SUCCEEDED, attempts=1, started_at=moment, seconds=1e8)
    leg(here).pods[0].outputs["report"] = report.encode(Report(report.VERSION, {"a": entry}))
    assert here.finish("r")["phase"] == "Succeeded"


@pytest.mark.parametrize("param", ["until", "for"])
def test_of_a_text_that_is_no_time_the_error_says_the_beginning(param: str) -> None:
    text = f"""
nodes:
- {{name: a, use: heavy}}
- {{name: w, use: wait, with: {{{param}: "${{a.value}}"}}}}
- {{name: b, use: heavy, with: {{value: "${{w.error.message}}"}}}}
"""
    here = begin(text, scripts=Scripts(output=lambda _: {"value": "z" * 50_000}))
    here.run_legs()
    here.settle_all()
    end = leg(here).task(0).sources["w"].end
    assert end is not None
    assert end.error is not None
    assert len(end.error.message) < 300
