"""Deferred neurons, which decide once, after all charge of a frame: what pascal, parallel and pmsm at one step share.

k = clip(floor((Σ weights·level + offset) / Θ), lowest, levels), whatever code carries k, so the network equals its ANN. Θ
and the bias are rounded together; the offset is bias + ⌊Θ/2⌋ in one number.
"""

from __future__ import annotations

import numpy as np

from model.conversion.fold import FoldedLayer, Rounding, fold, nearest_integers, rounded, rounding
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedLayer, TrainedNetwork
from model.integer_network import Layer, Neuron, NeuronMode, Synapses, WireCode
from model.integer_network.codes import wire_steps
from model.integer_network.structure import IntArray

Converted = tuple[tuple[Layer, ...], dict[str, Rounding]]
"""Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""


def deferred_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Convert a quantised network, signed or not, to deferred neurons."""
    layers: list[Layer] = []
    certificate = {}
    for layer, code in zip(trained.hidden, codes.hidden, strict=True):
        folded = fold(trained, layer)
        neuron = _neuron(folded, code, layer.positions)
        layers.append(Layer(layer.name, synapses_of(layer, folded), neuron, layer.max_pooling))
        certificate[layer.name] = rounding(folded, _boundaries(folded, neuron.threshold, neuron.offset), neuron.threshold)
    layers.append(readout_layer(trained, trained.source_unit(trained.readout.synapses), steps=1))
    return tuple(layers), certificate


def synapses_of(layer: TrainedLayer, folded: FoldedLayer) -> tuple[Synapses, ...]:
    """The groups of a layer of the integer network."""
    return tuple(group.in_network(weights) for group, weights in zip(layer.synapses, folded.weights, strict=True))


def readout_layer(trained: TrainedNetwork, unit: float, steps: int) -> Layer:
    """Scores in accumulator units: one scale for the whole layer, so only the bias is rounded.

    Args:
        trained: the trained network.
        unit: the activation that one spike of the source stands for, behind average pooling.
        steps: how often the rounded bias is added.
    """
    readout = trained.readout
    neuron = Neuron(
        mode=NeuronMode.READOUT,
        code=WireCode.NONE,
        levels=0,
        time_steps=0,
        threshold=np.empty(0, dtype=np.int64),
        offset=rounded(readout.bias / (readout.scale * unit)) * steps,
        step_bias=np.empty(0, dtype=np.int64),
        potential_bits=1,
    )
    return Layer("readout", (readout.synapses.in_network(readout.weights),), neuron)


def _neuron(folded: FoldedLayer, code: WireCode, positions: tuple[int, int]) -> Neuron:
    """Offset = bias + V0 in one number, V0 = ⌊Θ/2⌋ being the half of floor(x + 1/2)."""
    threshold, bias = nearest_integers(
        folded,
        folded.threshold,
        lambda near: folded.middle * near - near // 2 - folded.boundary(folded.middle),
        lambda near, bias: _boundaries(folded, near, bias + near // 2),
    )
    threshold = np.where(folded.constant, 1, threshold)
    return Neuron(
        mode=NeuronMode.DEFERRED,
        code=code,
        levels=folded.levels,
        time_steps=wire_steps(code, folded.lowest, folded.levels),
        threshold=threshold,
        offset=np.where(folded.constant, folded.constant_level, bias + threshold // 2),
        step_bias=np.empty(0, dtype=np.int64),
        potential_bits=1,
        lowest=folded.lowest,
        positions=positions,
    )


def _boundaries(folded: FoldedLayer, threshold: IntArray, offset: IntArray) -> IntArray:
    """Level m from A + offset ≥ m·Θ on, (channels, numbers)."""
    return np.asarray(np.array(folded.numbers) * threshold[:, None] - offset[:, None])
