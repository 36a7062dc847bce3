"""Shapes of maps and of the windows that slide over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Shape(NamedTuple):
    """Channels and, of a map, its rows and columns; flattened channel by channel, each row by row."""

    channels: int
    rows: int = 1
    columns: int = 1

    @property
    def size(self) -> int:
        """Number of neurons, pixels or potentials."""
        return self.channels * self.rows * self.columns

    @property
    def positions(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def __str__(self) -> str:
        return "x".join(str(size) for size in self)


@dataclass(frozen=True)
class Window:
    """A window that slides over the rows and columns of a map; each pair is (rows, columns).

    Attributes:
        size: of the window.
        stride: from one window to the next.
        padding: positions around the map that hold nothing, on either side.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] = (0, 0)

    def positions(self, rows: int, columns: int) -> tuple[int, int]:
        """Rows and columns of the windows that fit into a map; what is left over at the end is not looked at."""
        high, wide = (
            (length + 2 * padding - size) // stride + 1
            for length, size, stride, padding in zip((rows, columns), self.size, self.stride, self.padding, strict=True)
        )
        return high, wide
