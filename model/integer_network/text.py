"""A readable text of an integer network, used by people and as golden text by tests."""

from __future__ import annotations

import hashlib

import numpy as np

from model.integer_network.structure import IntArray, Layer, Network, NeuronMode
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
    if neuron.mode is not NeuronMode.READOUT:
        head += f" levels {_range(neuron.lowest, neuron.levels)} code {neuron.code} time_steps {neuron.time_steps}"
    if neuron.mode is NeuronMode.CAUSAL and neuron.decision_range != (0, 1):
        head += f" spikes {_range(neuron.lowest_spike, neuron.largest_spike)}"
    lines = [head, f"    potential_bits {neuron.potential_bits} range {low} .. {high}"]
    for group in layer.synapses:
        zeros = int((group.weights == 0).sum())
        lines.append(
            f"    weights {group.source} -> {layer.name} {group.weights.shape[0]}x{group.weights.shape[1]}"
            f" bits {group.weight_bits} zeros {zeros} {_array(group.weights)}"
        )
    for name in ("threshold", "negative_threshold", "offset", "step_bias"):
        array = getattr(neuron, name)
        if array.size:
            lines.append(f"    {name} {_array(array)}")
    return lines


def _range(low: int, high: int) -> str:
    return f"{low}..{high}" if low < 0 else str(high)


def _array(array: IntArray) -> str:
    flat = array.reshape(-1)
    shown = " ".join(str(value) for value in flat[:_SHOWN])
    more = " ..." if flat.size > _SHOWN else ""
    digest = hashlib.sha256(np.ascontiguousarray(flat, dtype="<i8").tobytes()).hexdigest()[:12]
    return f"[{shown}{more}] sha256 {digest}"
