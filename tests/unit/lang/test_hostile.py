"""Hostile expressions: whatever somebody writes, the process lives, and says what is wrong.

They are compiled and evaluated in a process of their own with little memory, so that a fault of the engine is told
from a fault of the test.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang import cel
from headgate_lang.flaw import Flaw
from headgate_lang.resolve import evaluate
from headgate_lang.scope import Scope
from headgate_lang.values import ExpressionError
from support.trying import times

OPERATOR = Path(__file__).parents[3] / "operator"

HOSTILE = {
    "deep brackets": "(" * 2000 + "1" + ")" * 2000,
    "deep lists": "[" * 2000 + "]" * 2000,
    "deep maps": "{1:" * 1000 + "1" + "}" * 1000,
    "deep conditions": "true ? 1 : " * 300 + "1",
    "many minuses": "-" * 4000 + "1",
    "many nots": "!" * 4000 + "true",
    "a long sum": "1" + "+1" * 2000,
    "a long path": "a.b + a" + ".b" * 2000,
    "a long conjunction": "true" + "&&true" * 600,
    "a giant literal": "'" + "x" * 1_000_000 + "'",
    "ten thousand macros": "[1]" + ".map(x, x)" * 10_000,
    "macros inside one another": "[1].map(x, " * 300 + "1" + ")" * 300,
    "a chain that doubles": "a" + ".optMap(x, x)" * 30,
    "a doubling inside": "a" + ".optMap(x, x" * 30 + ")" * 30,
    "a regular expression that backtracks": "'" + "a" * 100 + "'.matches('(a*)*b')",
    "a regular expression that is huge": "'a'.matches('(((a{1,1000}){1,1000}){1,1000})')",
    "a slow regular expression": "big.text.matches('((a?){900})a{900}')",
    "a huge range": "big.list.exists(x, x < 0)",
    "a product of ranges": "big.list.all(x, big.list.all(y, true))",
    "a replacement that explodes": "big.text.replace('', big.text)",
    "a join that explodes": "big.text.split('').join(big.text)",
    "a result that explodes": "big.list.filter(x, x < 2000).map(x, big.text)",
    "a format of too many digits": "'%.2147483647f'.format([1.0])",
    "an optional in a map": "{'a': 1, 'b': optional.none()}",
    "an optional in an optional": "[optional.of(optional.of(1))]",
    "a key that is a list": "{[1]: 1}",
    "the smallest integer divided": "-9223372036854775808 / -1",
    "a shift too far": "math.bitShiftLeft(1, 9223372036854775807)",
    "a time zone that is a path": "timestamp('2026-01-01T00:00:00Z').getHours('../../etc/passwd')",
    "a time beyond all": "timestamp('9999-12-31T23:59:59Z') + duration('87000000h')",
    "half a surrogate": "'\\ud800'",
    "zero bytes": "'\\x00\0'.size()",
    "a message": "google.protobuf.Any{}",
    "nothing but quotes": "'''\"\"\"'",
}

IN_A_PROCESS_OF_ITS_OWN = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
from headgate_lang.resolve import resolve
from headgate_lang.scope import Scope
scope = Scope({"a": {}, "big": {"text": "a" * 65_536, "list": list(range(20_000))}})
for name, source in json.load(sys.stdin).items():
    found = resolve("${" + source + "}", scope)
    print(json.dumps([name, [str(fault) for fault in found.faults] or "a value"]), flush=True)
"""


def test_whatever_is_written_the_process_lives_and_says_what_is_wrong() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS_OF_ITS_OWN],
        input=json.dumps(HOSTILE),
        env={"PYTHONPATH": str(OPERATOR)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = dict(json.loads(line) for line in ran.stdout.splitlines())
    assert ran.returncode == 0, f"after {list(told)[-1:]}: {ran.stderr}"
    assert told.keys() == HOSTILE.keys()
    harmless = {name for name, said in told.items() if said == "a value"}
    assert harmless == {
        "many minuses",
        "many nots",
        "a long conjunction",
        "a regular expression that backtracks",
        "a slow regular expression",
        "a shift too far",
        "zero bytes",
    }


@pytest.mark.parametrize("name", [name for name, source in HOSTILE.items() if "big." not in source])
def test_whoever_only_asks_what_it_reads_gets_an_answer_or_flaws(name: str) -> None:
    assert all(flaw.remedy for flaw in flaws_of(HOSTILE[name]))


def flaws_of(source: str) -> tuple[Flaw, ...]:
    try:
        cel.references(source)
    except cel.InvalidExpressionError as invalid:
        return invalid.flaws
    return ()


pieces = st.sampled_from(
    "a b a.x a.?x b.l b[?0] 1 2.5 's' true [] {} optional.none() optional.of(1) 1u b'q' int "
    "+ - * / % == < in && || ? : ( ) [ ] { } , . .? "
    ".map(x, .filter(x, .orValue( .optMap(x, size( string( has( type( x".split(" ")
)


@given(st.lists(pieces, max_size=12).map(" ".join))
@times(4)
def test_no_heap_of_pieces_raises_anything_but_its_own_error(source: str) -> None:
    scope = Scope({"a": {"x": 1}, "b": {"l": [1, None, "é"]}})
    with suppress(ExpressionError):
        evaluate(source, scope)
