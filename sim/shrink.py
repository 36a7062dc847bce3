"""From a case that fails to a smaller one that still fails: a bounded greedy search over simpler networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from model.base.errors import UserError
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    verify_network,
    wire_steps,
    with_proved_widths,
)
from model.integer_network.structure import INPUT
from rtl.core_plan import plan_core
from rtl.core_settings import DEFAULT_SETTINGS
from rtl.link_plan import has_maps
from sim.random_networks import RandomCase
from sim.random_neurons import no_integers
from sim.shrink_maps import fewer_layers, fewer_map_channels, fewer_pixels, fewer_sources, fitted, is_dense, simpler_windows

_CODES = (WireCode.UNARY, WireCode.BITS, WireCode.COUNT)
"""Of deferred neurons, the simplest first."""


def shrink(case: RandomCase, fails: Callable[[RandomCase], bool], budget: int) -> RandomCase:
    """The smallest failing case that at most ``budget`` trials find.

    Args:
        case: fails.
        fails: tries a case.
        budget: trials, since each may take seconds.
    """
    trials = 0
    improved = True
    while improved:
        improved = False
        for candidate in candidates(case):
            if trials == budget:
                return case
            trials += 1
            if fails(candidate):
                case, improved = candidate, True
                break
    return case


def size(case: RandomCase) -> tuple[int, ...]:
    """What shrinking makes smaller, the most important first."""
    network = case.network
    weights = [group.weights for layer in network.layers for group in layer.synapses]
    offsets = sum(int(np.count_nonzero(layer.neuron.offset)) for layer in network.layers)
    potentials = sum(network.potential_map(layer).size for layer in network.layers)
    odd_lanes = sum(lanes not in (1, layer.neuron.neurons) for lanes, layer in zip(case.lanes, network.layers, strict=True))
    return (
        len(network.layers) + potentials + network.encoder.neurons + len(case.pixels) + network.encoder.bits
        + sum(_levels(layer.neuron) for layer in network.hidden) + sum(map(_windows, network.layers)),
        sum(_code_rank(layer.neuron) for layer in network.hidden) + (network.encoder.code is not InputCode.BITS) + odd_lanes
        + case.settings.potential_buffers * has_maps(network) + len(case.unrolled) + (case.settings.port != "stream")
        + (case.settings.logic_levels != DEFAULT_SETTINGS.logic_levels),
        sum(int(np.abs(weight).sum()) for weight in weights),
        offsets,
    )  # fmt: skip


def _windows(layer: Layer) -> int:
    """Sources beside the first, and what each window has that a window of one position has not."""
    pairs = [pair for group in layer.synapses for pair in (group.pooling, group.stride, group.padding, group.weights.shape[2:])]
    far = sum(sum(pair) for pair in pairs) + sum(group.groups for group in layer.synapses)
    return far + int(layer.max_pooling is not None)


def _levels(neuron: Neuron) -> int:
    """Levels of a deferred neuron; of a causal one also time steps and what a step can send."""
    levels = neuron.levels - neuron.lowest
    if neuron.mode is NeuronMode.CAUSAL:
        levels += neuron.time_steps + neuron.largest_spike - neuron.lowest_spike
    return levels


def _code_rank(neuron: Neuron) -> int:
    """How far a code is from the simplest."""
    return _CODES.index(neuron.code) if neuron.code in _CODES else int(neuron.is_leaky)


def candidates(case: RandomCase) -> Iterator[RandomCase]:
    """Simpler cases, the greatest steps first; each is a valid network and smaller than ``case``."""
    smallest = size(case)
    of_maps = (fewer_layers, fewer_sources, fewer_pixels, fewer_map_channels, simpler_windows)
    dense = is_dense(case.network)
    parts = (_fewer_layers, _fewer_channels) if dense else of_maps
    for change in (_fewer_frames, *parts, _fewer_levels, _simpler_codes, _simpler_numbers):
        for candidate in change(case):
            try:
                fitting = candidate if dense else fitted(candidate)
                network = verify_network(with_proved_widths(fitting.network))
                plan_core(network, list(fitting.lanes), fitting.engines, fitting.settings)
            except UserError:
                continue
            valid = replace(fitting, network=network)
            if size(valid) < smallest:
                yield valid


def _fewer_frames(case: RandomCase) -> Iterator[RandomCase]:
    frames = len(case.pixels)
    if frames > 1:
        for kept in (slice(0, frames // 2), slice(frames // 2, frames), slice(1, frames), slice(0, frames - 1)):
            yield replace(case, pixels=case.pixels[kept])


def _with_layers(case: RandomCase, layers: Sequence[Layer], lanes: Sequence[int]) -> RandomCase:
    network = replace(case.network, layers=tuple(layers))
    if not network.hidden:
        # Direct input is for causal neurons.
        encoder = network.encoder
        code = InputCode.BITS if encoder.code is InputCode.DIRECT else encoder.code
        network = replace(network, method="pascal", encoder=replace(encoder, code=code))
    return replace(case, network=network, lanes=tuple(lanes))


def _fewer_layers(case: RandomCase) -> Iterator[RandomCase]:
    """End after a hidden layer, or leave one out."""
    layers = case.network.layers
    for end in range(len(layers) - 1):
        last = layers[end]
        offset = np.zeros_like(last.neuron.offset)
        neuron = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, no_integers(), offset, no_integers(), 32)
        yield _with_layers(case, [*layers[:end], Layer("readout", last.synapses, neuron)], case.lanes[: end + 1])
    for left_out in range(len(layers) - 1):
        source = INPUT if left_out == 0 else layers[left_out - 1].name
        channels = case.network.encoder.neurons if left_out == 0 else layers[left_out - 1].neuron.neurons
        following = layers[left_out + 1]
        group = following.synapses[0]
        weights = np.resize(group.weights, (following.neuron.neurons, channels))
        joined = replace(following, synapses=(Synapses(source, weights, group.weight_bits),))
        kept = [*layers[:left_out], joined, *layers[left_out + 2 :]]
        yield _with_layers(case, kept, [*case.lanes[:left_out], *case.lanes[left_out + 1 :]])


def _fewer_channels(case: RandomCase) -> Iterator[RandomCase]:
    """Halve the inputs or a layer; or take one away."""
    network = case.network
    inputs = network.encoder.neurons
    for kept in {inputs // 2, inputs - 1} - {0}:
        encoder = replace(network.encoder, shape=(kept,))
        first = _keep_inputs(network.layers[0], kept)
        smaller = replace(network, encoder=encoder, layers=(first, *network.layers[1:]))
        yield replace(case, network=smaller, pixels=case.pixels[:, :kept])
    for index, layer in enumerate(network.layers):
        neurons = layer.neuron.neurons
        for kept in {neurons // 2, neurons - 1} - {0}:
            layers = list(network.layers)
            layers[index] = _keep_neurons(layer, kept)
            if index + 1 < len(layers):
                layers[index + 1] = _keep_inputs(layers[index + 1], kept)
            lanes = list(case.lanes)
            lanes[index] = min(lanes[index], kept)
            yield _with_layers(case, layers, lanes)


def _keep_inputs(layer: Layer, kept: int) -> Layer:
    group = layer.synapses[0]
    return replace(layer, synapses=(replace(group, weights=group.weights[:, :kept]),))


def _keep_neurons(layer: Layer, kept: int) -> Layer:
    group, neuron = layer.synapses[0], layer.neuron
    fields = ("threshold", "negative_threshold", "offset", "step_bias")
    fewer = replace(neuron, **{field: getattr(neuron, field)[:kept] for field in fields})
    return Layer(layer.name, (replace(group, weights=group.weights[:kept]),), fewer)


def _fewer_levels(case: RandomCase) -> Iterator[RandomCase]:
    """Fewer input bits; fewer levels of a deferred layer; fewer time steps of a causal network, fewer spikes in each."""
    network = case.network
    for bits in {1, network.encoder.bits - 1} - {0}:
        yield replace(case, network=replace(network, encoder=replace(network.encoder, bits=bits)))
    for index, layer in enumerate(network.hidden):
        simpler = _fewer_spikes if layer.neuron.mode is NeuronMode.CAUSAL else _fewer_deferred_levels
        for neuron in simpler(layer.neuron):
            yield _with_neuron(case, index, neuron)
    if network.hidden and network.hidden[0].neuron.mode is NeuronMode.CAUSAL:
        steps = network.hidden[0].neuron.time_steps
        for fewer in {1, steps // 2, steps - 1} - {0}:
            layers = [replace(layer, neuron=replace(layer.neuron, time_steps=fewer)) for layer in network.hidden]
            readout = replace(network.readout.neuron, offset=network.readout.neuron.offset // steps * fewer)
            yield _with_layers(case, [*layers, replace(network.readout, neuron=readout)], case.lanes)


def _fewer_deferred_levels(neuron: Neuron) -> Iterator[Neuron]:
    for lowest in {0, neuron.lowest + (-neuron.lowest + 1) // 2, neuron.lowest + 1} - {neuron.lowest, 1}:
        yield _with_levels(neuron, lowest, neuron.levels, neuron.code)
    for levels in {1, neuron.levels // 2, neuron.levels - 1} - {0}:
        yield _with_levels(neuron, neuron.lowest, levels, neuron.code)


def _fewer_spikes(neuron: Neuron) -> Iterator[Neuron]:
    """No negative threshold; spikes 0..1; fewer on either side. Levels become the spikes, which is always a legal ratio."""
    if neuron.is_leaky:
        yield replace(neuron, negative_threshold=no_integers())
        yield replace(neuron, lowest=-1, levels=1)
        return
    low, high = neuron.lowest_spike, neuron.largest_spike
    ranges = [(0, 1), (0, high), (low, 1), (low - low // 2, high), (low, high - high // 2), (min(low + 1, 0), high)]
    ranges += [(low, max(high - 1, 1)), (low, high)]
    for lowest, largest in ranges:
        yield replace(neuron, lowest_spike=lowest, largest_spike=largest, lowest=lowest, levels=largest)


def _simpler_settings(case: RandomCase) -> Iterator[RandomCase]:
    """The port of beats; the usual levels of logic; no layer unrolled; one buffer."""
    settings = case.settings
    if settings.port != "stream":
        yield replace(case, settings=replace(settings, port="stream"))
    if settings.logic_levels != DEFAULT_SETTINGS.logic_levels:
        yield replace(case, settings=replace(settings, logic_levels=DEFAULT_SETTINGS.logic_levels))
    for name in sorted(case.unrolled):
        yield replace(case, unrolled=case.unrolled - {name})
    if settings.potential_buffers > 1 and has_maps(case.network):
        yield replace(case, settings=replace(settings, potential_buffers=1))


def _simpler_codes(case: RandomCase) -> Iterator[RandomCase]:
    """What is built as usual; input as bits; hidden layers as unary; one lane, or one a neuron."""
    network = case.network
    yield from _simpler_settings(case)
    if network.encoder.code is InputCode.UNARY:
        encoder = Encoder(network.encoder.shape, network.encoder.bits, InputCode.BITS)
        yield replace(case, network=replace(network, encoder=encoder))
    for index, layer in enumerate(network.hidden):
        for code in _CODES[: _CODES.index(layer.neuron.code) if layer.neuron.code in _CODES else 0]:
            yield _with_neuron(case, index, _with_levels(layer.neuron, layer.neuron.lowest, layer.neuron.levels, code))
    for index, layer in enumerate(network.layers):
        for lanes in (layer.neuron.neurons, 1):
            if case.lanes[index] not in (1, layer.neuron.neurons):
                yield replace(case, lanes=(*case.lanes[:index], lanes, *case.lanes[index + 1 :]))


def _simpler_numbers(case: RandomCase) -> Iterator[RandomCase]:
    """Weights of magnitude 1, fewer of them, no offsets."""
    for index, layer in enumerate(case.network.layers):
        group, *others = layer.synapses
        half = group.weights.copy()
        half[:, half.shape[1] // 2 :] = 0
        for weights, bits in ((np.sign(group.weights), 2), (half, group.weight_bits)):
            layers = list(case.network.layers)
            layers[index] = replace(layer, synapses=(replace(group, weights=weights, weight_bits=bits), *others))
            yield _with_layers(case, layers, case.lanes)
        zeros = np.zeros_like(layer.neuron.offset)
        yield _with_neuron(case, index, replace(layer.neuron, offset=zeros))


def _with_neuron(case: RandomCase, index: int, neuron: Neuron) -> RandomCase:
    layers = list(case.network.layers)
    layers[index] = replace(layers[index], neuron=neuron)
    return _with_layers(case, layers, case.lanes)


def _with_levels(neuron: Neuron, lowest: int, levels: int, code: WireCode) -> Neuron:
    return replace(neuron, lowest=lowest, levels=levels, time_steps=wire_steps(code, lowest, levels), code=code)
