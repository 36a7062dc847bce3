"""The work of the spiking network, from its golden counts and the counts of the engine that executed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.energy.work import Access, LayerWork, Operation, OperationKind
from model.golden import LayerCounts, NetworkCounts
from model.integer_network import Layer, Network, Neuron, Synapses
from model.integer_network.connections import connections


@dataclass(frozen=True)
class WeightCounts:
    """How the engine holds the weights of one group of synapses, and the rows that are read of them.

    Attributes:
        row_weights: weights in one row, those of lanes without a neuron and of banks outside of the window included.
        rows: rows of the memory.
        row_reads: rows that the spikes of all frames read.
        input_rows: rows that the inputs behind average pooling reach, each looked at once: what one frame of a baseline reads.
        nonzero_input_rows: the same of the inputs that are not zero, over all frames.
    """

    row_weights: int
    rows: int
    row_reads: int
    input_rows: int
    nonzero_input_rows: int

    def row_bits(self, group: Synapses) -> int:
        """Bits of one row."""
        return self.row_weights * group.weight_bits

    def store_bits(self, group: Synapses) -> int:
        """Bits of the memory."""
        return self.rows * self.row_bits(group)


@dataclass(frozen=True)
class EngineCounts:
    """What the engine of one layer moved, over all frames, and how it is built.

    Attributes:
        lanes: potentials that one pass updates at most: of a map channels at one position × positions that have a bank of their
            own, else neurons.
        row_reads: weight rows read, of all groups of synapses together; rows of two groups differ in their width.
        potential_reads: potentials, and charges of direct input, read; padding lanes have none.
        potential_writes: potentials written.
        executed_cycles: cycles in which a pass was executed.
        skipped_cycles: row passes that silent inputs did not need.
        weights: of every group of synapses, in the order of the network; their ``row_reads`` add up to that of the layer.
    """

    lanes: int
    row_reads: int
    potential_reads: int
    potential_writes: int
    executed_cycles: int
    skipped_cycles: int
    weights: tuple[WeightCounts, ...]


def spiking_work(network: Network, counts: NetworkCounts, engine: Mapping[str, EngineCounts]) -> tuple[LayerWork, ...]:
    """The work of every layer.

    Args:
        network: the integer network, which has the widths.
        counts: golden counts of all frames.
        engine: engine counts of the same frames by layer name.
    """
    return tuple(_layer_work(network, layer, counts, engine[layer.name]) for layer in network.layers)


def _layer_work(network: Network, layer: Layer, counts: NetworkCounts, engine: EngineCounts) -> LayerWork:
    done = counts.layers[layer.name]
    constant = [
        (group, received.accumulates)
        for group, received in zip(layer.synapses, counts.groups[layer.name], strict=True)
        if network.source_is_direct(group.source)
    ]
    return LayerWork(
        name=layer.name,
        operations=_operations(done, layer.neuron),
        accesses=_accesses(network, layer, done, engine),
        convention_accumulates=done.accumulates - sum(accumulates for _, accumulates in constant),
        convention_multiply_accumulates=counts.frames * sum(synapses_of(network, group) for group, _ in constant),
    )


def synapses_of(network: Network, group: Synapses) -> int:
    """Synapses of one group, that is multiplications of a dense network: every input at every position it is read from."""
    return connections(group, network.source_map(group.source))


def _operations(done: LayerCounts, neuron: Neuron) -> tuple[Operation, ...]:
    """Everything is an add at the width of the potential; a compare is a subtraction whose sign is looked at.

    A division also adds the multiple that was subtracted to the level, which is a few bits wide.
    """
    bits = neuron.potential_bits
    numbers = {
        "accumulates": (done.accumulates, True),
        "doublings": (done.doublings, False),
        "bias adds": (done.bias_adds, False),
        "charge adds": (done.charge_adds, False),
        "compares": (done.compares, False),
        "resets": (done.resets, True),
    }
    operations = [
        Operation(label, OperationKind.ADD, count, bits, per_spike=per_spike) for label, (count, per_spike) in numbers.items()
    ]
    if keeps_level(neuron):
        operations.append(Operation("level adds", OperationKind.ADD, done.resets, level_bits(neuron), per_spike=True))
    return tuple(operations)


def _accesses(network: Network, layer: Layer, done: LayerCounts, engine: EngineCounts) -> tuple[Access, ...]:
    neuron = layer.neuron
    bits, potentials = neuron.potential_bits, potential_store(network, layer)
    accesses = [
        weight_access(layer, group, held, held.row_reads, per_spike=True)
        for group, held in zip(layer.synapses, engine.weights, strict=True)
    ]
    for label, total in (("potential reads", engine.potential_reads), ("potential writes", engine.potential_writes)):
        for_spikes = min(total, done.accumulates)
        accesses.append(Access(f"{label} for spikes", "potentials", for_spikes, bits, potentials, per_spike=True))
        accesses.append(Access(f"{label} for neurons", "potentials", total - for_spikes, bits, potentials))
    accesses.append(Access("thresholds and biases", "constants", done.bias_adds + done.compares, bits, constant_store(layer)))
    if keeps_level(neuron):
        store = neuron.neurons * level_bits(neuron)
        moved = done.compares, level_bits(neuron), store
        accesses += [Access(label, "potentials", *moved) for label in ("level reads", "level writes")]
    return tuple(accesses)


def keeps_level(neuron: Neuron) -> bool:
    """True where a decision takes several compares whose outcome is added up; a plain causal neuron sends its one compare."""
    return (neuron.fires_by_division or neuron.is_leaky) and neuron.decision_range != (0, 1)


def level_bits(neuron: Neuron) -> int:
    """Bits of the register of a level that is being found."""
    low, high = neuron.decision_range
    return (high - low).bit_length()


def potential_store(network: Network, layer: Layer) -> int:
    """Bits of a layer's membrane potentials, those that max pooling chooses from."""
    return network.potential_map(layer).size * layer.neuron.potential_bits


def behind(layer: Layer, group: Synapses) -> str:
    """What the label of some work of one group ends in: nothing for the first group of a layer, else where it comes from."""
    return "" if group is layer.synapses[0] else f" from {group.source}"


def weight_access(layer: Layer, group: Synapses, held: WeightCounts, rows: int, per_spike: bool = False) -> Access:
    """Reads of ``rows`` rows of the memory that holds the weights of one group, and no others."""
    label = f"weight rows{behind(layer, group)}"
    return Access(label, "weights", rows, held.row_bits(group), held.store_bits(group), per_spike)


def constant_store(layer: Layer) -> int:
    """Bits of a layer's thresholds, offsets and step biases at the width of the potential."""
    neuron = layer.neuron
    thresholds = neuron.threshold.size + neuron.negative_threshold.size
    return (thresholds + neuron.offset.size + neuron.step_bias.size) * neuron.potential_bits
