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
    with_proved_widths,
)
from model.integer_network.structure import INPUT, IntArray, bit_planes, unary_steps
from sim.random_networks import RandomCase


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
    levels = sum(layer.neuron.levels for layer in network.hidden)
    weights = [group.weights for layer in network.layers for group in layer.synapses]
    offsets = sum(int(np.count_nonzero(layer.neuron.offset)) for layer in network.layers)
    codes = sum(layer.neuron.code is WireCode.BITS for layer in network.hidden) + (network.encoder.code is not InputCode.BITS)
    odd_lanes = sum(lanes not in (1, layer.neuron.channels) for lanes, layer in zip(case.lanes, network.layers, strict=True))
    return (
        len(network.layers) + network.neurons + network.encoder.channels + len(case.pixels) + levels + network.encoder.bits,
        codes + odd_lanes,
        sum(int(np.abs(weight).sum()) for weight in weights),
        offsets,
    )


def candidates(case: RandomCase) -> Iterator[RandomCase]:
    """Simpler cases, the greatest steps first; each is a valid network and smaller than ``case``."""
    smallest = size(case)
    for change in (_fewer_frames, _fewer_layers, _fewer_channels, _fewer_levels, _simpler_codes, _simpler_numbers):
        for candidate in change(case):
            try:
                network = verify_network(with_proved_widths(candidate.network))
            except UserError:
                continue
            valid = replace(candidate, network=network)
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
        neuron = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, _none(), np.zeros_like(last.neuron.offset), _none(), 32)
        yield _with_layers(case, [*layers[:end], Layer("readout", last.synapses, neuron)], case.lanes[: end + 1])
    for left_out in range(len(layers) - 1):
        source = INPUT if left_out == 0 else layers[left_out - 1].name
        channels = case.network.encoder.channels if left_out == 0 else layers[left_out - 1].neuron.channels
        following = layers[left_out + 1]
        group = following.synapses[0]
        weights = np.resize(group.weights, (following.neuron.channels, channels))
        joined = replace(following, synapses=(Synapses(source, weights, group.weight_bits),))
        kept = [*layers[:left_out], joined, *layers[left_out + 2 :]]
        yield _with_layers(case, kept, [*case.lanes[:left_out], *case.lanes[left_out + 1 :]])


def _fewer_channels(case: RandomCase) -> Iterator[RandomCase]:
    """Halve the inputs or a layer; or take one away."""
    network = case.network
    inputs = network.encoder.channels
    for kept in {inputs // 2, inputs - 1} - {0}:
        encoder = replace(network.encoder, shape=(kept,))
        first = _keep_inputs(network.layers[0], kept)
        smaller = replace(network, encoder=encoder, layers=(first, *network.layers[1:]))
        yield replace(case, network=smaller, pixels=case.pixels[:, :kept])
    for index, layer in enumerate(network.layers):
        neurons = layer.neuron.channels
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
    fewer = replace(neuron, threshold=neuron.threshold[:kept], offset=neuron.offset[:kept], step_bias=neuron.step_bias[:kept])
    return Layer(layer.name, (replace(group, weights=group.weights[:kept]),), fewer)


def _fewer_levels(case: RandomCase) -> Iterator[RandomCase]:
    """Fewer input bits; fewer levels of a deferred layer; fewer time steps of a causal network."""
    network = case.network
    for bits in {1, network.encoder.bits - 1} - {0}:
        yield replace(case, network=replace(network, encoder=replace(network.encoder, bits=bits)))
    for index, layer in enumerate(network.hidden):
        if layer.neuron.mode is NeuronMode.DEFERRED:
            for levels in {1, layer.neuron.levels // 2, layer.neuron.levels - 1} - {0}:
                yield _with_neuron(case, index, _with_levels(layer.neuron, levels, layer.neuron.code))
    if network.method == "opi" and network.hidden:
        steps = network.hidden[0].neuron.time_steps
        for fewer in {1, steps // 2, steps - 1} - {0}:
            layers = [replace(layer, neuron=replace(layer.neuron, levels=fewer, time_steps=fewer)) for layer in network.hidden]
            readout = replace(network.readout.neuron, offset=network.readout.neuron.offset // steps * fewer)
            yield _with_layers(case, [*layers, replace(network.readout, neuron=readout)], case.lanes)


def _simpler_codes(case: RandomCase) -> Iterator[RandomCase]:
    """Input as bits; hidden layers as unary; one lane, or one a neuron."""
    network = case.network
    if network.encoder.code is InputCode.UNARY:
        encoder = Encoder(network.encoder.shape, network.encoder.bits, InputCode.BITS)
        yield replace(case, network=replace(network, encoder=encoder))
    for index, layer in enumerate(network.hidden):
        if layer.neuron.code is WireCode.BITS:
            yield _with_neuron(case, index, _with_levels(layer.neuron, layer.neuron.levels, WireCode.UNARY))
    for index, layer in enumerate(network.layers):
        for lanes in (layer.neuron.channels, 1):
            if case.lanes[index] not in (1, layer.neuron.channels):
                yield replace(case, lanes=(*case.lanes[:index], lanes, *case.lanes[index + 1 :]))


def _simpler_numbers(case: RandomCase) -> Iterator[RandomCase]:
    """Weights of magnitude 1, fewer of them, no offsets."""
    for index, layer in enumerate(case.network.layers):
        group = layer.synapses[0]
        half = group.weights.copy()
        half[:, half.shape[1] // 2 :] = 0
        for weights, bits in ((np.sign(group.weights), 2), (half, group.weight_bits)):
            layers = list(case.network.layers)
            layers[index] = replace(layer, synapses=(replace(group, weights=weights, weight_bits=bits),))
            yield _with_layers(case, layers, case.lanes)
        zeros = np.zeros_like(layer.neuron.offset)
        yield _with_neuron(case, index, replace(layer.neuron, offset=zeros))


def _with_neuron(case: RandomCase, index: int, neuron: Neuron) -> RandomCase:
    layers = list(case.network.layers)
    layers[index] = replace(layers[index], neuron=neuron)
    return _with_layers(case, layers, case.lanes)


def _with_levels(neuron: Neuron, levels: int, code: WireCode) -> Neuron:
    steps = unary_steps(levels) if code is WireCode.UNARY else bit_planes(levels)
    return replace(neuron, levels=levels, time_steps=steps, code=code)


def _none() -> IntArray:
    return np.zeros(0, dtype=np.int64)
