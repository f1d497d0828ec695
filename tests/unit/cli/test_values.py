"""Values as kubectl takes them. The right-hand sides were printed by sigs.k8s.io/yaml 1.6, which kubectl uses."""

import pytest

from headgate.cli.reading.values import NotJsonError, resolve


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE")),
        *((word, False) for word in ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE")),
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *(
            (word, word)
            for word in ("tRUE", "nan", "yEs", "12:30", "2026-11-21", "5%", "1.2.3", "0b2", "1e", "-", "0x")
        ),
        ("0", 0),
        ("-1", -1),
        ("+1", 1),
        ("010", 8),
        ("-010", -8),
        ("0o10", 8),
        ("08", 8),
        ("0x1F", 31),
        ("0b11", 3),
        ("-0b11", -3),
        ("1_000", 1000),
        ("18446744073709551615", 18446744073709551615),
        ("1.5", 1.5),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1e3", 1000),
        ("1e-3", 0.001),
        ("0.10", 0.1),
        ("1e400", "1e400"),
    ],
)
def test_a_plain_value_is_what_kubectl_makes_of_it(plain: str, value: object) -> None:
    read = resolve(plain).value
    assert read == value
    assert type(read) is type(value)


def test_a_number_without_a_fraction_is_an_integer_since_json_does_not_tell() -> None:
    assert repr(resolve("2.0").value) == "2"


@pytest.mark.parametrize("plain", [".inf", "-.inf", "+.Inf", ".nan", ".NaN"])
def test_what_json_does_not_have_is_told(plain: str) -> None:
    with pytest.raises(NotJsonError):
        resolve(plain)


@pytest.mark.parametrize(
    ("plain", "otherwise"),
    [("yes", "text"), ("off", "text"), ("y", "text"), ("010", "10"), ("1_000", "text"), ("0b11", "text")],
)
def test_what_yaml_1_2_reads_otherwise_is_told(plain: str, otherwise: str) -> None:
    assert resolve(plain).otherwise == otherwise


@pytest.mark.parametrize("plain", ["true", "False", "10", "0x1F", "0o17", "1.5", "1e3", "null", "text", "08:30", "0"])
def test_what_both_read_alike_is_not_doubted(plain: str) -> None:
    assert not resolve(plain).otherwise
