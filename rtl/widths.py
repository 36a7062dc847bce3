"""Widths of numbers in a core."""

from __future__ import annotations

_WORD = 8
"""Events come from words of so many neurons, so that a channel has at least the bits of a place in one."""


def index_bits(count: int) -> int:
    """Bits of an index of ``count`` things, at least 1."""
    return max((count - 1).bit_length(), 1)


def channel_bits(count: int) -> int:
    """Bits of the channel of an event, one of ``count``."""
    return max(index_bits(count), index_bits(_WORD))
