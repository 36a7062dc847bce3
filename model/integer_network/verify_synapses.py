"""Rules of synapses: sources, shapes that meet, windows that fit, weights within their width."""

from __future__ import annotations

import numpy as np

from model.base.errors import UserError
from model.integer_network.codes import NeuronMode
from model.integer_network.gains import GAIN_BITS
from model.integer_network.shapes import Shape, Window
from model.integer_network.structure import INPUT, Layer, Network, Synapses

LARGEST_WEIGHT_BITS = 8

Pair = tuple[int, int]


def failure(layer: Layer, what: str) -> UserError:
    """The error of a layer that breaks a rule."""
    return UserError(f"integer network, layer {layer.name}: {what}")


def verify_synapses(network: Network, layer: Layer, earlier: list[str]) -> None:
    """Check every group of a layer, and that all of them charge the same map.

    Args:
        network: its layers before this one are verified.
        layer: the layer.
        earlier: what it may read, the encoder and the layers before it.

    Raises:
        UserError: the first rule that does not hold.
    """
    if not layer.synapses:
        raise failure(layer, "no synapses; at least one group is needed")
    maps = []
    for group in layer.synapses:
        if group.source not in earlier:
            raise failure(layer, f"source is {group.source}; earlier are {', '.join(earlier)}")
        source = network.source_map(group.source)
        _verify_weight_bits(layer, group)
        _verify_pooling(layer, group, source)
        if group.is_convolution:
            _verify_convolution(layer, group, group.pooled(source))
        else:
            _verify_linear(layer, group, group.pooled(source))
        _verify_weights(layer, group)
        maps.append(group.output(source))
    if len(set(maps)) > 1:
        found = ", ".join(f"{given} from {group.source}" for given, group in zip(maps, layer.synapses, strict=True))
        raise failure(layer, f"its groups charge maps of {found}; all must be the same map")


def verify_max_pooling(layer: Layer, potentials: Shape) -> Shape:
    """Check the max pooling of a layer, if it has one, and return the map of its neurons.

    Raises:
        UserError: the first rule that does not hold.
    """
    window = layer.max_pooling
    if window is None:
        return potentials
    if layer.neuron.mode is not NeuronMode.DEFERRED:
        raise failure(layer, f"max pooling in a {layer.neuron.mode} layer; only deferred layers have it")
    _verify_window(layer, window, potentials, "max pooling")
    return Shape(potentials.channels, *window.positions(*potentials.positions))


def _verify_weight_bits(layer: Layer, group: Synapses) -> None:
    largest = GAIN_BITS if group.is_identity else LARGEST_WEIGHT_BITS
    if not 2 <= group.weight_bits <= largest:
        gains = " of the gains of an identity" if group.is_identity else ""
        raise failure(layer, f"weight_bits{gains} is {group.weight_bits}; legal are 2 to {largest}")


def _verify_pooling(layer: Layer, group: Synapses, source: Shape) -> None:
    if not all(1 <= size <= length for size, length in zip(group.pooling, source.positions, strict=True)):
        raise failure(
            layer,
            f"average pooling {_pair(group.pooling)} of {group.source}, a map of {source};"
            f" legal are 1x1 to {_pair(source.positions)}",
        )


def _verify_linear(layer: Layer, group: Synapses, inputs: Shape) -> None:
    if group.weights.ndim != 2:
        raise failure(layer, f"weights have shape {group.weights.shape}; linear ones have two dimensions, convolutions four")
    outputs = group.weights.shape[0]
    if group.weights.shape != (max(outputs, 1), inputs.size):
        raise failure(layer, f"weights have shape {group.weights.shape}; expected {(max(outputs, 1), inputs.size)}")
    given = group.stride, group.padding, group.groups
    if given != ((1, 1), (0, 0), 1):
        raise failure(
            layer,
            f"stride {_pair(group.stride)}, padding {_pair(group.padding)}, groups {group.groups};"
            " linear synapses have stride 1x1, padding 0x0, groups 1",
        )


def _verify_convolution(layer: Layer, group: Synapses, inputs: Shape) -> None:
    if layer.neuron.mode is NeuronMode.READOUT:
        raise failure(layer, "its synapses are a convolution; a readout is linear")
    shape = group.weights.shape
    if min(shape) < 1:
        raise failure(layer, f"weights have shape {shape}; every size must be at least 1")
    if group.groups < 1 or inputs.channels % group.groups or shape[0] % group.groups:
        raise failure(
            layer,
            f"groups is {group.groups}; it must divide {inputs.channels} channels of {group.source} and {shape[0]} of its own",
        )
    expected = (shape[0], inputs.channels // group.groups, *shape[2:])
    if shape != expected:
        raise failure(layer, f"weights have shape {shape}; expected {expected}")
    _verify_window(layer, group.window, inputs, "a convolution")


def _verify_window(layer: Layer, window: Window, inputs: Shape, what: str) -> None:
    """Padding stays below the size, so that no window lies outside of the map altogether."""
    if min(window.size) < 1 or min(window.stride) < 1:
        raise failure(layer, f"{what} of size {_pair(window.size)}, stride {_pair(window.stride)}; both must be at least 1x1")
    if not all(0 <= padding < size for padding, size in zip(window.padding, window.size, strict=True)):
        raise failure(
            layer,
            f"{what} of size {_pair(window.size)}, padding {_pair(window.padding)};"
            f" legal are 0x0 to {_pair((window.size[0] - 1, window.size[1] - 1))}",
        )
    if min(window.positions(*inputs.positions)) < 1:
        padded = tuple(length + 2 * padding for length, padding in zip(inputs.positions, window.padding, strict=True))
        raise failure(
            layer,
            f"{what} of size {_pair(window.size)} does not fit into a map of {inputs}, padded {_pair((padded[0], padded[1]))}",
        )


def _verify_weights(layer: Layer, group: Synapses) -> None:
    largest = int(np.abs(group.weights).max(initial=0))
    if largest > group.largest_weight:
        raise failure(
            layer, f"a weight of magnitude {largest}; {group.weight_bits} bits, narrow range, hold {group.largest_weight}"
        )


def verify_readers(network: Network) -> None:
    """Check that something reads the encoder and every layer but the last, and what reads the encoder's direct charge.

    Raises:
        UserError: a layer that nobody reads.
    """
    for layer in network.hidden:
        if not network.readers(layer.name):
            raise failure(layer, "no later layer reads it")
    for layer, group in network.readers(INPUT):
        causal = layer.neuron.mode is NeuronMode.CAUSAL
        if causal != network.source_is_direct(group.source):
            raise failure(
                layer,
                f"mode is {layer.neuron.mode} and it reads input of code {network.encoder.code};"
                " direct input goes with causal layers and only with them",
            )


def _pair(values: Pair) -> str:
    return f"{values[0]}x{values[1]}"
