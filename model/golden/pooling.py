"""Windows over maps of potentials and spikes."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from model.integer_network.shapes import Shape, Window

Values = npt.NDArray[Any]


def window_sums(values: Values, source: Shape, size: tuple[int, int], dtype: Any) -> Values:
    """Sums of windows side by side, (rows, pooled neurons), of maps (rows, neurons); what fills no window is dropped."""
    if size == (1, 1):
        return values.astype(dtype, copy=False)
    high, wide = source.rows // size[0], source.columns // size[1]
    maps = values.reshape(-1, *source)[:, :, : high * size[0], : wide * size[1]]
    sums = np.zeros((len(values), source.channels, high, wide), dtype=dtype)
    for row in range(size[0]):
        for column in range(size[1]):
            sums += maps[:, :, row :: size[0], column :: size[1]]
    return sums.reshape(len(values), source.channels * high * wide)


def largest_of_windows(values: Values, source: Shape, window: Window) -> Values:
    """The largest value of every window, (rows, neurons after pooling), of maps (rows, neurons); padding never wins."""
    maps = values.reshape(-1, *source)
    high, wide = window.padding
    if high or wide:
        nothing = -np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).min
        maps = np.pad(maps, ((0, 0), (0, 0), (high, high), (wide, wide)), constant_values=nothing)
    rows, columns = window.positions(source.rows, source.columns)
    maps = reduce(np.maximum, (maps[:, :, part] for part in _places(window.size[0], window.stride[0], rows)))
    maps = reduce(np.maximum, (maps[:, :, :, part] for part in _places(window.size[1], window.stride[1], columns)))
    return np.ascontiguousarray(maps.reshape(len(values), source.channels * rows * columns))


def compares_of_windows(source: Shape, window: Window) -> int:
    """Compares of one frame that find the largest value of every window: one for each position but the first; padding is none."""
    positions = [
        [min(start + size, length) - max(start, 0) for start in range(-padding, count * stride - padding, stride)]
        for size, stride, padding, length, count in zip(
            window.size, window.stride, window.padding, source.positions, window.positions(*source.positions), strict=True
        )
    ]
    rows, columns = positions
    return source.channels * (sum(rows) * sum(columns) - len(rows) * len(columns))


def _places(size: int, stride: int, windows: int) -> list[slice]:
    """For each place in a window, its positions in all windows."""
    return [slice(place, place + (windows - 1) * stride + 1, stride) for place in range(size)]
