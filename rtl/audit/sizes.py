"""Widths, and what an instance in the top level must be: words that every part of the audit uses."""

from __future__ import annotations

from dataclasses import dataclass

from rtl.audit.constants import Value


@dataclass(frozen=True)
class ExpectedInstance:
    """An instance in the top level: its module and every parameter."""

    name: str
    module: str
    parameters: dict[str, Value]


def ceiling(count: int, size: int) -> int:
    """Things of a size that hold a count."""
    return (count + size - 1) // size


def size_bits(values: tuple[int, int]) -> int:
    """Bits of a magnitude that goes up to the larger end of a range; 1 where it is always one or there is none."""
    return len(f"{max(1, abs(values[0]), values[1]):b}")


def level_bits(values: tuple[int, int]) -> int:
    """Bits of the register of a level: two's complement where it can be negative."""
    bits = 2
    while not (-(1 << bits - 1) <= values[0] and values[1] < 1 << (bits - 1 if values[0] < 0 else bits)):
        bits += 1
    return bits


def index_bits(count: int) -> int:
    """Bits of an index of ``count`` things, at least 1."""
    return max((count - 1).bit_length(), 1)
