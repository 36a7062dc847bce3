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


def counted_ones(value: int) -> int:
    """Most that the digits of a weight add when every one of them counts a one."""
    return sum(1 << place for place, _ in signed_digits(value))


def lacking_ones(value: int) -> int:
    """What the complements of negative digits add too much: their −1, −x = (1 − x) − 1."""
    return sum(1 << place for place, sign in signed_digits(value) if sign < 0)
