"""Network counts: operations that depend on the network and the data only, whatever engine executes them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from model.golden.simulate import GoldenResult
from model.integer_network import Layer, Network, Neuron, NeuronMode
from model.integer_network.widths import needs_saturation


@dataclass(frozen=True)
class LayerCounts:
    """Operations of one layer, summed over the frames.

    A value v on the wire is one event and |v| spikes: a packet or multi-spike of k is priced at |k| accumulates.

    Attributes:
        input_events: values other than zero received.
        input_spikes: spikes received.
        accumulates: weight additions, input spikes times fan-out, zero weights included.
        zero_accumulates: the share of these whose weight is zero, as a count.
        doublings: potentials doubled between bit planes.
        bias_adds: additions of an offset or of the bias of a step.
        charge_adds: additions of the constant charge of direct input.
        compares: threshold compares, the one that holds a level count below 2**b − 1 included.
        resets: threshold subtractions, and additions of a negative threshold.
        events: values other than zero emitted.
        spikes: spikes emitted.
        silent_neurons: neurons that emitted no spike in a frame, summed over the frames.
        neurons: neurons times frames.
    """

    input_events: int
    input_spikes: int
    accumulates: int
    zero_accumulates: int
    doublings: int
    bias_adds: int
    charge_adds: int
    compares: int
    resets: int
    events: int
    spikes: int
    silent_neurons: int
    neurons: int


@dataclass(frozen=True)
class NetworkCounts:
    """Counts of every layer and the frames they were counted on."""

    frames: int
    layers: dict[str, LayerCounts]

    def as_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {"frames": self.frames, "layers": {name: asdict(counts) for name, counts in self.layers.items()}}

    def total(self, field: str) -> int:
        """One count, summed over the layers."""
        return sum(getattr(counts, field) for counts in self.layers.values())


def count_operations(network: Network, result: GoldenResult) -> NetworkCounts:
    """Count every operation of a golden simulation."""
    spikes = result.input_spikes
    layers = {}
    for layer in network.layers:
        layers[layer.name] = _layer_counts(network, layer, spikes, result)
        spikes = result.layers[layer.name].spikes
    return NetworkCounts(result.frames, layers)


def _layer_counts(network: Network, layer: Layer, source: np.ndarray, result: GoldenResult) -> LayerCounts:
    neuron, group = layer.neuron, layer.synapses[0]
    frames = result.frames
    neurons = frames * neuron.channels
    by_channel = np.abs(source).sum(axis=(0, 1), dtype=np.int64)
    input_spikes = int(by_channel.sum())
    zero_fan_out = (group.weights == 0).sum(axis=0)
    trace = result.layers[layer.name]
    causal = neuron.mode is NeuronMode.CAUSAL
    direct = network.source_is_direct(group.source)
    planes = network.source_steps(group.source) if network.source_is_bits(group.source) else 1
    bias_steps = neuron.time_steps if causal and not direct else 1
    return LayerCounts(
        input_events=int(np.count_nonzero(source)),
        input_spikes=input_spikes,
        accumulates=input_spikes * neuron.channels,
        zero_accumulates=int(by_channel @ zero_fan_out),
        doublings=(planes - 1) * neurons,
        bias_adds=bias_steps * neurons,
        charge_adds=neuron.time_steps * neurons if direct else 0,
        compares=compares_of_frame(neuron) * neurons,
        resets=int(trace.resets.sum()),
        events=int(np.count_nonzero(trace.spikes)),
        spikes=int(np.abs(trace.spikes).sum(dtype=np.int64)),
        silent_neurons=int((~trace.spikes.any(axis=0)).sum()) if neuron.time_steps else 0,
        neurons=neurons,
    )


def compares_of_frame(neuron: Neuron) -> int:
    """Threshold compares of one neuron and frame."""
    decisions = neuron.time_steps if neuron.mode is NeuronMode.CAUSAL else 1
    return decisions * (len(neuron.fire_multiples) + int(neuron.is_leaky)) + int(needs_saturation(neuron))
