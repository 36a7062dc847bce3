"""Quantised networks without spikes to compare with: same weights, same widths, same frames, same engine.

All of them run on the data flow of the spiking core: one weight row and one read and write of the accumulators for every
input that is looked at and every pass, so that the comparison is one of codes and not of architectures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from model.energy.spiking import EngineCounts, constant_store, potential_store, synapses_of, weight_bits, weight_store
from model.energy.work import Access, LayerWork, Operation, OperationKind
from model.golden import GroupCounts, NetworkCounts
from model.golden.pooling import compares_of_windows
from model.integer_network import Layer, Network, NeuronMode, Synapses
from model.integer_network.structure import INPUT


@dataclass(frozen=True)
class Baseline:
    """One network to compare with.

    Attributes:
        key: name in report.json.
        title: name for people.
        short: the same in a word or two.
        definition: one sentence.
        skips_zeros: True where an input of level 0 costs nothing.
        counts_steps: True where an activation has just the bits that count the time steps of the spiking network.
    """

    key: str
    title: str
    short: str
    definition: str
    skips_zeros: bool
    counts_steps: bool

    def activation_bits(self, network: Network, source: str, window: int = 1) -> int:
        """Bits of an activation sent by ``source``, or of the sum of as many as a ``window`` of average pooling holds."""
        if self.counts_steps and not network.source_is_direct(source):
            low, high = network.source_wire_range(source)
            return (window * network.source_steps(source) * (high - low)).bit_length()
        if source == INPUT:
            return (window * network.encoder.levels).bit_length()
        neuron = network.layer(source).neuron
        return (window * (neuron.levels - neuron.lowest)).bit_length()


DENSE = Baseline(
    "dense",
    "Dense quantised network",
    "dense",
    "every synapse is one multiplication and one add in every frame; activations have the bits of the network's levels",
    skips_zeros=False,
    counts_steps=False,
)
ZERO_SKIPPING = Baseline(
    "zero_skipping",
    "Zero-skipping quantised network",
    "zero-skipping",
    "the dense one, but an input of level 0 costs nothing; the zeros are those of the golden levels",
    skips_zeros=True,
    counts_steps=False,
)
TIME_STEP_BITS = Baseline(
    "time_step_bits",
    "Quantised network with ⌈log₂(T+1)⌉-bit activations",
    "⌈log₂(T+1)⌉ bits",
    "the dense one with activations that have just the bits that count the spikes which the T time steps of each link can carry",
    skips_zeros=False,
    counts_steps=True,
)

BASELINES = (DENSE, ZERO_SKIPPING, TIME_STEP_BITS)


def baseline_work(
    baseline: Baseline, network: Network, counts: NetworkCounts, engine: Mapping[str, EngineCounts]
) -> tuple[LayerWork, ...]:
    """The work of every layer of a baseline.

    Args:
        baseline: which one.
        network: the integer network whose weights and widths it has.
        counts: golden counts of all frames, for the inputs that are not zero.
        engine: lanes of each layer, which the baseline shares.
    """
    work = []
    for layer in network.layers:
        loads = [
            _load(baseline, network, group, counts.frames, received)
            for group, received in zip(layer.synapses, counts.groups[layer.name], strict=True)
        ]
        outputs = _outputs(baseline, network, layer, counts.frames)
        operations = [*(operation for load in loads for operation in _operations_of_group(layer, load)), *_adds(layer, outputs)]
        accesses = _accesses(network, layer, loads, outputs, engine[layer.name])
        work.append(LayerWork(layer.name, tuple(operations), accesses, 0, sum(load.products for load in loads)))
    return tuple(work)


@dataclass(frozen=True)
class _Load:
    """What a group of synapses has to do: inputs, products, additions of average pooling; its widths.

    Attributes:
        group: the synapses.
        inputs: inputs looked at, each for every place of the window that it is under.
        products: multiplications.
        pooled: additions that average pooling takes.
        input_bits: bits of an activation behind average pooling.
    """

    group: Synapses
    inputs: int
    products: int
    pooled: int
    input_bits: int


@dataclass(frozen=True)
class _Outputs:
    """What a layer has to do behind its sums: potentials, neurons that send, compares of max pooling and of levels."""

    potentials: int
    neurons: int
    pooling: int
    levels: int


def _load(baseline: Baseline, network: Network, group: Synapses, frames: int, received: GroupCounts) -> _Load:
    products = received.nonzero_connections if baseline.skips_zeros else frames * synapses_of(network, group)
    window = math.prod(group.pooling)
    pooled = frames * group.pooled(network.source_map(group.source)).size * (window - 1)
    bits = baseline.activation_bits(network, group.source, window)
    return _Load(group, products // _channels(group), products, pooled, bits)


def _channels(group: Synapses) -> int:
    """Channels that an input charges."""
    return len(group.weights) // group.groups


def _outputs(baseline: Baseline, network: Network, layer: Layer, frames: int) -> _Outputs:
    """A compare for every bit of an output: its level is found by successive approximation, the cheapest way."""
    potentials, neurons = network.potential_map(layer), frames * layer.neuron.neurons
    bits = 0 if layer.neuron.mode is NeuronMode.READOUT else baseline.activation_bits(network, layer.name)
    pooling = 0 if layer.max_pooling is None else compares_of_windows(potentials, layer.max_pooling)
    return _Outputs(frames * potentials.size, neurons, frames * pooling, bits * neurons)


def _operations_of_group(layer: Layer, load: _Load) -> list[Operation]:
    bits = layer.neuron.potential_bits
    behind = "" if load.group is layer.synapses[0] else f" from {load.group.source}"
    operations = [
        Operation(f"multiplications{behind}", OperationKind.MULTIPLY, load.products, load.group.weight_bits, load.input_bits),
        Operation(f"additions{behind}", OperationKind.ADD, load.products, bits),
    ]
    if load.pooled:
        operations.append(Operation(f"average pooling adds{behind}", OperationKind.ADD, load.pooled, load.input_bits))
    return operations


def _adds(layer: Layer, outputs: _Outputs) -> list[Operation]:
    bits = layer.neuron.potential_bits
    operations = [
        Operation("bias adds", OperationKind.ADD, outputs.neurons, bits),
        Operation("requantising compares", OperationKind.ADD, outputs.levels, bits),
    ]
    if outputs.pooling:
        operations.append(Operation("max pooling compares", OperationKind.ADD, outputs.pooling, bits))
    return operations


def _accesses(network: Network, layer: Layer, loads: list[_Load], outputs: _Outputs, engine: EngineCounts) -> tuple[Access, ...]:
    bits, potentials = layer.neuron.potential_bits, potential_store(network, layer)
    products = sum(load.products for load in loads)
    rows = sum(load.inputs * engine.passes(_channels(load.group)) for load in loads)
    row_bits = engine.lanes * weight_bits(layer)
    return (
        Access("weight rows", "weights", rows, row_bits, weight_store(layer, engine)),
        Access("accumulator reads", "potentials", products + outputs.potentials, bits, potentials),
        Access("accumulator writes", "potentials", products, bits, potentials),
        Access("thresholds and biases", "constants", outputs.neurons + outputs.levels, bits, constant_store(layer)),
    )
