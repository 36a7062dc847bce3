"""The integer reference: the quantised ANN in NumPy integers, one floor division a layer, no spikes, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.integer_network import Layer, Network, Neuron, NeuronMode
from model.integer_network.structure import INPUT, IntArray


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """Levels of every hidden layer, (frames, channels); scores and classes of the readout."""

    levels: dict[str, IntArray]
    scores: IntArray
    classes: IntArray


def evaluate_reference(network: Network, input_levels: npt.NDArray[np.integer[Any]]) -> ReferenceResult:
    """Evaluate the ANN that a network was converted from.

    Deferred neuron: k = clip(floor((A + offset) / Θ), kmin, L), algorithms: QCFS (ICLR 2022) with Θ and offset rounded.
    Causal neuron: the same staircase with V0 = ⌊Θ/2⌋, whatever its initial potential is; p of its spikes in a time step stand
    for l levels, and the source's likewise, so that charge and bias of a step stand for p of l levels.

    Args:
        network: the integer network.
        input_levels: (frames, channels), levels of the encoder.
    """
    levels: dict[str, IntArray] = {}
    now = input_levels.astype(np.int64)
    for layer in network.hidden:
        charge = now @ layer.synapses[0].weights.T
        causal = layer.neuron.mode is NeuronMode.CAUSAL
        now = _causal_levels(network, layer, charge) if causal else _deferred_levels(layer.neuron, charge)
        levels[layer.name] = now
    scores = _scores(network, now)
    return ReferenceResult(levels, scores, scores.argmax(axis=1))


def _deferred_levels(neuron: Neuron, charge: IntArray) -> IntArray:
    return np.asarray(np.clip((charge + neuron.offset) // neuron.threshold, neuron.lowest, neuron.levels))


def _causal_levels(network: Network, layer: Layer, charge: IntArray) -> IntArray:
    neuron = layer.neuron
    source_spikes, source_levels = network.source_spikes_for_levels(layer.synapses[0].source)
    spikes, levels = neuron.spikes_for_levels
    total = levels * (source_spikes * charge + source_levels * neuron.step_bias)
    unit = source_levels * spikes

    def staircase(threshold: IntArray) -> IntArray:
        return np.asarray((total + unit * (threshold // 2)) // (unit * threshold))

    quotient = staircase(neuron.threshold)
    if neuron.is_leaky:
        quotient = np.where(total < 0, staircase(neuron.negative_threshold), quotient)
    return np.asarray(np.clip(quotient, neuron.lowest, neuron.levels))


def _scores(network: Network, levels: IntArray) -> IntArray:
    """Scores; after causal neurons the offset is the bias of a step for every time step, and the ANN has one step a level."""
    readout = network.readout
    source = readout.synapses[0].source
    source_spikes, source_levels = network.source_spikes_for_levels(source)
    offset = readout.neuron.offset
    if source != INPUT and network.layer(source).neuron.mode is NeuronMode.CAUSAL:
        offset = offset // network.layer(source).neuron.time_steps * source_levels
    return np.asarray(source_spikes * (levels @ readout.synapses[0].weights.T) + offset)
