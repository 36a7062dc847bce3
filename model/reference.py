"""The integer reference: the quantised ANN in NumPy integers, one floor division a layer, no spikes, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from model.integer_network import Layer, Network, NeuronMode
from model.integer_network.structure import INPUT, IntArray


@dataclass(frozen=True, eq=False)
class ReferenceResult:
    """Levels of every hidden layer, (frames, channels); scores and classes of the readout."""

    levels: dict[str, IntArray]
    scores: IntArray
    classes: IntArray


def evaluate_reference(network: Network, input_levels: npt.NDArray[np.integer[Any]]) -> ReferenceResult:
    """Evaluate the ANN that a network was converted from.

    Deferred neuron: k = clip(floor((A + offset) / Θ), 0, L), algorithms: QCFS (ICLR 2022) with Θ and offset rounded.
    Causal neuron: the same staircase in the clip's units, where A and the bias of a step stand for one of L steps.

    Args:
        network: the integer network.
        input_levels: (frames, channels), levels of the encoder.
    """
    levels: dict[str, IntArray] = {}
    now = input_levels.astype(np.int64)
    previous_levels = 1
    for layer in network.hidden:
        now = _layer_levels(layer, now, previous_levels)
        levels[layer.name] = now
        previous_levels = layer.neuron.levels
    scores = now @ network.readout.synapses[0].weights.T + _readout_offset(network, previous_levels)
    return ReferenceResult(levels, scores, scores.argmax(axis=1))


def _layer_levels(layer: Layer, source: IntArray, source_levels: int) -> IntArray:
    neuron = layer.neuron
    charge = source @ layer.synapses[0].weights.T
    if neuron.mode is NeuronMode.DEFERRED:
        quotient = (charge + neuron.offset) // neuron.threshold
    else:
        numerator = neuron.levels * (charge + source_levels * neuron.step_bias) + source_levels * neuron.offset
        quotient = numerator // (source_levels * neuron.threshold)
    return np.asarray(np.clip(quotient, 0, neuron.levels))


def _readout_offset(network: Network, source_levels: int) -> IntArray:
    """The readout's bias; after causal neurons it is per time step, and the ANN has one step a level."""
    offset = network.readout.neuron.offset
    source = network.readout.synapses[0].source
    if source == INPUT or network.layer(source).neuron.mode is not NeuronMode.CAUSAL:
        return offset
    return offset // network.layer(source).neuron.time_steps * source_levels
