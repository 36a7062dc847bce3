"""The verifier: everything that every stage may rely on, checked after every pass and on every load."""

from __future__ import annotations

import numpy as np

from model.base.errors import UserError
from model.integer_network.codes import InputCode, NeuronMode, WireCode, wire_steps
from model.integer_network.shapes import Shape
from model.integer_network.structure import INPUT, Layer, Network, Neuron
from model.integer_network.verify_synapses import failure, verify_max_pooling, verify_readers, verify_synapses
from model.integer_network.widths import required_bits

LARGEST_POTENTIAL_BITS = 32
LARGEST_LEVEL = 64
LARGEST_TIME_STEPS = 64

_LEGAL_CODES = {
    NeuronMode.DEFERRED: (WireCode.UNARY, WireCode.BITS, WireCode.COUNT),
    NeuronMode.CAUSAL: (WireCode.TRAIN,),
    NeuronMode.READOUT: (WireCode.NONE,),
}


def verify_network(network: Network) -> Network:
    """Check a network and return it.

    Raises:
        UserError: the first rule that does not hold, with layer, field and value.
    """
    _verify_encoder(network)
    if not network.layers:
        raise UserError(f"network {network.name}: no layers; at least the readout is needed")
    names = [layer.name for layer in network.layers]
    if len(set(names)) != len(names) or INPUT in names:
        raise UserError(f"network {network.name}: layer names {names} must be distinct and none may be '{INPUT}'")
    earlier = [INPUT]
    for layer in network.layers:
        verify_synapses(network, layer, earlier)
        _verify_neuron(network, layer, last=layer is network.layers[-1])
        earlier.append(layer.name)
    verify_readers(network)
    _verify_readout_of_causal(network)
    for layer in network.layers:
        _verify_width(network, layer)
    return network


def _verify_encoder(network: Network) -> None:
    encoder = network.encoder
    if not 1 <= encoder.bits <= 8:
        raise UserError(f"integer network, encoder: bits is {encoder.bits}; legal are 1 to 8")
    if not 1 <= len(encoder.shape) <= 3:
        raise UserError(
            f"integer network, encoder: shape is {encoder.shape};"
            " legal are (channels,), (rows, columns) and (channels, rows, columns)"
        )
    if any(size < 1 for size in encoder.shape):
        raise UserError(f"integer network, encoder: shape is {encoder.shape}; every size must be at least 1")
    first_is_causal = bool(network.layers) and network.layers[0].neuron.mode is NeuronMode.CAUSAL
    if first_is_causal != (encoder.code is InputCode.DIRECT):
        raise UserError(
            f"integer network, encoder: code is {encoder.code}, the first layer is {network.layers[0].neuron.mode};"
            " direct input goes with a causal first layer and only with it"
        )


def _verify_neuron(network: Network, layer: Layer, last: bool) -> None:
    neuron = layer.neuron
    if (neuron.mode is NeuronMode.READOUT) != last:
        raise failure(layer, f"mode is {neuron.mode}; the last layer and only the last is a readout")
    if neuron.code not in _LEGAL_CODES[neuron.mode]:
        legal = ", ".join(_LEGAL_CODES[neuron.mode])
        raise failure(layer, f"code is {neuron.code}; a {neuron.mode} neuron sends {legal}")
    for source in (group.source for group in layer.synapses):
        if neuron.mode is NeuronMode.CAUSAL and network.source_is_bits(source) and not network.source_is_direct(source):
            raise failure(layer, "mode is causal and the source sends bits; causal neurons take direct charge or spike trains")
    _verify_constants(layer, verify_max_pooling(layer, network.potential_map(layer)))
    _verify_time_steps(network, layer, neuron)


def _verify_constants(layer: Layer, neurons: Shape) -> None:
    """Constants are the channels'; only the start of causal neurons may be each neuron's own."""
    neuron, channels = layer.neuron, neurons.channels
    fires = neuron.mode is not NeuronMode.READOUT
    causal = neuron.mode is NeuronMode.CAUSAL
    expected = {
        "threshold": {(channels,)} if fires else {(0,)},
        "negative_threshold": {(channels,)} if neuron.is_leaky else {(0,)},
        "offset": {(channels,), (neurons.size,)} if causal else {(channels,)},
        "step_bias": {(channels,)} if causal else {(0,)},
    }
    for name, shapes in expected.items():
        array = getattr(neuron, name)
        if array.shape not in shapes:
            raise failure(layer, f"{name} has shape {array.shape}; expected {' or '.join(map(str, sorted(shapes)))}")
    if neuron.positions != neurons.positions:
        raise failure(layer, f"positions are {neuron.positions}; its synapses and pooling give {neurons.positions}")
    for name in ("threshold", "negative_threshold"):
        array = getattr(neuron, name)
        if array.size and array.min() < 1:
            channel = int(array.argmin())
            raise failure(layer, f"{name} of channel {channel} is {array[channel]}; it must be at least 1")
    _verify_levels(layer, neuron, fires)


