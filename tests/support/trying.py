"""How often a property is tried: as often as any, or some times as often. `HEADGATE_EXAMPLES` reaches all of them."""

from hypothesis import settings


def times(factor: float, parent: settings | None = None) -> settings:
    """Try a property so many times as often as others, which are tried `HEADGATE_EXAMPLES` times."""
    return settings(parent, max_examples=max(1, round(settings.default.max_examples * factor)))  # type: ignore[union-attr]  # there is one, once a profile is loaded
