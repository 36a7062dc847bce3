"""Signed digits of integers."""

from __future__ import annotations


def signed_digits(value: int) -> list[tuple[int, int]]:
    """(place, ±1) of the canonical signed digits of an integer, lowest place first: no two neighbours are both set."""
    digits, place = [], 0
    while value:
        if value & 1:
            digit = 2 - (value & 3)
            digits.append((place, digit))
            value -= digit
        value >>= 1
        place += 1
    return digits
