"""Only a process that is provably ours counts as ours."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from cluster.processes import Record, boot_id, is_alive, read_record, start_ticks, terminate
from cluster.settings import Settings, settings_from


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "processes").mkdir()
    return replace(settings_from({}), run=tmp_path)


def record_of(pid: int) -> Record:
    return Record(pid, start_ticks(pid) or 0, boot_id(), "digest", 0.0)


def write(settings: Settings, record: Record) -> None:
    (settings.run / "processes" / "it.json").write_text(json.dumps(asdict(record)))


def test_a_process_is_known_by_its_start(child: subprocess.Popen[bytes]) -> None:
    record = record_of(child.pid)
    assert is_alive(record)
    assert not is_alive(replace(record, ticks=record.ticks + 1))
    assert not is_alive(replace(record, boot="another boot"))
    assert not is_alive(None)


def test_a_zombie_is_not_alive(child: subprocess.Popen[bytes]) -> None:
    record = record_of(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(record)


def test_a_record_that_cannot_be_read_is_none(settings: Settings) -> None:
    assert read_record(settings, "it") is None
    for text in ("", "{}", "not json", '{"pid": 1}'):
        (settings.run / "processes" / "it.json").write_text(text)
        assert read_record(settings, "it") is None


def test_a_process_that_took_over_our_number_is_left_alone(settings: Settings, child: subprocess.Popen[bytes]) -> None:
    record = record_of(child.pid)
    write(settings, replace(record, ticks=record.ticks + 1))
    terminate(settings, ["it"])
    assert child.poll() is None
    assert read_record(settings, "it") is None


def test_our_own_process_is_ended(settings: Settings, child: subprocess.Popen[bytes]) -> None:
    write(settings, record_of(child.pid))
    terminate(settings, ["it"])
    assert child.wait(timeout=5) != 0


def test_one_that_does_not_listen_is_ended_all_the_same(settings: Settings) -> None:
    deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; echo; while :; do sleep 0.1; done"], stdout=subprocess.PIPE)
    assert deaf.stdout is not None
    deaf.stdout.readline()
    write(settings, record_of(deaf.pid))
    terminate(settings, ["it"], patience=0.3)
    assert deaf.wait(timeout=5) != 0
    deaf.stdout.close()
