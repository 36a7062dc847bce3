"""Proof of widths: the range that a membrane potential can reach, over all inputs and every event order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from model.integer_network.structure import IntArray, Layer, Network, Neuron, NeuronMode, Synapses, WireCode, bit_planes


def charge_range(synapses: Synapses, levels: int) -> tuple[IntArray, IntArray]:
    """Lowest and highest charge (channels,) when every source channel sends 0..``levels``.

    Every partial sum, in any order of events and after any plane of a bit code, lies in this range:
    a prefix of a level is a level, and zero is one.
    """
    positive = np.maximum(synapses.weights, 0).sum(axis=1)
    negative = np.minimum(synapses.weights, 0).sum(axis=1)
    return levels * negative, levels * positive


def needs_saturation(neuron: Neuron) -> bool:
    """True where a bit-coded level count is not 2**b − 1, so that the divider must be held at ``levels``."""
    return neuron.code is WireCode.BITS and neuron.levels != (1 << bit_planes(neuron.levels)) - 1


def _deferred_range(low: IntArray, high: IntArray, neuron: Neuron) -> tuple[IntArray, IntArray]:
    """Charge, then charge plus offset, then the differences that the threshold compares form."""
    final_low, final_high = low + neuron.offset, high + neuron.offset
    if neuron.mode is NeuronMode.READOUT:
        return np.minimum(low, final_low), np.maximum(high, final_high)
    largest_multiple = 1 if neuron.code is WireCode.UNARY else 1 << (bit_planes(neuron.levels) - 1)
    subtracted = neuron.threshold * largest_multiple
    lowest = np.minimum(low, np.minimum(final_low, -1) - subtracted)
    highest = np.maximum(high, final_high)
    if needs_saturation(neuron):
        ceiling = neuron.threshold * (neuron.levels + 1)
        lowest = np.minimum(lowest, final_low - ceiling)
        lowest = np.minimum(lowest, neuron.offset - ceiling + np.minimum(low, 0))
        highest = np.maximum(highest, ceiling)
    return lowest, highest


def _causal_range(low: IntArray, high: IntArray, neuron: Neuron, steps: int) -> tuple[IntArray, IntArray]:
    """Interval of the potential over all steps; one soft reset at most a step."""
    threshold, bias = neuron.threshold, neuron.step_bias
    now_low, now_high = neuron.offset.copy(), neuron.offset.copy()
    lowest, highest = np.minimum(now_low, bias), np.maximum(now_high, bias)
    for _ in range(steps):
        charged_low, charged_high = now_low + low, now_high + high
        biased_low, biased_high = charged_low + bias, charged_high + bias
        lowest = np.minimum.reduce([lowest, charged_low, biased_low, np.minimum(biased_low, 0) - threshold])
        highest = np.maximum.reduce([highest, charged_high, biased_high])
        can_fire = biased_high >= threshold
        can_stay = biased_low < threshold
        fired_low = np.maximum(biased_low, threshold) - threshold
        fired_high = biased_high - threshold
        stayed_high = np.minimum(biased_high, threshold - 1)
        now_low = np.where(can_fire & can_stay, np.minimum(biased_low, fired_low), np.where(can_fire, fired_low, biased_low))
        now_high = np.where(
            can_fire & can_stay, np.maximum(stayed_high, fired_high), np.where(can_fire, fired_high, stayed_high)
        )
    return lowest, highest


def potential_range(network: Network, layer: Layer) -> tuple[int, int]:
    """Lowest and highest value that any membrane potential of a layer, or a threshold compare on it, takes.

    The order of charges inside a time step is arbitrary, and so is the position of the bias among them.
    """
    neuron, synapses = layer.neuron, layer.synapses[0]
    levels = network.source_levels(synapses.source)
    if neuron.mode is NeuronMode.CAUSAL:
        per_step = levels if network.source_is_direct(synapses.source) else 1
        low, high = charge_range(synapses, per_step)
        lowest, highest = _causal_range(low, high, neuron, neuron.time_steps)
    else:
        low, high = charge_range(synapses, levels)
        lowest, highest = _deferred_range(low, high, neuron)
    return int(min(lowest.min(), 0)), int(max(highest.max(), 0))


def charge_register_range(network: Network, layer: Layer) -> tuple[int, int]:
    """Range of the register that holds the constant charge plus bias of a layer with direct input."""
    low, high = charge_range(layer.synapses[0], network.encoder.levels)
    bias = layer.neuron.step_bias
    return int(np.minimum(low, low + bias).min()), int(np.maximum(high, high + bias).max())


def signed_bits(low: int, high: int) -> int:
    """Width of the two's complement number that holds ``low``..``high``."""
    return max((-low - 1).bit_length() if low < 0 else 0, high.bit_length()) + 1


def required_bits(network: Network, layer: Layer) -> int:
    """Proved width of a layer's membrane potential, and at least that of a weight, which is added to it as it is."""
    low, high = potential_range(network, layer)
    if network.source_is_direct(layer.synapses[0].source):
        charge_low, charge_high = charge_register_range(network, layer)
        low, high = min(low, charge_low), max(high, charge_high)
    return max(signed_bits(low, high), layer.synapses[0].weight_bits)


def with_proved_widths(network: Network) -> Network:
    """The same network with every ``potential_bits`` set to its proved width."""
    layers = tuple(
        replace(layer, neuron=replace(layer.neuron, potential_bits=required_bits(network, layer))) for layer in network.layers
    )
    return replace(network, layers=layers)
