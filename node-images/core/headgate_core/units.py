"""Units and what they come to, exactly: each in the base unit of its kind. Used by `convert`."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from headgate_lang.near import did_you_mean
from headgate_node import NodeError


@dataclass(frozen=True, slots=True)
class Unit:
    kind: str
    factor: Fraction
    """How many of the base unit it is."""
    offset: Fraction = Fraction(0)
    """What is added in the base unit: 0 °C is 273.15 K."""


_KINDS: Mapping[str, Mapping[str, str]] = {
    "angle": {"turn": "1", "deg": "1/360", "grad": "1/400"},
    "area": {
        "m2": "1",
        "mm2": "0.000001",
        "cm2": "0.0001",
        "km2": "1000000",
        "ha": "10000",
        "a": "100",
        "in2": "0.00064516",
        "ft2": "0.09290304",
        "yd2": "0.83612736",
        "acre": "4046.8564224",
        "mi2": "2589988.110336",
    },
    "data": {
        "bit": "1/8",
        "kbit": "125",
        "Mbit": "125000",
        "Gbit": "125000000",
        "Tbit": "125000000000",
        "B": "1",
        "kB": "1e3",
        "MB": "1e6",
        "GB": "1e9",
        "TB": "1e12",
        "PB": "1e15",
        "EB": "1e18",
        **{f"{letter}iB": str(1024**power) for power, letter in enumerate("KMGTPE", 1)},
    },
    "energy": {
        "J": "1",
        "kJ": "1000",
        "MJ": "1000000",
        "Wh": "3600",
        "kWh": "3600000",
        "MWh": "3600000000",
        "cal": "4.184",
        "kcal": "4184",
        "BTU": "1055.05585262",
    },
    "frequency": {"Hz": "1", "kHz": "1e3", "MHz": "1e6", "GHz": "1e9", "rpm": "1/60"},
    "length": {
        "m": "1",
        "nm": "1e-9",
        "um": "1e-6",
        "mm": "0.001",
        "cm": "0.01",
        "dm": "0.1",
        "km": "1000",
        "in": "0.0254",
        "ft": "0.3048",
        "yd": "0.9144",
        "mi": "1609.344",
        "nmi": "1852",
    },
    "mass": {
        "kg": "1",
        "ug": "1e-9",
        "mg": "1e-6",
        "g": "0.001",
        "t": "1000",
        "oz": "0.028349523125",
        "lb": "0.45359237",
        "st": "6.35029318",
    },
    "power": {"W": "1", "mW": "0.001", "kW": "1000", "MW": "1000000", "GW": "1e9", "hp": "745.69987158227022"},
    "pressure": {
        "Pa": "1",
        "hPa": "100",
        "kPa": "1000",
        "MPa": "1000000",
        "mbar": "100",
        "bar": "100000",
        "atm": "101325",
        "psi": "6894.757293168361",
    },
    "speed": {"m/s": "1", "km/h": "5/18", "mph": "0.44704", "kn": "463/900", "ft/s": "0.3048"},
    "time": {
        "s": "1",
        "ns": "1e-9",
        "us": "1e-6",
        "ms": "0.001",
        "min": "60",
        "h": "3600",
        "d": "86400",
        "wk": "604800",
    },
    "volume": {
        "l": "1",
        "ml": "0.001",
        "cl": "0.01",
        "dl": "0.1",
        "hl": "100",
        "m3": "1000",
        "cm3": "0.001",
        "gal": "3.785411784",
        "qt": "0.946352946",
        "pt": "0.473176473",
        "floz": "0.0295735295625",
        "in3": "0.016387064",
        "ft3": "28.316846592",
    },
}
UNITS: Mapping[str, Unit] = {
    **{name: Unit(kind, Fraction(factor)) for kind, units in _KINDS.items() for name, factor in units.items()},
    "K": Unit("temperature", Fraction(1)),
    "C": Unit("temperature", Fraction(1), Fraction("273.15")),
    "F": Unit("temperature", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}
_KINDS_TOLD = ", ".join(sorted({unit.kind for unit in UNITS.values()}))


def unit_of(name: str) -> Unit:
    unit = UNITS.get(name)
    if unit is None:
        same = [known for known in UNITS if known.lower() == name.lower()]
        near = (
            f"write `{'` or `'.join(same)}`"
            if same
            else did_you_mean(name, UNITS) or f"there are units of {_KINDS_TOLD}"
        )
        raise NodeError("UnknownUnit", f"there is no unit `{name[:40]}`: {near}")
    return unit


def convert_unit(value: Fraction, source: str, target: str) -> Fraction:
    """Raises NodeError for units that measure different things."""
    one, other = unit_of(source), unit_of(target)
    if one.kind != other.kind:
        told = ", ".join(name for name, unit in UNITS.items() if unit.kind == one.kind)
        raise NodeError("UnitMismatch", f"`{source}` measures {one.kind}, `{target}` {other.kind}: write one of {told}")
    return (value * one.factor + one.offset - other.offset) / other.factor
