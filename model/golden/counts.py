"""Network counts: operations that depend on the network and the data only, whatever engine executes them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from model.golden.encoding import SpikeArray
from model.golden.simulate import GoldenResult
from model.integer_network import Layer, Network, Neuron, NeuronMode
from model.integer_network.structure import IntArray
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


@dataclass(frozen=True, eq=False)
class Sent:
    """What a source put on the wire, summed over the frames: the part of the counts that depends on the data.

    Attributes:
        by_channel: (channels,) spikes of every channel.
        events: values other than zero.
        silent: neurons that sent no spike in a frame, summed over the frames.
        resets: how often a threshold was subtracted, or a negative one added.
    """

    by_channel: IntArray
    events: int
    silent: int = 0
    resets: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.by_channel + other.by_channel,
            self.events + other.events,
            self.silent + other.silent,
            self.resets + other.resets,
        )


NOTHING_SENT = Sent(np.zeros(0, dtype=np.int64), 0)
"""What a readout puts on the wire."""


def count_operations(network: Network, result: GoldenResult) -> NetworkCounts:
    """Count every operation of a golden simulation."""
    received = _sent(result.input_spikes)
    layers = {}
    for layer in network.layers:
        trace = result.layers[layer.name]
        sent = _sent(trace.spikes, int(trace.resets.sum())) if layer.neuron.time_steps else NOTHING_SENT
        layers[layer.name] = layer_counts(network, layer, result.frames, received, sent)
        received = sent
    return NetworkCounts(result.frames, layers)


def _sent(spikes: SpikeArray, resets: int = 0) -> Sent:
    by_channel = np.abs(spikes).sum(axis=(0, 1), dtype=np.int64)
    return Sent(by_channel, int(np.count_nonzero(spikes)), int((~spikes.any(axis=0)).sum()), resets)


def layer_counts(network: Network, layer: Layer, frames: int, received: Sent, sent: Sent) -> LayerCounts:
    """Counts of one layer from what its source sent and what it sent itself.

    Args:
        network: the network of the layer.
        layer: any of its layers.
        frames: how many frames the sums stand for.
        received: sums of the layer's source.
        sent: sums of the layer.
    """
    neuron, group = layer.neuron, layer.synapses[0]
    neurons = frames * neuron.neurons
    input_spikes = int(received.by_channel.sum())
    zero_fan_out = (group.weights == 0).sum(axis=0)
    causal = neuron.mode is NeuronMode.CAUSAL
    direct = network.source_is_direct(group.source)
    planes = network.source_steps(group.source) if network.source_is_bits(group.source) else 1
    bias_steps = neuron.time_steps if causal and not direct else 1
    return LayerCounts(
        input_events=received.events,
        input_spikes=input_spikes,
        accumulates=input_spikes * neuron.neurons,
        zero_accumulates=int(received.by_channel @ zero_fan_out),
        doublings=(planes - 1) * neurons,
        bias_adds=bias_steps * neurons,
        charge_adds=neuron.time_steps * neurons if direct else 0,
        compares=compares_of_frame(neuron) * neurons,
        resets=sent.resets,
        events=sent.events,
        spikes=int(sent.by_channel.sum()),
        silent_neurons=sent.silent,
        neurons=neurons,
    )


def compares_of_frame(neuron: Neuron) -> int:
    """Threshold compares of one neuron and frame."""
    decisions = neuron.time_steps if neuron.mode is NeuronMode.CAUSAL else 1
    return decisions * (len(neuron.fire_multiples) + int(neuron.is_leaky)) + int(needs_saturation(neuron))
