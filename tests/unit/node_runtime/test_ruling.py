"""A policy's rule, evaluated beside what a gate shows: what it may read; whatever it does, the gate goes on."""

from typing import Any

import pytest

from headgate_lang import documents
from headgate_lang.fate import Outcome
from headgate_lang.report import End, Phase
from headgate_lang.ruling import Ruling, detach, identify
from headgate_lang.task import Prepare
from support.bundles import RUN, Pods, from_end, member, task_of

DRAFT = {"text": "hello", "small": True}
SHOWN = {"policy": "release", "message": "Pay?", "edit": {"amount": "${inputs.amount}"}}


def ruled(pods: Pods, rule: str, with_: Any = None, **inputs: Any) -> tuple[dict[str, Any], Ruling]:
    asker = member(
        "ask",
        "approval",
        prepare=Prepare.PARAMETERS,
        rule=rule,
        with_=SHOWN if with_ is None else with_,
        needs={"draft": Outcome.SUCCEEDED},
    )
    sources = {"draft": from_end(End(Outcome.SUCCEEDED), "/in/draft")}
    todo = task_of(asker, inputs={"amount": 50, **inputs}, vars={"limit": 100}, sources=sources)
    ran = pods.run(todo, {"/in/draft": DRAFT})
    assert ran.entry("ask/prepare").phase is Phase.SUCCEEDED
    shown, found = detach(ran.output("ask"))
    assert found is not None
    return shown, found


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("${values.amount < 100}", True),
        ("${values.amount > 100}", False),
        ("${inputs.fast}", True),
        ("${run.requester == 'ana' && size(inputs) == 2}", True),
    ],
)
def test_a_rule_reads_what_may_be_corrected_the_inputs_and_the_run(pods: Pods, rule: str, holds: bool) -> None:
    shown, found = ruled(pods, rule, fast=True)
    assert shown["edit"] == {"amount": 50}
    assert found == Ruling(identify(rule), RUN.uid, documents.digest({"amount": 50}), holds)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("${draft.small}", "small"),
        ("${draft.small == true}", "small"),
        ("${values.amount < vars.limit}", "limit"),
        ("${values.amount}", "must be true or false"),
        ("${values.?none}", "it is absent"),
        ("yes", "it is a string"),
        ("${values.amount <}", ""),
        (f"${{[{','.join(['1'] * 200)}].map(x, inputs.big.matches('(x+x+)+y')).size() > 0}}", "100 ms"),
    ],
    ids=["another node", "another node, computed", "vars", "a number", "absent", "text", "no CEL", "too long"],
)
def test_whatever_is_not_a_clear_yes_or_no_says_why_and_the_gate_goes_on(pods: Pods, rule: str, why: str) -> None:
    shown, found = ruled(pods, rule, big="x" * 500_000)
    assert shown["message"] == "Pay?"
    assert found.holds is None
    assert why in found.message
    assert found.message


def test_a_gate_without_values_to_correct_shows_a_rule_none(pods: Pods) -> None:
    _, found = ruled(pods, "${size(values) == 0}", {"policy": "release", "message": "Go?"})
    assert (found.holds, found.values) == (True, documents.digest({}))
