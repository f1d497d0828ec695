"""A log that somebody has changed is never taken for the one that was written: each kind is tried fifty times.

The head is kept elsewhere, as auditors are told to: without it, a log that was cut at its end is a shorter log.
"""

import json
import random
from collections.abc import Callable

import pytest

from headgate.audit.chain import START, Head, extend, head_of
from headgate.audit.entry import Action, Entry, Fact, decode, encode, fields_of, hash_of
from headgate.audit.retention import Sealed, build_pruned
from headgate.audit.segments import build_batch, build_segment, in_order, key_of, lines_of
from headgate.audit.verifying import Fault, Verified, Verifier
from support.figures import record

SEEN = "2026-11-25T12:00:00.000Z"
PEOPLE = ("ana@example.com", "bea@example.com", "=HYPERLINK()", "Ünïcode")
Log = list[list[str]]
"""Segments, each with its lines."""
Tamper = Callable[[Log, random.Random], None]


def fact(number: int) -> Fact:
    detail: dict[str, str | int | bool | list[str]] = {
        "digest": f"sha256:{number:064x}",
        "groups": ["release-managers"],
    }
    who = PEOPLE[number % len(PEOPLE)]
    return Fact(Action.VOTED, f"vote/{number}", "ApprovalRequest", f"apr-{number // 4}", f"uid-{number}", "docs",
                who=who, run=f"run-{number // 9}", outcome="Approve", detail=detail)  # fmt: skip


def write(count: int = 16, each: int = 4) -> Log:
    entries = extend(START, map(fact, range(count)), SEEN)
    return [[encode(one) for one in entries[place : place + each]] for place in range(0, count, each)]


WRITTEN = write()
HEAD = head_of(decode(WRITTEN[-1][-1]))


def verify(log: Log, *heads: Head) -> Verified:
    """As it is read from the cluster: through segments, their keys and names."""
    objects = [
        build_segment("headgate", number, {f"{number:012d}": "".join(f"{line}\n" for line in lines)})
        for number, lines in enumerate(log, 1)
    ]
    verifier = Verifier(heads)
    for segment in in_order(objects):
        for line in lines_of(segment):
            verifier.read(line.text, line.segment)
    return verifier.finish()


def places(log: Log) -> list[tuple[int, int]]:
    return [(segment, line) for segment, lines in enumerate(log) for line in range(len(lines))]


def rehash(said: dict[str, object]) -> str:
    said.pop("hash", None)
    return encode(Entry(**{**said, "hash": hash_of(said)}))  # type: ignore[arg-type]  # as a forger would


def change_a_field(said: dict[str, object], chance: random.Random) -> None:
    name = chance.choice([name for name in said if name not in ("number", "hash", "previous")])
    said[name] = {"digest": "sha256:forged"} if name == "detail" else f"{said[name]}x"


def edit(log: Log, chance: random.Random) -> None:
    """A field, and the hash stays."""
    segment, line = chance.choice(places(log))
    said = json.loads(log[segment][line])
    change_a_field(said, chance)
    log[segment][line] = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def edit_a_letter(log: Log, chance: random.Random) -> None:
    """Any character of any line, structure or not."""
    segment, line = chance.choice(places(log))
    text = log[segment][line]
    place = chance.randrange(len(text))
    log[segment][line] = (
        text[:place] + chr((ord(text[place]) + chance.randrange(1, 20)) % 127 or 33) + text[place + 1 :]
    )


def edit_and_hash(log: Log, chance: random.Random) -> None:
    """A field, with a hash that fits."""
    segment, line = chance.choice(places(log))
    said = json.loads(log[segment][line])
    change_a_field(said, chance)
    log[segment][line] = rehash(said)


def delete(log: Log, chance: random.Random) -> None:
    segment, line = chance.choice(places(log))
    del log[segment][line]


def delete_a_segment(log: Log, chance: random.Random) -> None:
    del log[chance.randrange(len(log))]


def swap(log: Log, chance: random.Random) -> None:
    (a, b), (c, d) = chance.sample(places(log), 2)
    log[a][b], log[c][d] = log[c][d], log[a][b]


def swap_segments(log: Log, chance: random.Random) -> None:
    a, b = chance.sample(range(len(log)), 2)
    log[a], log[b] = log[b], log[a]


def cut(log: Log, chance: random.Random) -> None:
    """From some entry on, nothing is left."""
    segment, line = chance.choice(places(log))
    del log[segment][line:], log[segment + 1 :]


def double(log: Log, chance: random.Random) -> None:
    segment, line = chance.choice(places(log))
    where, place = chance.choice(places(log))
    log[where].insert(place, log[segment][line])


