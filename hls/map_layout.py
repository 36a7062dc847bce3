"""Where maps lie in the arrays and memories of the kernels: row by row, the channels of a position side by side.

A cell holds the channels of one pass at one position, channel ``pass * lanes + lane`` on lane ``lane``; a word of a memory
serves one cell. Surplus lanes of the last pass hold constants that do no harm and weights of zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.integer_network import Shape, Synapses
from model.integer_network.structure import IntArray


def channels_last(values: npt.NDArray[Any], shape: Shape) -> npt.NDArray[Any]:
    """Flat maps (…, channels · rows · columns) as the kernels have them, (…, rows · columns · channels)."""
    if shape.channels == 1 or shape.positions == (1, 1):
        return values
    positions = shape.rows * shape.columns
    return values.reshape(*values.shape[:-1], shape.channels, positions).swapaxes(-1, -2).reshape(values.shape)


def channels_first(values: npt.NDArray[Any], shape: Shape) -> npt.NDArray[Any]:
    """The inverse of :func:`channels_last`."""
    if shape.channels == 1 or shape.positions == (1, 1):
        return values
    positions = shape.rows * shape.columns
    return values.reshape(*values.shape[:-1], positions, shape.channels).swapaxes(-1, -2).reshape(values.shape)


def window_weights(group: Synapses, source: Shape) -> IntArray:
    """Weights (channels, input channels / groups, rows, columns); linear ones have a window of the whole pooled map."""
    if group.is_convolution:
        return group.weights
    return group.weights.reshape(-1, *group.pooled(source))


def window_stride(group: Synapses, source: Shape) -> tuple[int, int]:
    """From one window to the next; of linear synapses the whole map, so that every position lies in one window."""
    return group.stride if group.is_convolution else group.pooled(source).positions


@dataclass(frozen=True)
class ChannelLayout:
    """Channels of a map on its lanes."""

    channels: int
    lanes: int

    @property
    def passes(self) -> int:
        """Passes over the lanes."""
        return -(-self.channels // self.lanes)

    @property
    def padded(self) -> int:
        """Lanes of all passes."""
        return self.passes * self.lanes

    def constants(self, values: IntArray, surplus: int) -> IntArray:
        """Constants (…, channels) as words, (… · padded,)."""
        words = np.full((*values.shape[:-1], self.padded), surplus, dtype=np.int64)
        words[..., : self.channels] = values
        return words.reshape(-1)

    def reach(self, groups: int) -> int:
        """Passes that hold the channels of any one group."""
        size = self.channels // groups
        return max((first + size - 1) // self.lanes - first // self.lanes + 1 for first in range(0, self.channels, size))

    def first_passes(self, groups: int) -> list[int]:
        """The first of these passes, for every group; never so late that they would end behind the last one."""
        size, latest = self.channels // groups, self.passes - self.reach(groups)
        return [min(first // self.lanes, latest) for first in range(0, self.channels, size)]

    def weights(self, weights: IntArray, groups: int) -> IntArray:
        """Weights of a convolution as a memory [source channel][window row][window column][pass][lane], flat.

        Only the passes that the source channel's group reaches; zero for the channels beside it.

        Args:
            weights: (channels, input channels / groups, window rows, window columns).
            groups: of channels.
        """
        size, inputs = self.channels // groups, weights.shape[1]
        words = np.zeros((groups, inputs, *weights.shape[2:], self.reach(groups) * self.lanes), dtype=np.int64)
        for group, first_pass in enumerate(self.first_passes(groups)):
            own = weights[group * size : (group + 1) * size].transpose(1, 2, 3, 0)
            first = group * size - first_pass * self.lanes
            words[group, ..., first : first + size] = own
        return words.reshape(-1)
