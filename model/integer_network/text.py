"""A readable text of an integer network, used by people and as golden text by tests."""

from __future__ import annotations

import hashlib

import numpy as np

from model.integer_network.codes import NeuronMode
from model.integer_network.shapes import Window
from model.integer_network.structure import IntArray, Layer, Network, Synapses
from model.integer_network.widths import potential_range

_SHOWN = 12


def network_text(network: Network) -> str:
    """The whole network in a few lines a layer; long arrays shortened, with a digest of all of their values."""
    encoder = network.encoder
    shape = "x".join(str(size) for size in encoder.shape)
    lines = [
        f"network {network.name} method {network.method}",
        f"  encoder {encoder.code} shape {shape} bits {encoder.bits} levels {encoder.levels} time_steps {encoder.time_steps}",
    ]
    for layer in network.layers:
        lines.extend(_layer_lines(network, layer))
    return "\n".join(lines) + "\n"


def _layer_lines(network: Network, layer: Layer) -> list[str]:
    neuron = layer.neuron
    low, high = potential_range(network, layer)
    head = f"  layer {layer.name} {neuron.mode} neurons {neuron.neurons}"
    if neuron.positions != (1, 1):
        head += f" map {neuron.map}"
    if neuron.mode is not NeuronMode.READOUT:
        head += f" levels {_range(neuron.lowest, neuron.levels)} code {neuron.code} time_steps {neuron.time_steps}"
    if neuron.mode is NeuronMode.CAUSAL and neuron.decision_range != (0, 1):
        head += f" spikes {_range(neuron.lowest_spike, neuron.largest_spike)}"
    lines = [head, f"    potential_bits {neuron.potential_bits} range {low} .. {high}"]
    lines.extend(_group_line(layer, group) for group in layer.synapses)
    if layer.max_pooling is not None:
        lines.append(f"    max pooling {_window(layer.max_pooling)} of {network.potential_map(layer)}")
    for name in ("threshold", "negative_threshold", "offset", "step_bias"):
        array = getattr(neuron, name)
        if array.size:
            lines.append(f"    {name} {_array(array)}")
    return lines


def _group_line(layer: Layer, group: Synapses) -> str:
    line = f"    weights {group.source} -> {layer.name} {'x'.join(str(size) for size in group.weights.shape)}"
    if group.pooling != (1, 1):
        line += f" average pooling {_pair(group.pooling)}"
    if group.is_convolution:
        line += f" stride {_pair(group.stride)} padding {_pair(group.padding)} groups {group.groups}"
    zeros = int((group.weights == 0).sum())
    return f"{line} bits {group.weight_bits} zeros {zeros} {_array(group.weights)}"


def _window(window: Window) -> str:
    return f"{_pair(window.size)} stride {_pair(window.stride)} padding {_pair(window.padding)}"


def _pair(values: tuple[int, int]) -> str:
    return f"{values[0]}x{values[1]}"


def _range(low: int, high: int) -> str:
    return f"{low}..{high}" if low < 0 else str(high)


def _array(array: IntArray) -> str:
    flat = array.reshape(-1)
    shown = " ".join(str(value) for value in flat[:_SHOWN])
    more = " ..." if flat.size > _SHOWN else ""
    digest = hashlib.sha256(np.ascontiguousarray(flat, dtype="<i8").tobytes()).hexdigest()[:12]
    return f"[{shown}{more}] sha256 {digest}"
