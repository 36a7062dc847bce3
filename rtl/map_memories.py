"""The memory files of a map: what events reach, weights turned to the banks, the scan, constants and start values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from model.integer_network import Layer, Neuron
from model.integer_network.structure import IntArray
from rtl.core_plan import LayerPlan
from rtl.link_plan import LinkPlan
from rtl.map_plan import Banks, MapPlan, SynapsePlan
from rtl.widths import index_bits
from rtl.window_tables import Axis, Pass, ScanEntry


@dataclass(frozen=True, eq=False)
class Memory:
    """A memory file: (words, elements), element 0 in a word's lowest bits; entries of tables are wider than any array type."""

    name: str
    values: IntArray
    element_bits: int


@dataclass(frozen=True)
class Fields:
    """Widths of what the tables of a map hold."""

    address: int
    weight: int
    bank: int
    group: int

    @classmethod
    def of(cls, banks: Banks, synapses: SynapsePlan | None = None) -> Fields:
        """Those of a layer's banks and of one group of synapses."""
        return cls(
            address=index_bits(banks.depth),
            weight=1 if synapses is None else index_bits(synapses.weight_words),
            bank=index_bits(max(banks.rows, banks.columns)),
            group=index_bits(banks.groups),
        )


def map_memories(layer: Layer, plan: LayerPlan, built: MapPlan, links: tuple[LinkPlan, ...]) -> Iterator[Memory]:
    """Every memory of a map."""
    for number, synapses in enumerate(built.synapses):
        yield from _synapse_memories(f"{plan.name}_{{}}_{number}.mem", synapses, links[synapses.link])
    fields = Fields.of(built.banks)
    yield _scan_table(f"{plan.name}_scan_rows.mem", built.scan_rows, built.banks.line_words, fields)
    yield _scan_table(f"{plan.name}_scan_columns.mem", built.scan_columns, 1, fields)
    yield Memory(f"{plan.name}_constants.mem", map_constants(layer.neuron, plan, built.banks), plan.potential_bits)
    if plan.has_start:
        yield Memory(f"{plan.name}_start.mem", start_words(layer.neuron, plan, built), plan.potential_bits)


def _synapse_memories(names: str, synapses: SynapsePlan, link: LinkPlan) -> Iterator[Memory]:
    banks, fields = synapses.banks, Fields.of(synapses.banks, synapses)
    channels = synapses.source.channels
    yield Memory(names.format("weights"), weight_words(synapses), synapses.weight_bits)
    row_weight = len(synapses.columns.turns) * channels
    yield _axis_table(names.format("rows"), synapses.rows, max(link.row_bits, 1), (banks.line_words, row_weight), fields)
    yield _axis_table(names.format("columns"), synapses.columns, max(link.column_bits, 1), (1, channels), fields)
    if synapses.split > 1:
        entries = []
        for channel in range(channels):
            groups = synapses.groups_of(channel)
            entries.append(groups[0] * banks.group_words << fields.group | len(groups) - 1)
        entries += [0] * ((1 << link.channel_bits) - channels)
        yield _table(names.format("channels"), entries, fields.address + fields.group)


