"""The work of the spiking network, from its golden counts and the counts of the engine that executed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from model.energy.work import Access, LayerWork, Operation, OperationKind
from model.golden import LayerCounts, NetworkCounts
from model.integer_network import Layer, Network, Neuron


@dataclass(frozen=True)
class EngineCounts:
    """What the engine of one layer moved, over all frames, and how it is built.

    Attributes:
        lanes: neurons that one pass updates, so weights in one row.
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

    def passes(self, neurons: int) -> int:
        """Passes over the lanes that ``neurons`` need."""
        return -(-neurons // self.lanes)


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
    direct = network.source_is_direct(layer.synapses[0].source)
    synapses = layer.synapses[0].weights.size
    return LayerWork(
        name=layer.name,
        operations=_operations(done, layer.neuron),
        accesses=_accesses(layer, done, engine),
        convention_accumulates=0 if direct else done.accumulates,
        convention_multiply_accumulates=synapses * counts.frames if direct else 0,
    )


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


def _accesses(layer: Layer, done: LayerCounts, engine: EngineCounts) -> tuple[Access, ...]:
    neuron = layer.neuron
    bits, potentials = neuron.potential_bits, potential_store(layer)
    row_bits = engine.lanes * layer.synapses[0].weight_bits
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


def potential_store(layer: Layer) -> int:
    """Bits of a layer's membrane potentials."""
    return layer.neuron.neurons * layer.neuron.potential_bits


def constant_store(layer: Layer) -> int:
    """Bits of a layer's thresholds, offsets and step biases at the width of the potential."""
    neuron = layer.neuron
    thresholds = neuron.threshold.size + neuron.negative_threshold.size
    return (thresholds + neuron.offset.size + neuron.step_bias.size) * neuron.potential_bits


def weight_store(layer: Layer, engine: EngineCounts) -> int:
    """Bits of the weight memory, padding lanes of the last pass included."""
    group = layer.synapses[0]
    inputs: int = group.weights.shape[1]
    return engine.passes(layer.neuron.neurons) * engine.lanes * inputs * group.weight_bits
