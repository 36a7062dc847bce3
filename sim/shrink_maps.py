"""Simpler networks of maps: fewer layers, sources, windows, pixels and channels.

What is yielded need not fit: a layer is changed alone, ``fitted`` makes the others follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from model.integer_network import InputCode, Layer, Network, Synapses
from sim.random_networks import RandomCase
from sim.refit import refit


def is_dense(network: Network) -> bool:
    """True for a chain of linear layers without maps."""
    layers = network.layers
    convolves = any(len(layer.synapses) > 1 or layer.synapses[0].is_convolution for layer in layers)
    return not convolves and network.encoder.map.positions == (1, 1)


def fitted(case: RandomCase) -> RandomCase:
    """The case with parts that fit each other, and lanes for the layers that are still read.

    Raises:
        UserError: a window is larger than its map.
    """
    lanes = {layer.name: count for layer, count in zip(case.network.layers, case.lanes, strict=True)}
    network = refit(case.network)
    if not network.hidden and network.encoder.code is InputCode.DIRECT:
        # Direct input is for causal neurons.
        network = replace(network, method="pascal", encoder=replace(network.encoder, code=InputCode.BITS))
    return replace(case, network=network, lanes=tuple(lanes[layer.name] for layer in network.layers))


def fewer_layers(case: RandomCase) -> Iterator[RandomCase]:
    """Leave out one of the layers; who reads it reads its source."""
    for left_out in reversed(case.network.hidden):
        source = left_out.synapses[0].source
        layers = []
        for layer in case.network.layers:
            groups = [replace(group, source=source) if group.source == left_out.name else group for group in layer.synapses]
            layers.append(replace(layer, synapses=tuple(groups)))
        kept = [index for index, layer in enumerate(layers) if layer.name != left_out.name]
        network = replace(case.network, layers=tuple(layers[index] for index in kept))
        yield replace(case, network=network, lanes=tuple(case.lanes[index] for index in kept))


def fewer_sources(case: RandomCase) -> Iterator[RandomCase]:
    """One of the sources of a layer."""
    for layer in case.network.layers:
        if len(layer.synapses) > 1:
            for group in layer.synapses:
                yield _with_layer(case, replace(layer, synapses=(group,)))


def simpler_windows(case: RandomCase) -> Iterator[RandomCase]:
    """No pooling; strides of one, no padding, no groups, smaller kernels."""
    for layer in case.network.layers:
        if layer.max_pooling is not None:
            yield _with_layer(case, replace(layer, max_pooling=None))
        for index, group in enumerate(layer.synapses):
            for simpler in _simpler_groups(group):
                groups = [*layer.synapses[:index], simpler, *layer.synapses[index + 1 :]]
                yield _with_layer(case, replace(layer, synapses=tuple(groups)))


def _simpler_groups(group: Synapses) -> Iterator[Synapses]:
    if group.pooling != (1, 1):
        yield replace(group, pooling=(1, 1))
    if not group.is_convolution:
        return
    for high, wide in {(1, 1), (1, group.window.size[1]), (group.window.size[0], 1)} - {group.window.size}:
        padding = (min(group.padding[0], high - 1), min(group.padding[1], wide - 1))
        yield replace(group, weights=group.weights[:, :, :high, :wide], padding=padding)
    if group.stride != (1, 1):
        yield replace(group, stride=(1, 1))
    if group.padding != (0, 0):
        yield replace(group, padding=(0, 0))
    if group.groups > 1:
        yield replace(group, groups=1)


def fewer_pixels(case: RandomCase) -> Iterator[RandomCase]:
    """Half of the channels, rows or columns of the images; or one less."""
    encoder = case.network.encoder
    channels, rows, columns = encoder.map
    images = case.pixels.reshape(len(case.pixels), channels, rows, columns)
    for axis, length in enumerate(encoder.map):
        for kept in sorted({length // 2, length - 1} - {0}):
            shape = [channels, rows, columns]
            shape[axis] = kept
            pixels = images[:, : shape[0], : shape[1], : shape[2]].reshape(len(images), -1)
            network = replace(case.network, encoder=replace(encoder, shape=tuple(shape)))
            yield replace(case, network=network, pixels=pixels)


def fewer_map_channels(case: RandomCase) -> Iterator[RandomCase]:
    """Half of the channels of a layer; or one less."""
    for layer in case.network.layers:
        first, *others = layer.synapses
        for kept in sorted({len(first.weights) // 2, len(first.weights) - 1} - {0}):
            yield _with_layer(case, replace(layer, synapses=(replace(first, weights=first.weights[:kept]), *others)))


def _with_layer(case: RandomCase, changed: Layer) -> RandomCase:
    """The case with one layer exchanged for another of its name."""
    layers = tuple(changed if layer.name == changed.name else layer for layer in case.network.layers)
    return replace(case, network=replace(case.network, layers=layers))