def weight_words(synapses: SynapsePlan) -> IntArray:
    """(words, banks × lanes): pass over the groups, turn of the rows, turn of the columns, source channel."""
    banks, weights = synapses.banks, synapses.weights
    lanes = np.arange(banks.lanes)
    words = np.zeros((synapses.weight_words, synapses.weight_banks, banks.lanes), dtype=np.int64)
    shape = (synapses.group_passes, len(synapses.rows.turns), len(synapses.columns.turns), synapses.source.channels)
    by_place = words.reshape(*shape, synapses.weight_banks, banks.lanes)
    for channel in range(synapses.source.channels):
        part, inside = divmod(channel, weights.shape[1])
        for number, group in enumerate(synapses.groups_of(channel)):
            outputs = group * banks.lanes + lanes
            held = outputs[outputs // synapses.reached_channels == part]
            held = held[held < len(weights)]
            for row_turn, rows in enumerate(synapses.rows.turns):
                for column_turn, columns in enumerate(synapses.columns.turns):
                    places = [(row, column) for row in rows for column in columns]
                    for bank, (row, column) in enumerate(places):
                        if row is not None and column is not None:
                            place = by_place[number, row_turn, column_turn, channel, bank]
                            place[held - group * banks.lanes] = weights[held, inside, row, column]
    return words.reshape(synapses.weight_words, -1)


def _axis_table(name: str, axis: Axis, position_bits: int, units: tuple[int, int], fields: Fields) -> Memory:
    """Entries at {position, pass}; ``units`` are what a word and a turn count for in the addresses."""
    passes = 1 << index_bits(axis.most_passes) if axis.most_passes > 1 else 1
    banks = axis.banks
    entries = [1] * (passes << position_bits)
    for position, reached in enumerate(axis.passes):
        for number, one in enumerate(reached):
            last = number == len(reached) - 1
            entries[position * passes + number] = _axis_entry(one, last, units, banks, fields)
    return _table(name, entries, 1 + banks + banks * fields.address + fields.weight)


def _axis_entry(one: Pass, last: bool, units: tuple[int, int], banks: int, fields: Fields) -> int:
    entry = int(last)
    for bank, word in enumerate(one.words):
        if word is not None:
            entry |= 1 << 1 + bank | word * units[0] << 1 + banks + bank * fields.address
    return entry | one.turn * units[1] << 1 + banks + banks * fields.address


def _scan_table(name: str, entries: tuple[ScanEntry, ...], unit: int, fields: Fields) -> Memory:
    words = [
        int(entry.ends_window) | int(entry.clears) << 1 | entry.bank << 2 | entry.word * unit << 2 + fields.bank
        for entry in entries
    ]
    return _table(name, words, 2 + fields.bank + fields.address)


def _table(name: str, entries: list[int], bits: int) -> Memory:
    return Memory(name, np.array(entries, dtype=object)[:, None], bits)


def map_constants(neuron: Neuron, plan: LayerPlan, banks: Banks) -> IntArray:
    """(rows × groups padded to a power of two, lanes): what is added, then what every stage of the decision adds."""
    added = neuron.step_bias if plan.has_start else neuron.offset
    shift = 0 if plan.leaky else -plan.lowest
    rows = [(added + shift * neuron.threshold, shift)]
    if plan.saturates:
        rows.append((-(neuron.levels + 1) * neuron.threshold, -(neuron.levels + 1)))
    if plan.leaky:
        rows += [(-neuron.threshold, -1), (neuron.negative_threshold, 1)]
    else:
        rows += [(-neuron.threshold * multiple, -multiple) for multiple in neuron.fire_multiples]
    return np.concatenate([_by_groups(values, banks, fill) for values, fill in rows])


def start_words(neuron: Neuron, plan: LayerPlan, built: MapPlan) -> IntArray:
    """(words padded to a power of two, lanes): V0 of each channel, or of each neuron in the order of the scan."""
    banks = built.banks
    if not plan.own_starts:
        return _by_groups(neuron.offset, banks, 0)
    padded = np.zeros((banks.groups * banks.lanes, *built.neurons.positions), dtype=np.int64)
    padded[: built.neurons.channels] = neuron.offset.reshape(built.neurons)
    by_group = padded.reshape(banks.groups, banks.lanes, *built.neurons.positions)
    words = by_group.transpose(0, 2, 3, 1).reshape(-1, banks.lanes)
    spare = (1 << index_bits(len(words))) - len(words) if len(words) > 1 else 0
    return np.concatenate([words, np.zeros((spare, banks.lanes), dtype=np.int64)])


def _by_groups(values: IntArray, banks: Banks, fill: int) -> IntArray:
    """(channels,) to (groups padded to a power of two, lanes)."""
    groups = 1 << index_bits(banks.groups) if banks.groups > 1 else 1
    words = np.full(groups * banks.lanes, fill, dtype=np.int64)
    words[: len(values)] = values
    return words.reshape(groups, banks.lanes)
