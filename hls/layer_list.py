"""A network as hls4ml's list of layers: the class, sizes and memories of each, and forks of what several of them read."""

from __future__ import annotations

from typing import Any

import numpy as np

from hls.chain import Chain
from hls.map_layer_list import map_population, needs_map
from hls.map_layout import channels_last
from hls.memory_layout import LaneLayout
from model.integer_network import InputCode, Layer, Network, Neuron, NeuronMode, WireCode
from model.integer_network.structure import INPUT
from model.integer_network.widths import needs_saturation


def layer_list(chain: Chain) -> list[dict[str, Any]]:
    """One network as hls4ml's list of layers."""
    encoder = chain.network.encoder
    unary = encoder.code is InputCode.UNARY
    entries: list[dict[str, Any]] = [
        {"class_name": "Input", "name": chain.pixels, "input_shape": [encoder.neurons]},
        {
            "class_name": "SpikeUnaryEncoder" if unary else "SpikePlaneEncoder",
            "name": chain.node(INPUT),
            "inputs": [chain.pixels],
            "n_channels": encoder.neurons,
            "n_steps": encoder.time_steps,
            "bits": encoder.bits,
        },
    ]
    ends = {INPUT: _fork(chain, INPUT, entries)}
    for layer in chain.network.layers:
        inputs = [ends[group.source].pop(0) for group in layer.synapses]
        entries.append(map_population(chain, layer, inputs) if needs_map(layer) else _population(chain, layer, inputs))
        if layer is not chain.network.readout:
            ends[layer.name] = _fork(chain, layer.name, entries)
    return entries


def _fork(chain: Chain, source: str, entries: list[dict[str, Any]]) -> list[str]:
    """Where the readers of a source find it, in their order; forks are added to the list of layers where there are several."""
    ends = [chain.node(source)]
    for number in range(len(chain.network.readers(source)) - 1):
        name = chain.fork(source, number)
        copies = [chain.fork_output(source, number, "first"), chain.fork_output(source, number, "second")]
        entries.append({"class_name": "SpikeFork", "name": name, "inputs": [ends.pop()], "outputs": copies})
        ends += copies
    return ends


def _population(chain: Chain, layer: Layer, inputs: list[str]) -> dict[str, Any]:
    network, neuron, synapses = chain.network, layer.neuron, layer.synapses[0]
    layout = LaneLayout(neuron.neurons, chain.lanes[layer.name])
    lift = np.zeros_like(neuron.offset)
    if neuron.fires_by_division:
        # The kernels look for the level less the lowest one; both kinds of bias are added before every decision.
        lift = -neuron.decision_range[0] * neuron.threshold
    causal = neuron.mode is NeuronMode.CAUSAL
    attributes = {
        "class_name": _class_name(layer),
        "name": chain.node(layer.name),
        "inputs": inputs,
        **source_attributes(network, layer),
        "n_neurons": neuron.neurons,
        "n_lanes": layout.lanes,
        "n_groups": layout.groups,
        "weight_bits": synapses.weight_bits,
        "potential_bits": neuron.potential_bits,
        "weight_data": layout.weights(channels_last(synapses.weights, network.source_map(synapses.source))),
        "offset_data": layout.constants(neuron.offset if causal else neuron.offset + lift, surplus=0),
    }
    if neuron.mode is NeuronMode.READOUT:
        return attributes
    attributes |= firing_attributes(neuron)
    if causal:
        attributes["step_bias_data"] = layout.constants(neuron.step_bias + lift, surplus=0)
        attributes["source_is_direct"] = network.source_is_direct(synapses.source)
    return attributes | _decision_memories(layout, neuron)


def source_attributes(network: Network, layer: Layer) -> dict[str, Any]:
    """What a population is told of its source: channels, time steps, code, and what a time step carries."""
    synapses = layer.synapses[0]
    low, high = network.source_wire_range(synapses.source)
    return {
        "n_sources": synapses.weights.shape[1],
        "n_source_steps": network.source_steps(synapses.source),
        "source_is_bits": network.source_is_bits(synapses.source),
        "source_is_signed": low < 0,
        "n_magnitude_bits": max(-low, high).bit_length(),
    }


def firing_attributes(neuron: Neuron) -> dict[str, Any]:
    """What a population is told of its output, and of its decision where it divides."""
    low, high = neuron.wire_range
    packets = neuron.code is WireCode.COUNT or (_divides(neuron) and neuron.code is WireCode.TRAIN)
    code = "count" if packets else "bits" if neuron.code is WireCode.BITS else "unary"
    attributes = {"n_steps": neuron.time_steps, "code": code, "spike_low": low, "spike_high": high}
    if _divides(neuron):
        lowest, highest = neuron.decision_range
        passes = len(neuron.fire_multiples)
        attributes |= {"lowest": lowest, "level_range": highest - lowest, "n_passes": passes}
    return attributes


def is_plain_causal(neuron: Neuron) -> bool:
    """True where a decision is one comparison with the threshold: a causal neuron that sends 0 or 1 in a time step."""
    return neuron.mode is NeuronMode.CAUSAL and neuron.decision_range == (0, 1)


def _divides(neuron: Neuron) -> bool:
    return neuron.fires_by_division and not is_plain_causal(neuron)


def _decision_memories(layout: LaneLayout, neuron: Neuron) -> dict[str, Any]:
    """The memories that a firing population compares with."""
    if _divides(neuron):
        multiples = neuron.threshold[:, None] * np.array(neuron.fire_multiples, dtype=np.int64)
        return {"multiple_data": layout.weights(multiples)}
    memories = {"threshold_data": layout.constants(neuron.threshold, surplus=1)}
    if neuron.is_leaky:
        memories["negative_threshold_data"] = layout.constants(neuron.negative_threshold, surplus=1)
    if needs_saturation(neuron):
        ceiling = (neuron.levels + 1) * neuron.threshold - 1
        memories["ceiling_data"] = layout.constants(ceiling, surplus=0)
    return memories


def _class_name(layer: Layer) -> str:
    neuron = layer.neuron
    if neuron.mode is NeuronMode.READOUT:
        return "ReadoutPopulation"
    if neuron.is_leaky:
        return "LeakyCausalPopulation"
    causal = neuron.mode is NeuronMode.CAUSAL
    if _divides(neuron):
        return "DividingCausalPopulation" if causal else "DividingDeferredPopulation"
    if causal:
        return "CausalPopulation"
    return "SaturatingDeferredPopulation" if needs_saturation(neuron) else "DeferredPopulation"
