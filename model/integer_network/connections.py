"""Which inputs a group of synapses connects to how many potentials: the real fan-out, by position."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.integer_network.shapes import Shape, Window
from model.integer_network.structure import IntArray, Synapses


class FanOut(NamedTuple):
    """Connections of every input, flat int64: all of them, and those whose weight is zero."""

    all: IntArray
    zero: IntArray


def fan_out_of_inputs(group: Synapses, source: Shape) -> FanOut:
    """Fan-out of each input behind average pooling, (pooled inputs,): what the borders and the padding of a window leave out
    is not counted.

    Args:
        group: the synapses.
        source: the map of their source.
    """
    weights = group.weights
    if not group.is_convolution:
        return FanOut(np.full(weights.shape[1], len(weights), dtype=np.int64), (weights == 0).sum(axis=0))
    pooled, potentials = group.pooled(source), group.output(source)
    # (input channels, rows, columns of the window): how many output channels read that input channel, and with a zero.
    zeros = (weights == 0).reshape(group.groups, -1, *weights.shape[1:]).sum(axis=1).reshape(pooled.channels, *weights.shape[2:])
    reached = _reached(group.window, pooled, potentials)
    every = np.broadcast_to(reached.sum(axis=(0, 1)) * (len(weights) // group.groups), pooled)
    return FanOut(every.reshape(-1).astype(np.int64), np.einsum("cij,ijrs->crs", zeros, reached).reshape(-1))


def fan_out(group: Synapses, source: Shape) -> FanOut:
    """Fan-out of each neuron of the source, (source neurons,); 0 for those that fill no window of average pooling."""
    rows, columns = group.pooling
    pooled = group.pooled(source)
    spread = []
    for values in fan_out_of_inputs(group, source):
        each = np.zeros(source, dtype=np.int64)
        windows = values.reshape(pooled).repeat(rows, axis=1).repeat(columns, axis=2)
        each[:, : windows.shape[1], : windows.shape[2]] = windows
        spread.append(each.reshape(-1))
    return FanOut(*spread)


def connections(group: Synapses, source: Shape) -> int:
    """Connections between inputs behind average pooling and potentials: the multiplications of a dense network."""
    return int(fan_out_of_inputs(group, source).all.sum())


def _reached(window: Window, inputs: Shape, potentials: Shape) -> npt.NDArray[np.int64]:
    """(window rows, window columns, rows, columns): 1 where that place of some window lies on that position of the map."""
    rows, columns = (
        _reached_on_line(size, stride, padding, length, count)
        for size, stride, padding, length, count in zip(
            window.size, window.stride, window.padding, inputs.positions, potentials.positions, strict=True
        )
    )
    return np.asarray(np.einsum("ir,js->ijrs", rows, columns))


def _reached_on_line(size: int, stride: int, padding: int, length: int, windows: int) -> npt.NDArray[np.int64]:
    reached = np.zeros((size, length), dtype=np.int64)
    for place in range(size):
        positions = np.arange(windows) * stride + place - padding
        reached[place, positions[(positions >= 0) & (positions < length)]] = 1
    return reached
