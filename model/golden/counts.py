"""Network counts: operations that depend on the network and the data only, whatever engine executes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from model.golden.pooling import compares_of_windows
from model.golden.sent import NO_POOLING, NOTHING_SENT, Outgoing, Sent, sent_spikes
from model.golden.simulate import GoldenResult
from model.integer_network import Layer, Network, Neuron, NeuronMode, Synapses
from model.integer_network.connections import fan_out, fan_out_of_inputs
from model.integer_network.structure import INPUT
from model.integer_network.widths import needs_saturation


@dataclass(frozen=True)
class LayerCounts:
    """Operations of one layer, summed over the frames.

    A value v on the wire is one event and |v| spikes: a packet or multi-spike of k is priced at |k| accumulates.

    Attributes:
        input_events: values other than zero received.
        input_spikes: spikes received.
        accumulates: weight additions, input spikes times the fan-out of their position, zero weights included.
        zero_accumulates: the share of these whose weight is zero, as a count.
        doublings: potentials doubled between bit planes.
        bias_adds: additions of an offset or of the bias of a step.
        charge_adds: additions of the constant charge of direct input.
        compares: threshold compares, the one that holds a level count below 2**b − 1 included, and those of max pooling.
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
class GroupCounts:
    """What one group of synapses received, summed over the frames.

    Attributes:
        input_events: values other than zero.
        input_spikes: spikes.
        accumulates: weight additions.
        zero_accumulates: the share of these whose weight is zero, as a count.
        nonzero_inputs: inputs, behind average pooling, that got a spike in a frame.
        nonzero_connections: connections of these to potentials.
    """

    input_events: int
    input_spikes: int
    accumulates: int
    zero_accumulates: int
    nonzero_inputs: int
    nonzero_connections: int


Counts = TypeVar("Counts", LayerCounts, GroupCounts)


@dataclass(frozen=True)
class NetworkCounts:
    """Counts of every layer and of each of its groups of synapses, and the frames they were counted on."""

    frames: int
    layers: dict[str, LayerCounts]
    groups: dict[str, tuple[GroupCounts, ...]]

    def __add__(self, other: NetworkCounts) -> NetworkCounts:
        """Counts of other frames of the same network as well."""
        return NetworkCounts(
            self.frames + other.frames,
            {name: _added(counts, other.layers[name]) for name, counts in self.layers.items()},
            {
                name: tuple(_added(group, more) for group, more in zip(groups, other.groups[name], strict=True))
                for name, groups in self.groups.items()
            },
        )

    def as_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {
            "frames": self.frames,
            "layers": {name: asdict(counts) for name, counts in self.layers.items()},
            "groups": {name: [asdict(group) for group in groups] for name, groups in self.groups.items()},
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> NetworkCounts:
        """What ``as_dict`` gave.

        Raises:
            KeyError, TypeError: it is something else.
        """
        return cls(
            value["frames"],
            {name: LayerCounts(**counts) for name, counts in value["layers"].items()},
            {name: tuple(GroupCounts(**group) for group in groups) for name, groups in value["groups"].items()},
        )

    def total(self, field: str) -> int:
        """One count, summed over the layers."""
        return sum(getattr(counts, field) for counts in self.layers.values())


def _added(counts: Counts, more: Counts) -> Counts:
    fields = asdict(more)
    return type(counts)(**{field: count + fields[field] for field, count in asdict(counts).items()})


def count_operations(network: Network, result: GoldenResult) -> NetworkCounts:
    """Count every operation of a golden simulation."""
    sent = {INPUT: sent_spikes(result.input_spikes, Outgoing.of(network, INPUT))}
    for layer in network.hidden:
        trace = result.layers[layer.name]
        sent[layer.name] = sent_spikes(trace.spikes, Outgoing.of(network, layer.name), int(trace.resets.sum()))
    return network_counts(network, result.frames, sent)


def network_counts(network: Network, frames: int, sent: Mapping[str, Sent]) -> NetworkCounts:
    """Counts of every layer from what the encoder and the layers sent, in sums over the frames."""
    groups = {
        layer.name: tuple(_group_counts(network, group, sent[group.source]) for group in layer.synapses)
        for layer in network.layers
    }
    layers = {
        layer.name: _layer_counts(network, layer, frames, groups[layer.name], sent.get(layer.name, NOTHING_SENT))
        for layer in network.layers
    }
    return NetworkCounts(frames, layers, groups)


def _layer_counts(network: Network, layer: Layer, frames: int, groups: tuple[GroupCounts, ...], sent: Sent) -> LayerCounts:
    neuron = layer.neuron
    neurons = frames * neuron.neurons
    direct = network.has_direct_charge(layer)
    return LayerCounts(
        input_events=sum(group.input_events for group in groups),
        input_spikes=sum(group.input_spikes for group in groups),
        accumulates=sum(group.accumulates for group in groups),
        zero_accumulates=sum(group.zero_accumulates for group in groups),
        doublings=max(network.planes(layer) - 1, 0) * frames * network.potential_map(layer).size,
        bias_adds=(neuron.time_steps if neuron.mode is NeuronMode.CAUSAL and not direct else 1) * neurons,
        charge_adds=neuron.time_steps * neurons if direct else 0,
        compares=frames * compares_of_layer(network, layer),
        resets=sent.resets,
        events=sent.events,
        spikes=int(sent.by_neuron.sum()),
        silent_neurons=(neurons if sent.by_neuron.size else 0) - int(sent.active[NO_POOLING].sum()),
        neurons=neurons,
    )


def _group_counts(network: Network, group: Synapses, sent: Sent) -> GroupCounts:
    source = network.source_map(group.source)
    by_neuron, by_input = fan_out(group, source), fan_out_of_inputs(group, source)
    return GroupCounts(
        input_events=sent.events,
        input_spikes=int(sent.by_neuron.sum()),
        accumulates=int(sent.by_neuron @ by_neuron.all),
        zero_accumulates=int(sent.by_neuron @ by_neuron.zero),
        nonzero_inputs=int(sent.active[group.pooling].sum()),
        nonzero_connections=int(sent.active[group.pooling] @ by_input.all),
    )


def compares_of_layer(network: Network, layer: Layer) -> int:
    """Compares of one layer and frame: those of its neurons, and those that find the largest potential of each window."""
    pooling = 0 if layer.max_pooling is None else compares_of_windows(network.potential_map(layer), layer.max_pooling)
    return compares_of_frame(layer.neuron) * layer.neuron.neurons + pooling


def compares_of_frame(neuron: Neuron) -> int:
    """Threshold compares of one neuron and frame."""
    decisions = neuron.time_steps if neuron.mode is NeuronMode.CAUSAL else 1
    return decisions * (len(neuron.fire_multiples) + int(neuron.is_leaky)) + int(needs_saturation(neuron))
