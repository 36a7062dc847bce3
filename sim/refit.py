"""Make the parts of a network fit each other again after some of them were made smaller."""

from __future__ import annotations

from dataclasses import replace
from math import gcd

import numpy as np

from model.base.errors import UserError
from model.integer_network import Layer, Network, Neuron, Shape, Synapses
from model.integer_network.structure import INPUT, IntArray


def refit(network: Network) -> Network:
    """Weights, windows, groups, constants and positions follow the maps of their sources; layers that nobody reads are left out.

    The first synapses of a layer say how many channels it has; others that no longer give the same map are left out.

    Raises:
        UserError: a window is larger than its map.
    """
    sources = {INPUT: network.encoder.map}
    layers = []
    for layer in network.layers:
        channels = len(layer.synapses[0].weights)
        groups = [_refit_synapses(group, sources[group.source], channels) for group in layer.synapses]
        potentials = groups[0].output(sources[groups[0].source])
        groups = [group for group in groups if group.output(sources[group.source]) == potentials]
        neurons = potentials
        if layer.max_pooling is not None:
            neurons = Shape(channels, *layer.max_pooling.positions(*potentials.positions))
        if min(neurons) < 1:
            raise UserError(f"layer {layer.name} is {neurons}; a map needs at least one position: take smaller windows")
        layers.append(replace(layer, synapses=tuple(groups), neuron=_refit_neuron(layer.neuron, neurons)))
        sources[layer.name] = neurons
    return replace(network, layers=_read_layers(layers))


def _refit_synapses(group: Synapses, source: Shape, channels: int) -> Synapses:
    pooling = (min(group.pooling[0], source.rows), min(group.pooling[1], source.columns))
    group = replace(group, pooling=pooling)
    pooled = group.pooled(source)
    if not group.is_convolution:
        return replace(group, weights=_cut(group.weights, (channels, pooled.size)))
    high, wide = (min(size, length) for size, length in zip(group.window.size, pooled.positions, strict=True))
    split = gcd(group.groups, source.channels, channels)
    weights = _cut(group.weights, (channels, source.channels // split, high, wide))
    padding = (min(group.padding[0], high - 1), min(group.padding[1], wide - 1))
    return replace(group, weights=weights, padding=padding, groups=split)


def _refit_neuron(neuron: Neuron, neurons: Shape) -> Neuron:
    """Constants of the first channels; starts of single neurons become those of channels where the map changed."""
    if neuron.map == neurons:
        return neuron

    def cut(constants: IntArray) -> IntArray:
        return np.resize(constants, neurons.channels) if constants.size else constants

    return replace(
        neuron,
        positions=neurons.positions,
        threshold=cut(neuron.threshold),
        negative_threshold=cut(neuron.negative_threshold),
        step_bias=cut(neuron.step_bias),
        offset=cut(neuron.offset),
    )


def _cut(weights: IntArray, shape: tuple[int, ...]) -> IntArray:
    """The first weights along every axis; repeated where there are too few."""
    return weights[np.ix_(*(np.arange(wanted) % size for wanted, size in zip(shape, weights.shape, strict=True)))]


def _read_layers(layers: list[Layer]) -> tuple[Layer, ...]:
    """The readout and the layers that are read on the way to it."""
    read = {layers[-1].name}
    for layer in reversed(layers):
        if layer.name in read:
            read |= {group.source for group in layer.synapses}
    return tuple(layer for layer in layers if layer.name in read)
