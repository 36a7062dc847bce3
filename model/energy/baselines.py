"""Quantised networks without spikes to compare with: same weights, same widths, same frames, same engine.

All of them run on the data flow of the spiking core: for every input that is looked at, the weight rows that a spike of it
would read, from the same memories, and one read and write of the accumulators, so that the comparison is one of codes and not
of architectures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from model.energy.spiking import (
    EngineCounts,
    WeightCounts,
    behind,
    constant_store,
    potential_store,
    synapses_of,
    weight_access,
)
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
        engine: how each layer holds its weights, which the baseline shares, and the rows that its inputs reach.
    """
    work = []
    for layer in network.layers:
        loads = [
            _load(baseline, network, group, counts.frames, received, held)
            for group, received, held in zip(layer.synapses, counts.groups[layer.name], engine[layer.name].weights, strict=True)
        ]
        outputs = _outputs(baseline, network, layer, counts.frames)
        operations = [*(operation for load in loads for operation in _operations_of_group(layer, load)), *_adds(layer, outputs)]
        accesses = _accesses(network, layer, loads, outputs)
        work.append(LayerWork(layer.name, tuple(operations), accesses, 0, sum(load.products for load in loads)))
    return tuple(work)


@dataclass(frozen=True)
class _Load:
    """What a group of synapses has to do: rows of weights, products, additions of average pooling; its widths.

    Attributes:
        group: the synapses.
        held: how the engine holds their weights.
        rows: weight rows of the inputs looked at.
        products: multiplications.
        pooled: additions that average pooling takes.
        input_bits: bits of an activation behind average pooling.
    """

    group: Synapses
    held: WeightCounts
    rows: int
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


def _load(baseline: Baseline, network: Network, group: Synapses, frames: int, received: GroupCounts, held: WeightCounts) -> _Load:
    products = received.nonzero_connections if baseline.skips_zeros else frames * synapses_of(network, group)
    rows = held.nonzero_input_rows if baseline.skips_zeros else frames * held.input_rows
    window = math.prod(group.pooling)
    pooled = frames * group.pooled(network.source_map(group.source)).size * (window - 1)
    bits = baseline.activation_bits(network, group.source, window)
    return _Load(group, held, rows, products, pooled, bits)


def _outputs(baseline: Baseline, network: Network, layer: Layer, frames: int) -> _Outputs:
    """A compare for every bit of an output: its level is found by successive approximation, the cheapest way."""
    potentials, neurons = network.potential_map(layer), frames * layer.neuron.neurons
    bits = 0 if layer.neuron.mode is NeuronMode.READOUT else baseline.activation_bits(network, layer.name)
    pooling = 0 if layer.max_pooling is None else compares_of_windows(potentials, layer.max_pooling)
    return _Outputs(frames * potentials.size, neurons, frames * pooling, bits * neurons)


def _operations_of_group(layer: Layer, load: _Load) -> list[Operation]:
    bits = layer.neuron.potential_bits
    suffix = behind(layer, load.group)
    operations = [
        Operation(f"multiplications{suffix}", OperationKind.MULTIPLY, load.products, load.group.weight_bits, load.input_bits),
        Operation(f"additions{suffix}", OperationKind.ADD, load.products, bits),
    ]
    if load.pooled:
        operations.append(Operation(f"average pooling adds{suffix}", OperationKind.ADD, load.pooled, load.input_bits))
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


def _accesses(network: Network, layer: Layer, loads: list[_Load], outputs: _Outputs) -> tuple[Access, ...]:
    bits, potentials = layer.neuron.potential_bits, potential_store(network, layer)
    products = sum(load.products for load in loads)
    return (
        *(weight_access(layer, load.group, load.held, load.rows) for load in loads),
        Access("accumulator reads", "potentials", products + outputs.potentials, bits, potentials),
        Access("accumulator writes", "potentials", products, bits, potentials),
        Access("thresholds and biases", "constants", outputs.neurons + outputs.levels, bits, constant_store(layer)),
    )
