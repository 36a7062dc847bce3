"""Quantised networks without spikes to compare with: same weights, same widths, same frames, same engine.

All of them run on the data flow of the spiking core: one weight row and one read and write of the accumulators for every
input that is looked at and every pass, so that the comparison is one of codes and not of architectures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.energy.spiking import EngineCounts, constant_store, potential_store, weight_store
from model.energy.work import Access, LayerWork, Operation, OperationKind
from model.golden import GoldenResult
from model.integer_network import Layer, Network, NeuronMode
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

    def activation_bits(self, network: Network, source: str) -> int:
        """Bits of an activation sent by ``source``."""
        if self.counts_steps and not network.source_is_direct(source):
            low, high = network.source_wire_range(source)
            return (network.source_steps(source) * (high - low)).bit_length()
        if source == INPUT:
            return network.encoder.bits
        neuron = network.layer(source).neuron
        return (neuron.levels - neuron.lowest).bit_length()


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


def nonzero_inputs(network: Network, result: GoldenResult) -> dict[str, int]:
    """Inputs of each layer that are not zero, summed over the frames: channels that sent at least one spike."""
    spikes: npt.NDArray[np.int8] = result.input_spikes
    counted = {}
    for layer in network.layers:
        counted[layer.name] = int(np.count_nonzero(spikes.any(axis=0)))
        spikes = result.layers[layer.name].spikes
    return counted


def baseline_work(
    baseline: Baseline, network: Network, frames: int, nonzero: Mapping[str, int], engine: Mapping[str, EngineCounts]
) -> tuple[LayerWork, ...]:
    """The work of every layer of a baseline.

    Args:
        baseline: which one.
        network: the integer network whose weights and widths it has.
        frames: frames that were counted.
        nonzero: inputs of each layer that are not zero, from ``nonzero_inputs``.
        engine: lanes of each layer, which the baseline shares.
    """
    work = []
    for layer in network.layers:
        inputs = nonzero[layer.name] if baseline.skips_zeros else frames * layer.synapses[0].weights.shape[1]
        load = _load(baseline, network, layer, frames, inputs)
        accesses = _accesses(layer, load, engine[layer.name])
        work.append(LayerWork(layer.name, _operations(layer, load), accesses, 0, load.products))
    return tuple(work)


@dataclass(frozen=True)
class _Load:
    """What a layer of a baseline has to do: inputs looked at, products, outputs, compares; bits of an input."""

    inputs: int
    products: int
    outputs: int
    compares: int
    input_bits: int


def _load(baseline: Baseline, network: Network, layer: Layer, frames: int, inputs: int) -> _Load:
    """A compare for every bit of an output: its level is found by successive approximation, the cheapest way."""
    outputs = frames * layer.neuron.neurons
    output_bits = 0 if layer.neuron.mode is NeuronMode.READOUT else baseline.activation_bits(network, layer.name)
    input_bits = baseline.activation_bits(network, layer.synapses[0].source)
    return _Load(inputs, inputs * layer.neuron.neurons, outputs, output_bits * outputs, input_bits)


def _operations(layer: Layer, load: _Load) -> tuple[Operation, ...]:
    bits = layer.neuron.potential_bits
    return (
        Operation("multiplications", OperationKind.MULTIPLY, load.products, layer.synapses[0].weight_bits, load.input_bits),
        Operation("additions", OperationKind.ADD, load.products, bits),
        Operation("bias adds", OperationKind.ADD, load.outputs, bits),
        Operation("requantising compares", OperationKind.ADD, load.compares, bits),
    )


def _accesses(layer: Layer, load: _Load, engine: EngineCounts) -> tuple[Access, ...]:
    bits, potentials = layer.neuron.potential_bits, potential_store(layer)
    rows, row_bits = load.inputs * engine.passes(layer.neuron.neurons), engine.lanes * layer.synapses[0].weight_bits
    return (
        Access("weight rows", "weights", rows, row_bits, weight_store(layer, engine)),
        Access("accumulator reads", "potentials", load.products + load.outputs, bits, potentials),
        Access("accumulator writes", "potentials", load.products, bits, potentials),
        Access("thresholds and biases", "constants", load.outputs + load.compares, bits, constant_store(layer)),
    )
