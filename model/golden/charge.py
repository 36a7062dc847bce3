"""Charges as matrix products: linear synapses, and convolutions whose windows are copied side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from model.golden.pooling import window_sums
from model.integer_network.shapes import Shape
from model.integer_network.structure import Synapses

Values = npt.NDArray[Any]

_COPIED_AT_ONCE = 1 << 18
"""Values of windows that are copied side by side before they are multiplied, so that they stay in the cache of a core."""


class Charge:
    """Charges (rows, potentials) of values (rows, source neurons), both flattened maps.

    Exact as long as every partial sum is an integer that the type holds.
    """

    def __init__(self, synapses: Synapses, source: Shape, dtype: type[np.floating[Any]]) -> None:
        """Prepare the weights.

        Args:
            synapses: any group.
            source: the map of its source.
            dtype: floating point type of the charges.
        """
        self.dtype = dtype
        self._synapses = synapses
        self._source = source
        self._inputs = synapses.pooled(source)
        self._potentials = synapses.output(source)
        if not synapses.is_convolution:
            self._weights: Values = np.ascontiguousarray(synapses.weights.T, dtype=dtype)
        elif self._is_depthwise:
            self._weights = synapses.weights[:, 0].astype(dtype)
        else:
            self._weights = self._by_window(synapses).astype(dtype)

    @property
    def _is_depthwise(self) -> bool:
        """True where every channel has one of its own; a product would have one column then."""
        group = self._synapses
        return group.is_convolution and group.groups == self._inputs.channels == self._potentials.channels

    @staticmethod
    def _by_window(synapses: Synapses) -> Values:
        """(groups, window rows · window columns · channels, channels): the order in which windows are copied."""
        channels = len(synapses.weights) // synapses.groups
        grouped = synapses.weights.reshape(synapses.groups, channels, *synapses.weights.shape[1:])
        return np.ascontiguousarray(grouped.transpose(0, 3, 4, 2, 1)).reshape(synapses.groups, -1, channels)

    def __call__(self, values: Values) -> Values:
        """Charges, a new array of ``dtype``, of integer or floating values."""
        inputs = window_sums(values, self._source, self._synapses.pooling, self.dtype)
        if not self._synapses.is_convolution:
            return np.asarray(inputs @ self._weights)
        charges = np.empty((len(values), self._potentials.size), dtype=self.dtype)
        places = self._synapses.weights[0, 0].size * self._potentials.rows * self._potentials.columns
        at_once = max(1, _COPIED_AT_ONCE // (self._inputs.channels * places))
        for first in range(0, len(values), at_once):
            part = slice(first, first + at_once)
            if self._is_depthwise:
                self._multiply_depthwise(inputs[part], charges[part])
            else:
                self._multiply_windows(inputs[part], charges[part])
        return charges

    def _multiply_windows(self, inputs: Values, charges: Values) -> None:
        """One product a group; channels last, so that a row of a window is copied in one piece."""
        padded = self._padded(inputs.reshape(-1, *self._inputs).transpose(0, 2, 3, 1), axis=1)
        windows = sliding_window_view(padded, self._synapses.window.size, axis=(1, 2))
        high, wide = self._synapses.stride
        # (frames, rows, columns, channels, window rows, window columns)
        windows = windows[:, ::high, ::wide]
        frames, rows, columns, channels, *size = windows.shape
        groups = self._synapses.groups
        grouped = windows.reshape(frames, rows, columns, groups, channels // groups, *size).transpose(3, 0, 1, 2, 5, 6, 4)
        products = grouped.reshape(groups, frames * rows * columns, -1) @ self._weights
        charges.reshape(frames, groups, -1, rows * columns)[...] = products.reshape(groups, frames, rows * columns, -1).transpose(
            1, 0, 3, 2
        )

    def _multiply_depthwise(self, inputs: Values, charges: Values) -> None:
        """One product for each place of the window, all positions at once."""
        padded = self._padded(inputs.reshape(-1, *self._inputs), axis=2)
        _, rows, columns = self._potentials
        high, wide = self._synapses.stride
        sums = charges.reshape(-1, *self._potentials)
        sums[...] = 0
        for row, column in np.ndindex(self._weights.shape[1:]):
            places = padded[:, :, row : row + rows * high : high, column : column + columns * wide : wide]
            sums += places[:, :, :rows, :columns] * self._weights[:, row, column, None, None]

    def _padded(self, maps: Values, axis: int) -> Values:
        """Maps with level 0 around them; rows and columns are ``axis`` and the next."""
        high, wide = self._synapses.padding
        shape = list(maps.shape)
        shape[axis] += 2 * high
        shape[axis + 1] += 2 * wide
        padded = np.zeros(shape, dtype=self.dtype)
        inside = [slice(None)] * len(shape)
        inside[axis], inside[axis + 1] = slice(high, high + maps.shape[axis]), slice(wide, wide + maps.shape[axis + 1])
        padded[tuple(inside)] = maps
        return padded
