"""What the coordinates of an event reach in a map of potentials, and which potentials a neuron is decided on, axis by axis."""

from __future__ import annotations

from dataclasses import dataclass

from model.integer_network import Window

Kernel = tuple[int | None, ...]


@dataclass(frozen=True)
class Pass:
    """What one pass of an event reaches along one axis.

    Attributes:
        words: of each bank the row (or column) of words in it, None where the bank is left alone.
        turn: which arrangement of the weights is read.
    """

    words: tuple[int | None, ...]
    turn: int


@dataclass(frozen=True)
class Axis:
    """One axis of the synapses from a source to a map.

    Attributes:
        passes: of every position of the source, its passes; none where it reaches nothing.
        turns: of every arrangement of the weights, the place in the window that each bank takes.
        banks: banks along this axis.
    """

    passes: tuple[tuple[Pass, ...], ...]
    turns: tuple[Kernel, ...]
    banks: int

    @property
    def most_passes(self) -> int:
        """Passes of the position with most of them, at least 1."""
        return max([1, *map(len, self.passes)])


@dataclass(frozen=True)
class ScanEntry:
    """One row (or column) of potentials in the window of a row of neurons."""

    ends_window: bool
    clears: bool
    bank: int
    word: int


def reach(size: int, stride: int) -> int:
    """Most windows along an axis that one position can be part of."""
    return -(-size // stride)


def axis_of(length: int, pooling: int, size: int, stride: int, padding: int, outputs: int, banks: int) -> Axis:
    """Passes of every position of a source.

    Outputs that a position reaches lie next to each other; successive ones lie in successive banks, output o in bank o mod
    ``banks``, so that a pass takes ``banks`` of them. Which place of the window a bank takes depends on the position alone,
    not on the borders: outputs beyond these are reckoned with and left out.

    Args:
        length: positions of the source.
        pooling: positions that are added up in front, side by side; what fills no window of them reaches nothing.
        size: of the window.
        stride: of the window.
        padding: of the window.
        outputs: windows.
        banks: banks along this axis.
    """
    turns: list[Kernel] = []
    kept = length - length % pooling
    passes = [_passes(position // pooling, size, stride, padding, outputs, banks, turns) for position in range(kept)]
    passes += [()] * (length - kept)
    return Axis(tuple(passes), tuple(turns) or ((0,) * banks,), banks)


def _passes(
    position: int, size: int, stride: int, padding: int, outputs: int, banks: int, turns: list[Kernel]
) -> tuple[Pass, ...]:
    place = position + padding
    first = -((size - 1 - place) // stride)
    reached = [output for output in range(first, place // stride + 1) if 0 <= place - output * stride < size]
    if banks >= outputs:
        # Every output has a bank of its own.
        reached = [output for output in reached if 0 <= output < outputs]
    found = []
    for start in range(0, len(reached), banks):
        kernel: list[int | None] = [None] * banks
        words: list[int | None] = [None] * banks
        for output in reached[start : start + banks]:
            kernel[output % banks] = place - output * stride
            if 0 <= output < outputs:
                words[output % banks] = output // banks
        if all(word is None for word in words):
            continue
        if tuple(kernel) not in turns:
            turns.append(tuple(kernel))
        found.append(Pass(tuple(words), turns.index(tuple(kernel))))
    return tuple(found)


def scan_of(outputs: int, neurons: int, banks: int, window: Window | None, axis: int) -> tuple[ScanEntry, ...]:
    """Entries of the scan along one axis, window after window; each row of potentials is cleared when it is read last.

    Args:
        outputs: rows (or columns) of potentials.
        neurons: rows (or columns) of neurons.
        banks: banks along this axis.
        window: of max pooling.
        axis: 0 for rows, 1 for columns.
    """
    size, stride, padding = (1, 1, 0) if window is None else (window.size[axis], window.stride[axis], window.padding[axis])
    windows = [
        [place for place in range(start * stride - padding, start * stride - padding + size) if 0 <= place < outputs]
        for start in range(neurons)
    ]
    last_reader = {place: number for number, places in enumerate(windows) for place in places}
    return tuple(
        ScanEntry(place == places[-1], last_reader[place] == number, place % banks, place // banks)
        for number, places in enumerate(windows)
        for place in places
    )
