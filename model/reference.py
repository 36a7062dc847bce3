"""The integer reference: the quantised ANN in NumPy integers, one floor division a layer, no spikes, no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from model.integer_network import Layer, Network, NeuronMode, Synapses, Window
from model.integer_network.structure import INPUT, IntArray

Values = npt.NDArray[Any]

_EXACT_SINGLE = 1 << 24
_EXACT_DOUBLE = 1 << 53
"""Integers up to here are exact in single and in double precision."""

_WINDOWS_AT_ONCE = 1 << 22
"""Values of windows that are copied side by side at once."""


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """Levels of every hidden layer, (frames, neurons); scores and classes of the readout."""

    levels: dict[str, IntArray]
    scores: IntArray
    classes: IntArray


def evaluate_reference(network: Network, input_levels: npt.NDArray[np.integer[Any]]) -> ReferenceResult:
    """Evaluate the ANN that a network was converted from.

    Deferred neuron: k = clip(floor((A + offset) / Θ), kmin, L), algorithms: QCFS (ICLR 2022) with Θ and offset rounded. Max
    pooling takes the largest k, as an ANN does.
    Causal neuron: the same staircase with V0 = ⌊Θ/2⌋, whatever its initial potential is; p of its spikes in a time step stand
    for l levels, and a source's likewise, so that charge and bias of a step stand for p of l levels.

    Args:
        network: the integer network.
        input_levels: (frames, pixels), levels of the encoder. Every level of every layer is kept: give as many frames as fit.
    """
    levels: dict[str, IntArray] = {INPUT: np.asarray(input_levels, dtype=np.int64)}
    for layer in network.hidden:
        if layer.neuron.mode is NeuronMode.CAUSAL:
            levels[layer.name] = _causal_levels(network, layer, levels)
        else:
            levels[layer.name] = _deferred_levels(network, layer, levels)
    scores = _scores(network, levels)
    del levels[INPUT]
    return ReferenceResult(levels, scores, scores.argmax(axis=1))


def _deferred_levels(network: Network, layer: Layer, levels: Mapping[str, IntArray]) -> IntArray:
    potentials = network.potential_map(layer)
    channels, neuron = (slice(None), None), layer.neuron
    charge = sum(_charge(network, group, levels[group.source]) for group in layer.synapses)
    by_channel = np.asarray(charge).reshape(-1, potentials.channels, potentials.rows * potentials.columns)
    quotient = (by_channel + neuron.offset[channels]) // neuron.threshold[channels]
    every = np.clip(quotient, neuron.lowest, neuron.levels).reshape(-1, *potentials)
    pooled = every if layer.max_pooling is None else _largest(every, layer.max_pooling)
    return np.ascontiguousarray(pooled.reshape(len(pooled), math.prod(pooled.shape[1:])))


def _largest(levels: IntArray, window: Window) -> IntArray:
    """The largest level of every window of maps (frames, channels, rows, columns)."""
    (high, wide), (down, right) = window.padding, window.stride
    nothing = np.iinfo(np.int64).min
    padded = np.pad(levels, ((0, 0), (0, 0), (high, high), (wide, wide)), constant_values=nothing)
    return np.asarray(sliding_window_view(padded, window.size, axis=(2, 3))[:, :, ::down, ::right].max(axis=(4, 5)))


def _causal_levels(network: Network, layer: Layer, levels: Mapping[str, IntArray]) -> IntArray:
    """Charges of sources whose spikes stand for different numbers of levels meet on a common one."""
    neuron, source_levels = layer.neuron, _common_levels(network, layer)
    charge = _charge_in_units(network, layer, levels, source_levels)
    spikes, most = neuron.spikes_for_levels
    total = most * (charge + source_levels * neuron.spread(neuron.step_bias))
    unit = source_levels * spikes

    def staircase(of_channels: IntArray) -> IntArray:
        threshold = neuron.spread(of_channels)
        return np.asarray((total + unit * (threshold // 2)) // (unit * threshold))

    quotient = staircase(neuron.threshold)
    if neuron.is_leaky:
        quotient = np.where(total < 0, staircase(neuron.negative_threshold), quotient)
    return np.asarray(np.clip(quotient, neuron.lowest, neuron.levels))


def _scores(network: Network, levels: Mapping[str, IntArray]) -> IntArray:
    """Scores; behind causal neurons the offset is the bias of a step for every time step, and the ANN has one step a level."""
    readout, common = network.readout, levels_of_scores(network)
    offset, steps = readout.neuron.offset, causal_steps(network, readout)
    charge = _charge_in_units(network, readout, levels, common)
    return np.asarray(charge + (offset // steps * common if steps else offset))


def levels_of_scores(network: Network) -> int:
    """The l of the scores: charges of sources p of whose spikes stand for l levels are in units of the least common l."""
    return _common_levels(network, network.readout)


def _common_levels(network: Network, layer: Layer) -> int:
    return math.lcm(*(network.source_spikes_for_levels(group.source)[1] for group in layer.synapses))


def _charge_in_units(network: Network, layer: Layer, levels: Mapping[str, IntArray], common: int) -> IntArray:
    """Charge of all groups for levels of the ANN, times ``common``, (frames, potentials)."""
    total = np.zeros(1, dtype=np.int64)
    for group in layer.synapses:
        spikes, of_levels = network.source_spikes_for_levels(group.source)
        total = total + spikes * (common // of_levels) * _charge(network, group, levels[group.source])
    return total


def causal_steps(network: Network, layer: Layer) -> int:
    """Time steps of the causal sources of a layer; 0 where it has none."""
    neurons = [network.layer(group.source).neuron for group in layer.synapses if group.source != INPUT]
    return next((neuron.time_steps for neuron in neurons if neuron.mode is NeuronMode.CAUSAL), 0)


def _charge(network: Network, group: Synapses, levels: IntArray) -> IntArray:
    """Charge of one group, (frames, potentials), from the levels of its source, (frames, neurons)."""
    source = network.source_map(group.source)
    inputs = _pooled(levels.astype(_exact_type(group, levels)).reshape(-1, *source), group)
    if not group.is_convolution:
        flat = inputs.reshape(len(inputs), math.prod(inputs.shape[1:]))
        return np.asarray((flat @ group.weights.T.astype(flat.dtype)).astype(np.int64))
    (high, wide), potentials = group.padding, group.output(source)
    padded = np.pad(inputs.transpose(0, 2, 3, 1), ((0, 0), (high, high), (wide, wide), (0, 0)))
    copied = potentials.rows * potentials.columns * source.channels * math.prod(group.window.size)
    at_once = max(1, _WINDOWS_AT_ONCE // copied)
    charges = np.empty((len(padded), potentials.size), dtype=np.int64)
    for first in range(0, len(padded), at_once):
        part = slice(first, first + at_once)
        charges[part] = _convolution(padded[part], group).reshape(-1, potentials.size)
    return charges


def _exact_type(group: Synapses, levels: IntArray) -> type[np.float32] | type[np.float64] | type[np.int64]:
    """The fastest type that holds every partial sum."""
    weights = int(np.abs(group.weights).reshape(len(group.weights), -1).sum(axis=1).max())
    largest = weights * math.prod(group.pooling) * int(np.abs(levels).max(initial=0))
    if largest >= _EXACT_DOUBLE:
        return np.int64
    return np.float64 if largest >= _EXACT_SINGLE else np.float32


def _pooled(maps: Values, group: Synapses) -> Values:
    """Sums of the windows of average pooling in maps (frames, channels, rows, columns)."""
    if group.pooling == (1, 1):
        return maps
    high, wide = group.pooling
    return np.asarray(sliding_window_view(maps, group.pooling, axis=(2, 3))[:, :, ::high, ::wide].sum(axis=(4, 5)))


def _convolution(padded: Values, group: Synapses) -> Values:
    """Charges (frames, channels, rows, columns) of maps (frames, rows, columns, channels), one group of channels at a time."""
    down, right = group.stride
    windows = sliding_window_view(padded, group.window.size, axis=(1, 2))[:, ::down, ::right]
    frames, rows, columns, channels = windows.shape[:4]
    each, outputs = channels // group.groups, []
    for number, weights in enumerate(np.split(group.weights.astype(padded.dtype), group.groups)):
        taken = windows[:, :, :, number * each : (number + 1) * each].transpose(0, 1, 2, 4, 5, 3)
        by_place = weights.transpose(2, 3, 1, 0).reshape(-1, len(weights))
        outputs.append(taken.reshape(frames * rows * columns, len(by_place)) @ by_place)
    return np.concatenate(outputs, axis=1).reshape(frames, rows, columns, -1).transpose(0, 3, 1, 2)
