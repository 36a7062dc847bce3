"""An unrolled layer: weights wired into counters and adders, one time step a cycle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.base.errors import UserError
from model.golden.counts import compares_of_layer
from model.integer_network import Layer, Network, Neuron, NeuronMode, WireCode
from model.integer_network.codes import halving_multiples
from model.integer_network.structure import INPUT, IntArray
from rtl.charge_network.digits import counted_ones, lacking_ones
from rtl.link_plan import LinkPlan, is_map, magnitude_bits


@dataclass(frozen=True)
class UnrolledPlan:
    """How an unrolled layer is built.

    Attributes:
        bits: bits that a time step adds: of each source its magnitude, and once more where it is negative.
        width: of a potential without its constant, which is never negative.
        code: CODE of level_decision.
        floor: negative levels.
        compares: levels that a potential is compared with; 0 of a readout.
        steps: time steps sent; 1 of a readout.
        step_magnitude_bits: of what a time step sends.
        compared: compares of all neurons that the network counts have for a frame.
        resets: of a neuron that reaches 0, 1, … levels, the resets that the network counts have.
    """

    bits: int
    width: int
    code: int
    floor: int
    compares: int
    steps: int
    step_magnitude_bits: int
    compared: int
    resets: tuple[int, ...]


def check_unrolled(network: Network, layer: Layer) -> None:
    """Refuse what the unrolled engine has no circuit for.

    Raises:
        UserError: a map, a layer behind one, a causal layer, or the input of several layers.
    """
    group = layer.synapses[0]
    if is_map(network, layer):
        reason = "it is built as a map (a convolution, a pooled layer, or one of several sources or readers)"
    elif group.pooling != (1, 1) or (group.source != INPUT and network.source_map(group.source).positions != (1, 1)):
        reason = "its source is a map"
    elif layer.neuron.mode is NeuronMode.CAUSAL:
        reason = f"its neurons are causal (method {network.method})"
    elif group.source == INPUT and len(network.readers(INPUT)) > 1:
        reason = "the input has several readers"
    else:
        return
    raise UserError(
        f"layer {layer.name} cannot be unrolled, since {reason}; the unrolled engine builds dense deferred layers and readouts:"
        " set hardware.engine to event for it"
    )


def plan_unrolled(network: Network, layer: Layer, link: LinkPlan) -> UnrolledPlan:
    """Sizes of an unrolled layer; ``link`` is the one that it takes."""
    neuron = layer.neuron
    readout = neuron.mode is NeuronMode.READOUT
    code = {WireCode.COUNT: 0, WireCode.UNARY: 1, WireCode.BITS: 2}.get(neuron.code, 0)
    return UnrolledPlan(
        bits=layer.synapses[0].weights.shape[1] * link.magnitude_bits * (2 if link.signed else 1),
        width=max(int(largest_sums(network, layer, link).max()).bit_length(), 2),
        code=code,
        floor=0 if readout else -neuron.lowest,
        compares=0 if readout else neuron.levels - neuron.lowest,
        steps=max(neuron.time_steps, 1),
        step_magnitude_bits=magnitude_bits(neuron.wire_range),
        compared=0 if readout else compares_of_layer(network, layer),
        resets=(0,) if readout else tuple(_resets(neuron, level) for level in range(neuron.lowest, neuron.levels + 1)),
    )


def step_matrix(layer: Layer, link: LinkPlan) -> IntArray:
    """(neurons, bits): the weights of the bits of a time step in the order of signed_plane."""
    weights = layer.synapses[0].weights
    places = 1 << np.arange(link.magnitude_bits)
    signs = np.array([1, -1] if link.signed else [1])
    of_source = (signs[:, None] * places).reshape(-1)
    matrix: IntArray = (weights[:, :, None] * of_source).reshape(len(weights), -1)
    return matrix


def repeats(network: Network, layer: Layer) -> int:
    """How often what a time step adds counts in a frame: 1 + 2 + 4 … of bit planes, else once a step."""
    steps = network.source_steps(layer.synapses[0].source)
    return (1 << steps) - 1 if network.planes(layer) else steps


def largest_sums(network: Network, layer: Layer, link: LinkPlan) -> IntArray:
    """(neurons,): no potential without its constant is larger: every digit of every weight counts a one in every step."""
    ones = [sum(map(counted_ones, row)) for row in step_matrix(layer, link).tolist()]
    return np.array(ones, dtype=np.int64) * repeats(network, layer)


def frame_constants(network: Network, layer: Layer, link: LinkPlan) -> IntArray:
    """(neurons,): what a frame's sum of ones lacks to the membrane potential: the −1 of every negative digit, and the offset."""
    lacking = [sum(map(lacking_ones, row)) for row in step_matrix(layer, link).tolist()]
    return layer.neuron.offset - np.array(lacking, dtype=np.int64) * repeats(network, layer)


def level_thresholds(network: Network, layer: Layer, link: LinkPlan, plan: UnrolledPlan) -> IntArray:
    """(neurons, compares): the least sum of ones with which a neuron reaches each level; 2**width where none does."""
    neuron = layer.neuron
    levels = np.arange(neuron.lowest + 1, neuron.levels + 1)
    least = neuron.threshold[:, None] * levels - frame_constants(network, layer, link)[:, None]
    clipped: IntArray = np.clip(least, 0, 1 << plan.width)
    return clipped


def _resets(neuron: Neuron, level: int) -> int:
    """Threshold subtractions that the definition's decision on a level makes (docs/ir.md, section 4)."""
    if not neuron.fires_by_division:
        return level if neuron.code is WireCode.UNARY else level.bit_count()
    left, made = level - neuron.lowest, 0
    for multiple in halving_multiples(neuron.levels - neuron.lowest):
        if left >= multiple:
            left, made = left - multiple, made + 1
    return made
