"""Deferred neurons, which decide once, after all charge of a frame: what pascal, parallel and pmsm at one step share.

k = clip(floor((Σ weights·level + offset) / Θ), lowest, levels), whatever code carries k, so the network equals its ANN. Θ
and the bias are rounded together; the offset is bias + ⌊Θ/2⌋ in one number.
"""

from __future__ import annotations

import numpy as np

from model.conversion.fold import FoldedLayer, Rounding, fold, nearest_integers, rounded, rounding
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork
from model.integer_network import Layer, Neuron, NeuronMode, Synapses, WireCode
from model.integer_network.structure import INPUT, IntArray, wire_steps

Converted = tuple[tuple[Layer, ...], dict[str, Rounding]]
"""Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""


def deferred_layers(trained: TrainedNetwork, codes: Codes) -> Converted:
    """Convert a quantised network, signed or not, to deferred neurons."""
    layers: list[Layer] = []
    certificate = {}
    source, unit, levels = INPUT, 1.0 / trained.input_levels, (0, trained.input_levels)
    for index, layer in enumerate(trained.hidden):
        name = f"hidden{index + 1}"
        folded = fold(layer, unit, levels)
        neuron = _neuron(folded, codes.hidden[index])
        layers.append(Layer(name, (Synapses(source, folded.weights, layer.weight_bits),), neuron))
        certificate[name] = rounding(folded, _boundaries(folded, neuron.threshold, neuron.offset), neuron.threshold)
        source, unit, levels = name, layer.unit, (layer.lowest, layer.levels)
    layers.append(readout_layer(trained, source, unit, steps=1))
    return tuple(layers), certificate


def readout_layer(trained: TrainedNetwork, source: str, unit: float, steps: int) -> Layer:
    """Scores in accumulator units: one scale for the whole layer, so only the bias is rounded.

    Args:
        trained: the trained network.
        source: name of the source.
        unit: the activation that one spike of the source stands for.
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
    return Layer("readout", (Synapses(source, readout.weights, readout.weight_bits),), neuron)


def _neuron(folded: FoldedLayer, code: WireCode) -> Neuron:
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
    )


def _boundaries(folded: FoldedLayer, threshold: IntArray, offset: IntArray) -> IntArray:
    """Level m from A + offset ≥ m·Θ on, (channels, numbers)."""
    return np.asarray(np.array(folded.numbers) * threshold[:, None] - offset[:, None])
