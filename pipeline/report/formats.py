"""Numbers for people."""

from __future__ import annotations

from collections.abc import Sequence

_PICOJOULES = (("µJ", 1e6), ("nJ", 1e3), ("pJ", 1.0))


def count(value: float) -> str:
    """A whole number with thousands separated by commas; one decimal where it has a fraction."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def brief_count(value: float) -> str:
    """A whole number where room is scarce: from ten millions on in millions, M, with one decimal."""
    return f"{value / 1e6:,.1f} M" if value >= 1e7 else count(value)


def percent(share: float, decimals: int = 2) -> str:
    """A share of 0..1 in per cent."""
    return f"{100 * share:.{decimals}f} %"


def energy(picojoules: float) -> str:
    """An energy of three significant digits with its unit."""
    unit, factor = next((row for row in _PICOJOULES if abs(picojoules) >= row[1]), _PICOJOULES[-1])
    return f"{significant(picojoules / factor)} {unit}"


def significant(value: float, digits: int = 3) -> str:
    """A number of at least ``digits`` significant digits, never in powers of ten."""
    if value == 0:
        return "0"
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    decimals = max(digits - whole, 0)
    if not whole:
        decimals = next((places for places in range(digits, 12) if round(abs(value), places) >= 10 ** (digits - 1 - places)), 12)
    return f"{value:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def seconds(value: float) -> str:
    """A time from milliseconds to minutes."""
    if value < 1:
        return f"{1000 * value:.0f} ms"
    if value < 120:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {value % 60:02.0f} s"


def words(name: str) -> str:
    """A key as words."""
    return name.replace("_", " ")


def shape(sizes: Sequence[int]) -> str:
    """A map as channels×rows×columns; neurons that are no map as their number."""
    channels, *positions = sizes
    return window(sizes) if any(length != 1 for length in positions) else count(channels)


def window(size: Sequence[int]) -> str:
    """Rows×columns of a window, or any other sizes."""
    return "×".join(map(str, size))
