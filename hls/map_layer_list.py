"""Populations of maps and of several sources as entries of hls4ml's list of layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from hls.chain import Chain
from hls.map_constants import map_constants, synapse_constants
from hls.map_layout import ChannelLayout, channels_last, window_weights
from model.base.errors import UserError
from model.integer_network import Layer, Neuron, NeuronMode
from model.integer_network.codes import halving_multiples
from model.integer_network.structure import IntArray

LARGEST_GROUPS = 2
"""Sources that one population can have."""


def needs_map(layer: Layer) -> bool:
    """True for everything but linear synapses from one source without pooling."""
    group = layer.synapses[0]
    pools = group.pooling != (1, 1) or layer.max_pooling is not None
    return len(layer.synapses) > 1 or group.is_convolution or pools


def map_population(chain: Chain, layer: Layer, inputs: list[str]) -> dict[str, Any]:
    """One population.

    Args:
        chain: its network and lanes.
        layer: a layer that needs the kernels of maps.
        inputs: where each group of synapses finds its source.

    Raises:
        UserError: more than two groups of synapses.
    """
    if len(layer.synapses) > LARGEST_GROUPS:
        raise UserError(
            f"integer network, layer {layer.name}: {len(layer.synapses)} groups of synapses;"
            f" the HLS project has at most {LARGEST_GROUPS} a layer, so add some of them in a layer before"
        )
    network, neuron = chain.network, layer.neuron
    lanes = chain.lanes[layer.name]
    layout = ChannelLayout(neuron.channels, lanes)
    low, high = neuron.wire_range
    weights = {
        name: layout.weights(window_weights(group, network.source_map(group.source)), group.groups)
        for name, group in zip(("weight_data", "second_weight_data"), layer.synapses, strict=False)
    }
    return {
        "class_name": _class_name(neuron),
        "name": chain.node(layer.name),
        "inputs": inputs,
        "constants": map_constants(network, layer, lanes),
        "synapses": [synapse_constants(network, layer, group, lanes) for group in layer.synapses],
        "potential_bits": neuron.potential_bits,
        "weight_bits": [group.weight_bits for group in layer.synapses],
        "spike_low": low,
        "spike_high": high,
        **weights,
        **_constant_memories(layout, neuron),
    }


def _class_name(neuron: Neuron) -> str:
    if neuron.mode is NeuronMode.READOUT:
        return "ReadoutMap"
    if neuron.is_leaky:
        return "LeakyCausalMap"
    return "CausalMap" if neuron.mode is NeuronMode.CAUSAL else "DeferredMap"


def _constant_memories(layout: ChannelLayout, neuron: Neuron) -> dict[str, IntArray]:
    """Offsets, biases, and what a firing population compares with."""
    offset = channels_last(neuron.offset, neuron.map) if neuron.offset.size > neuron.channels else neuron.offset
    offset = offset.reshape(-1, neuron.channels)
    if neuron.mode is NeuronMode.READOUT:
        return {"offset_data": layout.constants(offset, surplus=0)}
    if neuron.is_leaky:
        return {
            "threshold_data": layout.constants(neuron.threshold, surplus=1),
            "negative_threshold_data": layout.constants(neuron.negative_threshold, surplus=1),
            "offset_data": layout.constants(offset, surplus=0),
            "step_bias_data": layout.constants(neuron.step_bias, surplus=0),
        }
    lowest, highest = neuron.decision_range
    # The kernels look for the level less the lowest one; offset and bias of a step are added before every decision.
    lift = -lowest * neuron.threshold
    multiples = np.array(halving_multiples(highest - lowest), dtype=np.int64)[:, None] * neuron.threshold
    memories = {"multiple_data": layout.constants(multiples, surplus=0)}
    if neuron.mode is NeuronMode.CAUSAL:
        memories["offset_data"] = layout.constants(offset, surplus=0)
        memories["step_bias_data"] = layout.constants(neuron.step_bias + lift, surplus=0)
    else:
        memories["offset_data"] = layout.constants(offset + lift, surplus=0)
    return memories
