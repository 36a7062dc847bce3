"""The work of the spiking network, from its golden counts and the counts of the engine that executed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.energy.work import Access, LayerWork, Operation, OperationKind
from model.golden import LayerCounts, NetworkCounts
from model.integer_network import Layer, Network, Neuron, Synapses
from model.integer_network.connections import connections


@dataclass(frozen=True)
class EngineCounts:
    """What the engine of one layer moved, over all frames, and how it is built.

    Attributes:
        lanes: neurons that one pass updates, of a convolution channels at one position, so weights in one row.
        row_reads: weight rows read, ``lanes`` weights each, those of padding lanes included.
        potential_reads: potentials, and charges of direct input, read; padding lanes have none.
        potential_writes: potentials written.
        executed_cycles: cycles in which a pass was executed.
        skipped_cycles: row passes that silent inputs did not need.
    """

    lanes: int
    row_reads: int
    potential_reads: int
    potential_writes: int
    executed_cycles: int
    skipped_cycles: int

    def passes(self, channels: int) -> int:
        """Passes over the lanes that ``channels`` need."""
        return -(-channels // self.lanes)


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
    row_bits = engine.lanes * weight_bits(layer)
    accesses = [Access("weight rows", "weights", engine.row_reads, row_bits, weight_store(layer, engine), per_spike=True)]
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


def weight_bits(layer: Layer) -> int:
    """Bits of a weight in the memory that holds all groups of a layer: those of the widest."""
    return max(group.weight_bits for group in layer.synapses)


def constant_store(layer: Layer) -> int:
    """Bits of a layer's thresholds, offsets and step biases at the width of the potential."""
    neuron = layer.neuron
    thresholds = neuron.threshold.size + neuron.negative_threshold.size
    return (thresholds + neuron.offset.size + neuron.step_bias.size) * neuron.potential_bits


def weight_store(layer: Layer, engine: EngineCounts) -> int:
    """Bits of the weight memory, padding lanes of the last pass included; a convolution has a row a place of its window."""
    inputs = sum(int(group.weights[0].size) for group in layer.synapses)
    return engine.passes(layer.neuron.channels) * engine.lanes * inputs * weight_bits(layer)
