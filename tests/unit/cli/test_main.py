"""The command line itself: help, wrong use in one line with exit code 2, and a quick start."""

import subprocess
import sys
from pathlib import Path

import pytest

from headgate.cli.main import COMMANDS
from support.cli import headgate

COMPLETION = "headgate completion --help"
CHOICES = "(choose from 'text', 'json', 'github', 'sarif')"


def test_without_a_command_there_is_help_and_it_counts_as_wrong_use() -> None:
    assert headgate().code == 2
    assert headgate().out == headgate("--help").out
    assert headgate("--help").code == 0


def test_help_tells_every_command_and_the_name_it_was_called_by() -> None:
    help_ = headgate("--help", prog="kubectl headgate").out
    assert "usage: kubectl headgate COMMAND" in help_
    for name in COMMANDS:
        assert f"  {name} " in help_
        assert headgate(name, "--help").code == 0
        assert headgate(name, "--help").out.startswith(f"usage: headgate {name} ")


def test_the_version_is_that_of_the_package() -> None:
    assert headgate("--version").out.strip().split(".")[0].isdigit()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["lnt"], "headgate: there is no lnt: did you mean `lint`?"),
        (["deploy"], "headgate: there is no deploy: see headgate --help"),
        (["lint"], "headgate lint: the following arguments are required: FILE"),
        (["lint", "f.yaml", "--stric"], "headgate lint: there is no --stric: did you mean `--strict`?"),
        (["lint", "f.yaml", "--cluster"], "headgate lint: there is no --cluster: see headgate lint --help"),
        (
            ["completion"],
            f"headgate completion: say for which shell, bash, zsh, fish: {COMPLETION} tells where it goes",
        ),
        (["approvals", "show"], "headgate approvals: say of which request: headgate approvals show NAME"),
        (
            ["approvals", "list", "r"],
            "headgate approvals: list takes no name: headgate approvals show r shows one request",
        ),
        (["lint", "no-such-file.yaml"], "headgate lint: there is no file no-such-file.yaml"),
        (["lint", "-o", "xml", "f.yaml"], f"headgate lint: argument -o/--output: invalid choice: 'xml' {CHOICES}"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_code_2(arguments: list[str], line: str) -> None:
    ran = headgate(*arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", f"{line}\n")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert headgate("lint", str(tmp_path)).err == (
        f"headgate lint: {tmp_path} is a folder: name its files, {tmp_path}/*.yaml\n"
    )


def test_help_imports_nothing_that_takes_time() -> None:
    program = (
        "import sys; from headgate.cli.main import main; sys.argv = ['headgate', '--help']; code = main();"
        "print(sorted({'pydantic', 'yaml', 'cel_expr_python', 'argparse'} & set(sys.modules)), code)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("[] 0\n")
