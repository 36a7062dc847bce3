"""Proof of widths: the range that a membrane potential can reach, over all inputs and every event order."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from model.integer_network.codes import NeuronMode, WireCode, bit_planes
from model.integer_network.structure import IntArray, Layer, Network, Neuron, Synapses


def charge_range(synapses: Synapses, low: int, high: int) -> tuple[IntArray, IntArray]:
    """Lowest and highest charge (channels,) when every source neuron sends ``low``..``high``, low ≤ 0 ≤ high.

    Every partial sum, in any order of events, in the middle of a packet and after any plane of a bit code, lies in this
    range: a prefix of a level is a level of the same sign, and zero is one. Of a convolution it is the range of a window that
    lies inside the map; one that reaches over its border has fewer terms. Average pooling sends the sum of its window.
    """
    weights = synapses.weights.reshape(len(synapses.weights), -1) * math.prod(synapses.pooling)
    positive = np.maximum(weights, 0).sum(axis=1)
    negative = np.minimum(weights, 0).sum(axis=1)
    return high * negative + low * positive, high * positive + low * negative


def needs_saturation(neuron: Neuron) -> bool:
    """True where an unsigned bit-coded level count is not 2**b − 1, so that the divider must be held at ``levels``."""
    bits = neuron.code is WireCode.BITS and not neuron.fires_by_division
    return bits and neuron.levels != (1 << bit_planes(neuron.levels)) - 1


def _deferred_range(low: IntArray, high: IntArray, neuron: Neuron) -> tuple[IntArray, IntArray]:
    """Charge, then charge plus offset (and the shift of a division), then the differences that the threshold compares form."""
    offset = neuron.offset
    if neuron.mode is NeuronMode.READOUT:
        return np.minimum(low, low + offset), np.maximum(high, high + offset)
    final_low, final_high = low + offset, high + offset
    lowest, highest = np.minimum(low, final_low), np.maximum(high, final_high)
    if neuron.fires_by_division:
        shift = -neuron.lowest * neuron.threshold
        offset, final_low, final_high = offset + shift, final_low + shift, final_high + shift
        lowest, highest = np.minimum.reduce([lowest, final_low, offset]), np.maximum.reduce([highest, final_high, offset])
    subtracted = neuron.threshold * max(neuron.fire_multiples)
    lowest = np.minimum(lowest, np.minimum(final_low, -1) - subtracted)
    if needs_saturation(neuron):
        ceiling = neuron.threshold * (neuron.levels + 1)
        lowest = np.minimum(lowest, final_low - ceiling)
        lowest = np.minimum(lowest, offset - ceiling + np.minimum(low, 0))
        highest = np.maximum(highest, ceiling)
    return lowest, highest


def _causal_range(low: IntArray, high: IntArray, neuron: Neuron) -> tuple[IntArray, IntArray]:
    """Interval of the potential over all time steps: charge, bias, shift, compares, soft reset; all of them (neurons,)."""
    threshold, bias = neuron.spread(neuron.threshold), neuron.spread(neuron.step_bias)
    low, high = neuron.spread(low), neuron.spread(high)
    shift = np.zeros_like(bias) if neuron.is_leaky else -neuron.lowest_spike * threshold
    now_low = now_high = neuron.spread(neuron.offset)
    lowest, highest = np.minimum.reduce([now_low, bias, bias + shift]), np.maximum.reduce([now_high, bias, bias + shift])
    subtracted = threshold * max(neuron.fire_multiples)
    for _ in range(neuron.time_steps):
        charged_low, charged_high = now_low + low, now_high + high
        biased_low, biased_high = charged_low + bias, charged_high + bias
        shifted_low, shifted_high = biased_low + shift, biased_high + shift
        compared = np.minimum(shifted_low, 0) - subtracted
        lowest = np.minimum.reduce([lowest, charged_low, biased_low, shifted_low, compared])
        highest = np.maximum.reduce([highest, charged_high, biased_high, shifted_high])
        kmin = 0 if neuron.is_leaky else neuron.lowest_spike
        now_low, now_high = _after_reset(biased_low, biased_high, threshold, kmin, neuron.largest_spike)
        if neuron.is_leaky:
            negative = neuron.spread(neuron.negative_threshold)
            highest = np.maximum(highest, np.maximum(now_high, 0) + negative)
            now_low, now_high = _after_negative_spike(now_low, now_high, negative)
    return lowest, highest


def _after_reset(low: IntArray, high: IntArray, threshold: IntArray, kmin: int, kmax: int) -> tuple[IntArray, IntArray]:
    """Interval of V − k·Θ with k = clip(⌊V / Θ⌋, kmin, kmax) for V of an interval."""
    k_low, k_high = np.clip(low // threshold, kmin, kmax), np.clip(high // threshold, kmin, kmax)
    left_low, left_high = low - k_low * threshold, high - k_high * threshold
    # Between two different k the interval holds a V that begins a bin, which leaves 0, and one that ends a bin, Θ − 1.
    several = k_low != k_high
    lowest = np.where(several, np.minimum(left_low, 0), left_low)
    return lowest, np.where(several, np.maximum(left_high, threshold - 1), left_high)


def _after_negative_spike(low: IntArray, high: IntArray, threshold: IntArray) -> tuple[IntArray, IntArray]:
    """Interval of V, plus Θ⁻ where V < −Θ⁻, for V of an interval."""
    fires, stays = low < -threshold, high >= -threshold
    after_low = np.where(fires, np.where(stays, np.minimum(low + threshold, -threshold), low + threshold), low)
    after_high = np.where(fires, np.where(stays, np.maximum(high, -1), high + threshold), high)
    return after_low, after_high


def potential_range(network: Network, layer: Layer) -> tuple[int, int]:
    """Lowest and highest value that any membrane potential of a layer, or a threshold compare on it, takes.

    The order of charges inside a time step is arbitrary, between the sources as well, and so is the position of the bias.
    """
    by_step = layer.neuron.mode is NeuronMode.CAUSAL
    low, high = received_range(network, layer)
    by_mode = _causal_range if by_step else _deferred_range
    lowest, highest = by_mode(low, high, layer.neuron)
    return int(min(lowest.min(), 0)), int(max(highest.max(), 0))


def received_range(network: Network, layer: Layer) -> tuple[IntArray, IntArray]:
    """Range (channels,) of the charge of a frame, of causal layers of a time step, of all groups together."""
    by_step = layer.neuron.mode is NeuronMode.CAUSAL
    return _charges(_received(network, group, by_step) for group in layer.synapses)


def _received(network: Network, group: Synapses, by_step: bool) -> tuple[IntArray, IntArray]:
    """Range of the charge (channels,) of one group, of a frame or, unless it is constant, of a time step."""
    if by_step and not network.source_is_direct(group.source):
        return charge_range(group, *network.source_wire_range(group.source))
    return charge_range(group, *network.source_range(group.source))


def _charges(ranges: Iterable[tuple[IntArray, IntArray]]) -> tuple[IntArray, IntArray]:
    lows, highs = zip(*ranges, strict=True)
    return np.sum(lows, axis=0), np.sum(highs, axis=0)


def charge_register_range(network: Network, layer: Layer) -> tuple[int, int]:
    """Range of the register that holds the constant charge of a layer with direct input, plus bias and shift of a step."""
    neuron = layer.neuron
    direct = (group for group in layer.synapses if network.source_is_direct(group.source))
    low, high = _charges(_received(network, group, by_step=True) for group in direct)
    bias = neuron.step_bias
    if not neuron.is_leaky:
        bias = bias - neuron.lowest_spike * neuron.threshold
    return int(np.minimum(low, low + bias).min()), int(np.maximum(high, high + bias).max())


def signed_bits(low: int, high: int) -> int:
    """Width of the two's complement number that holds ``low``..``high``."""
    return max((-low - 1).bit_length() if low < 0 else 0, high.bit_length()) + 1


def summed_bits(network: Network, layer: Layer) -> int:
    """Width that also holds every sum of charges on its own, which may be wider than the potential that starts far from it."""
    low, high = received_range(network, layer)
    return max(layer.neuron.potential_bits, signed_bits(int(low.min()), int(high.max())))


def required_bits(network: Network, layer: Layer) -> int:
    """Proved width of a layer's membrane potential, and at least that of a weight, which is added to it as it is."""
    low, high = potential_range(network, layer)
    if network.has_direct_charge(layer):
        charge_low, charge_high = charge_register_range(network, layer)
        low, high = min(low, charge_low), max(high, charge_high)
    return max(signed_bits(low, high), *(group.weight_bits for group in layer.synapses))


def with_proved_widths(network: Network) -> Network:
    """The same network with every ``potential_bits`` set to its proved width."""
    layers = tuple(
        replace(layer, neuron=replace(layer.neuron, potential_bits=required_bits(network, layer))) for layer in network.layers
    )
    return replace(network, layers=layers)
