"""What is made of a name, where it has to be shorter."""

import re

import pytest

from headgate.names import label_of

LABEL = re.compile(r"[a-z0-9]([-.a-z0-9]{0,61}[a-z0-9])?")


@pytest.mark.parametrize("name", ["notes", "n" * 63, f"{'n' * 62}-tail", f"{'n' * 60}-..-tail", "n" * 253])
def test_of_any_name_there_is_a_label(name: str) -> None:
    label = label_of(name)
    assert LABEL.fullmatch(label)
    assert name.startswith(label)
