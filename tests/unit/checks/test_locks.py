"""The check of the lock files: complete, nothing left over, hashes everywhere, addresses nowhere."""

from collections.abc import Mapping

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from checks.locks import Lock, check_agreement, check_lock, read_lock

HASH = "    --hash=sha256:" + "0" * 64
ASKS: Mapping[str, list[str]] = {
    "httpx": ["httpcore==1.*", "h2<5,>=3; extra == 'http2'", "colorama; sys_platform == 'win32'"],
    "httpcore": ["certifi"],
    "certifi": [],
    "h2": [],
}


def asked_by(name: NormalizedName) -> list[Requirement] | None:
    return [Requirement(one) for one in ASKS[name]] if name in ASKS else None


def lock_of(*pins: str, path: str = "locks/dev.txt") -> Lock:
    lock, found = read_lock(path, "\n".join(f"{pin} \\\n{HASH}\n    # via somebody" for pin in pins))
    assert found == []
    return lock


def complaints(lock: Lock, *wanted: str) -> list[str]:
    return [str(one) for one in check_lock(lock, [Requirement(one) for one in wanted], asked_by)]


def test_a_lock_that_holds_just_what_is_asked_for_is_sound() -> None:
    assert complaints(lock_of("httpx==0.28.1", "httpcore==1.0.9", "certifi==2026.1"), "httpx>=0.27") == []


def test_what_an_extra_asks_for_is_needed_only_with_the_extra() -> None:
    lock = lock_of("httpx==0.28.1", "httpcore==1.0.9", "certifi==2026.1", "h2==4.1")
    assert complaints(lock, "httpx[http2]") == []
    assert complaints(lock, "httpx") == ["locks/dev.txt:10: nothing asks for h2: `make lock` writes the lock files"]


def test_a_requirement_that_is_not_locked_is_told() -> None:
    (told,) = complaints(lock_of("certifi==2026.1"), "certifi", "httpx>=0.27")
    assert told.startswith("locks/dev.txt: pyproject.toml asks for httpx>=0.27, which is not locked")


def test_a_version_that_does_not_fit_is_told_at_its_line() -> None:
    (told,) = complaints(lock_of("certifi==2026.1", "h2==2.6"), "certifi", "h2>=3")
    assert told.startswith("locks/dev.txt:4: pyproject.toml asks for h2>=3, locked is 2.6")


def test_what_a_package_asks_for_must_fit_too() -> None:
    (told,) = complaints(lock_of("httpx==0.28.1", "httpcore==2.0", "certifi==2026.1"), "httpx")
    assert "httpx asks for httpcore==1.*, locked is 2.0" in told


def test_a_package_that_is_locked_but_not_installed_is_told() -> None:
    (told,) = complaints(lock_of("newcomer==1.0"), "newcomer")
    assert told.endswith("newcomer is not installed: `make setup` installs it")


def test_a_package_without_a_hash_is_told() -> None:
    _, (finding,) = read_lock("locks/dev.txt", "httpx==0.28.1 \\\n    # via somebody\n")
    assert str(finding).startswith("locks/dev.txt:1: httpx has no hash")


@pytest.mark.parametrize(
    "line",
    [
        "httpx==0.28.1",
        "httpx>=0.28 \\",
        "-e .",
        "--index-url https://mirror.example/simple",
        "httpx @ https://mirror.example/httpx.whl",
        "    --hash=md5:d41d8cd98f00b204e9800998ecf8427e",
    ],
)
def test_anything_but_pins_and_hashes_is_refused(line: str) -> None:
    _, (finding,) = read_lock("locks/dev.txt", f"certifi==2026.1 \\\n{HASH}\n{line}\n")
    assert finding.where == "locks/dev.txt:3"


def test_two_files_that_lock_different_versions_are_told() -> None:
    locks = [lock_of("certifi==2026.1"), lock_of("certifi==2025.9", path="locks/lang.txt")]
    (finding,) = check_agreement(locks)
    assert str(finding).startswith("locks/lang.txt:1: certifi is 2025.9, in locks/dev.txt it is 2026.1")


def test_names_are_compared_as_package_indexes_compare_them() -> None:
    assert lock_of("PyYAML_Extra==1.0").versions.keys() == {canonicalize_name("pyyaml-extra")}
