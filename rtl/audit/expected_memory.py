"""What a memory file must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

Entry = tuple[tuple[int, int], ...]
"""Fields of a table's entry: value and width, the lowest bits first."""


@dataclass(frozen=True, eq=False)
class ExpectedMemory:
    """One memory file.

    Attributes:
        file: path inside the core's folder.
        values: (words, elements); element 0 stands in a word's lowest bits.
        element_bits: width of an element.
        signed: whether elements are two's complement numbers.
        rows: what each word is, for messages.
    """

    file: str
    values: IntArray
    element_bits: int
    signed: bool
    rows: Sequence[str]

    @property
    def width(self) -> int:
        """Bits of a word."""
        return int(self.values.shape[1]) * self.element_bits


def expected_table(file: str, entries: Sequence[Entry], rows: Sequence[str]) -> ExpectedMemory:
    """A table of several fields an entry, compared bit by bit."""
    bits = [[value >> place & 1 for value, width in entry for place in range(width)] for entry in entries]
    return ExpectedMemory(file, np.array(bits, dtype=np.int64), 1, False, rows)