def _verify_levels(layer: Layer, neuron: Neuron, fires: bool) -> None:
    """Levels of the whole frame, spikes of a time step."""
    if fires and not 1 <= neuron.levels <= LARGEST_LEVEL:
        raise failure(layer, f"levels is {neuron.levels}; legal are 1 to {LARGEST_LEVEL}")
    if not -LARGEST_LEVEL <= neuron.lowest <= 0:
        raise failure(layer, f"lowest is {neuron.lowest}; legal are {-LARGEST_LEVEL} to 0")
    spikes = neuron.lowest_spike, neuron.largest_spike
    if neuron.mode is not NeuronMode.CAUSAL:
        if spikes != (0, 1) or neuron.is_leaky:
            raise failure(
                layer, f"spikes are {spikes}; only a causal neuron has other spikes than 0 to 1, or a negative threshold"
            )
        return
    if not (-LARGEST_LEVEL <= spikes[0] <= 0 and 1 <= spikes[1] <= LARGEST_LEVEL):
        raise failure(
            layer, f"spikes are {spikes[0]} to {spikes[1]}; legal are {-LARGEST_LEVEL}..0 to 1..{LARGEST_LEVEL} in a time step"
        )
    if neuron.is_leaky and spikes != (-1, 1):
        raise failure(layer, f"spikes are {spikes[0]} to {spikes[1]}; a neuron with a negative threshold sends -1 to 1")
    if neuron.lowest * neuron.largest_spike != neuron.levels * neuron.lowest_spike:
        raise failure(
            layer,
            f"spikes {spikes[0]} to {spikes[1]} for levels {neuron.lowest} to {neuron.levels};"
            " both must be in the same ratio, so that a spike stands for as many levels on either side",
        )


def _verify_time_steps(network: Network, layer: Layer, neuron: Neuron) -> None:
    if neuron.mode is NeuronMode.CAUSAL:
        if not 1 <= neuron.time_steps <= LARGEST_TIME_STEPS:
            raise failure(layer, f"time_steps is {neuron.time_steps}; legal are 1 to {LARGEST_TIME_STEPS}")
        for source in (group.source for group in layer.synapses):
            if not network.source_is_direct(source) and network.source_steps(source) != neuron.time_steps:
                raise failure(layer, f"time_steps is {neuron.time_steps}, its source {source} has {network.source_steps(source)}")
        return
    steps = wire_steps(neuron.code, neuron.lowest, neuron.levels)
    if neuron.time_steps != steps:
        levels = f"levels {neuron.lowest}..{neuron.levels}" if neuron.lowest else f"{neuron.levels} levels"
        raise failure(layer, f"time_steps is {neuron.time_steps}; {levels} in {neuron.code} code take {steps}")


def _verify_readout_of_causal(network: Network) -> None:
    """The readout adds its integer bias of a step once for every step, so its offset is a multiple of the steps."""
    readout = network.readout
    for source in (group.source for group in readout.synapses):
        if source == INPUT or network.layer(source).neuron.mode is not NeuronMode.CAUSAL:
            continue
        steps = network.layer(source).neuron.time_steps
        if np.any(readout.neuron.offset % steps):
            raise failure(readout, f"an offset is no multiple of the {steps} time steps of its causal source")


def _verify_width(network: Network, layer: Layer) -> None:
    needed = required_bits(network, layer)
    if layer.neuron.potential_bits < needed:
        raise failure(layer, f"potential_bits is {layer.neuron.potential_bits}; the proof needs {needed}")
    if layer.neuron.potential_bits > LARGEST_POTENTIAL_BITS:
        raise failure(
            layer,
            f"potential_bits is {layer.neuron.potential_bits}; at most {LARGEST_POTENTIAL_BITS} are supported,"
            " use fewer weight bits, levels or time steps",
        )