def double_as_new(log: Log, chance: random.Random) -> None:
    """Told once more at the end, properly chained: the log is intact, and tells a thing twice."""
    segment, line = chance.choice(places(log))
    said = fields_of(decode(log[segment][line]))
    last = decode(log[-1][-1])
    log[-1].append(rehash({**said, "number": last.number + 1, "previous": last.hash}))


def forge(log: Log, chance: random.Random) -> None:
    """Cut, and written on from there with hashes that all fit; as long as it was, or longer."""
    entries = [line for lines in log for line in lines]
    kept = chance.randrange(len(entries))
    head = head_of(decode(entries[kept - 1])) if kept else START
    forged = extend(head, (fact(1000 + number) for number in range(len(entries) - kept + chance.randrange(5))), SEEN)
    log[:] = [entries[:kept], [encode(one) for one in forged]]


def insert(log: Log, chance: random.Random) -> None:
    """A vote that never was, with a hash that fits."""
    segment, line = chance.choice(places(log))
    said = {
        **fields_of(decode(log[segment][line])),
        "who": "mallory@example.com",
        "id": f"{chance.randrange(2**64):032x}",
    }
    log[segment].insert(line, rehash(said))


TAMPERINGS = (edit, edit_a_letter, edit_and_hash, delete, delete_a_segment, swap, swap_segments, cut, double,
              double_as_new, forge, insert)  # fmt: skip


def test_what_was_written_is_found_as_it_was_written() -> None:
    verified = verify(WRITTEN, HEAD)
    assert verified.flaws == ()
    assert (verified.count, verified.head) == (16, HEAD)


def test_of_fifty_changes_of_each_kind_every_one_is_seen() -> None:
    tried = seen = 0
    missed = []
    for tamper in TAMPERINGS:
        for seed in range(50):
            log = [list(lines) for lines in WRITTEN]
            tamper(log, random.Random(seed))
            assert log != WRITTEN, "nothing was tampered with"
            tried += 1
            found = bool(verify(log, HEAD).flaws)
            seen += found
            missed += [] if found else [(tamper.__name__, seed)]
    record("audit_edits_seen", 100 * seen / tried, "== 100", "of 100", n=tried,
           note=f"{len(TAMPERINGS)} kinds, against an exported head")  # fmt: skip
    assert missed == []


@pytest.mark.parametrize("tamper", [cut, forge])
def test_only_the_exported_head_shows_that_the_end_was_cut_or_written_anew(tamper: Tamper) -> None:
    log = [list(lines) for lines in WRITTEN]
    tamper(log, random.Random(7))
    assert verify(log).flaws == ()
    assert {flaw.fault for flaw in verify(log, HEAD).flaws} <= {Fault.CUT_AT_END, Fault.ANOTHER}
    assert verify(log, HEAD).flaws


def test_a_pruned_log_begins_where_it_says_that_it_was_pruned() -> None:
    first = [decode(line) for line in WRITTEN[0]]
    sealed = Sealed("headgate-audit-00000001", 1, 4000, 1, head_of(first[-1]), SEEN)
    (pruned,) = extend(HEAD, [build_pruned(sealed)], SEEN)
    log = [*WRITTEN[1:], [encode(pruned)]]
    assert verify(log, head_of(pruned), HEAD, head_of(first[-1])).flaws == ()
    assert verify(log, head_of(first[0])).unchecked == (head_of(first[0]),)
    assert [flaw.fault for flaw in verify(log[1:], head_of(pruned)).flaws] == [Fault.CUT_AT_START]
    assert [flaw.fault for flaw in verify(WRITTEN[1:], HEAD).flaws] == [Fault.CUT_AT_START]


def test_a_log_that_is_gone_is_told_only_by_a_head() -> None:
    assert verify([]).flaws == ()
    assert [flaw.fault for flaw in verify([], HEAD).flaws] == [Fault.CUT_AT_END]


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "null", '{"number": 1e99}', "[" * 9000, "{" + '"a":' * 5000, WRITTEN[0][0][:-1], "\ud800"]
)
def test_what_is_no_entry_is_told_and_stops_nothing(line: str) -> None:
    verifier = Verifier()
    assert verifier.read(line) is None
    for good in WRITTEN[0]:
        verifier.read(good)
    assert [flaw.fault for flaw in verifier.finish().flaws] == [Fault.UNREADABLE]


def test_batches_are_read_in_the_order_of_their_numbers() -> None:
    entries = extend(START, map(fact, range(12)), SEEN)
    data = {key_of(entries[place]): build_batch(entries[place : place + 3]) for place in (9, 0, 6, 3)}
    assert [line.text for line in lines_of(build_segment("r", 1, data))] == [encode(one) for one in entries]
