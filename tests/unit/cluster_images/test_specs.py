"""Images are found by their Dockerfiles; what is wrong with any of them is told at once."""

from pathlib import Path

import pytest

from cluster.images.image import ImagesError
from cluster.images.settings import read_settings
from cluster.images.specs import check_dockerfile, find_specs, parse_spec

GOOD = "ARG BASE=debian:bookworm-slim\n# For nodes.\nFROM ${BASE} AS python\nUSER 65532:65532\n"


def test_reads_settings() -> None:
    spec = parse_spec(
        Path("node-images/sql"), 'debian = ["python3", "libpq5"]\nlock = "locks/sql.txt"\npackages = ["a", "b"]\n'
    )
    assert (spec.name, spec.debian, spec.lock) == ("sql", ("python3", "libpq5"), Path("locks/sql.txt"))
    assert (spec.packages, spec.context) == ((Path("a"), Path("b")), True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('locks = "x"', "locks is not a setting, only debian, lock, packages, context are"),
        ("lock = 1", "lock must be a text"),
        ("packages = [1]", "packages must be a list of texts"),
        ("context = 'no'", "context must be true or false"),
        ("lock =", "node-images/x/image.toml: "),
    ],
)
def test_refuses_what_it_does_not_know(text: str, said: str) -> None:
    with pytest.raises(ImagesError, match=r"^node-images/x/image.toml: ") as raised:
        parse_spec(Path("node-images/x"), text)
    assert said in str(raised.value)


def test_a_dockerfile_builds_on_either_base() -> None:
    assert check_dockerfile(GOOD) == []
    assert check_dockerfile("# Late.\n" + GOOD) == ["the first line must be `ARG BASE=debian:bookworm-slim`"]
    assert check_dockerfile("ARG BASE=debian:bookworm-slim\nFROM debian\n") == [
        "the second instruction must be `FROM ${BASE}`"
    ]


def test_finds_every_image_and_tells_all_that_is_wrong(tmp_path: Path) -> None:
    for name in ("node-images/b", "node-images/a", "node-images/sdk", "operator"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("node-images/b", "node-images/a", "operator"):
        (tmp_path / name / "Dockerfile").write_text(GOOD)
    assert [spec.name for spec in find_specs(tmp_path)] == ["a", "b", "operator"]

    (tmp_path / "node-images/a/Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "node-images/b/image.toml").write_text("x = 1")
    with pytest.raises(ImagesError) as raised:
        find_specs(tmp_path)
    assert len(str(raised.value).splitlines()) == 3


def test_the_repository_has_its_images() -> None:
    assert {"core", "operator"} <= {spec.name for spec in find_specs(read_settings({}).repository)}
