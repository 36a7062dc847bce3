"""The memory files of a map against the integer network: tables, weights, constants and start values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from model.integer_network import Network
from model.integer_network.structure import INPUT
from rtl.audit.expected_memory import Entry, ExpectedMemory, IntArray, expected_table
from rtl.audit.map_expectation import ExpectedLink, ExpectedMap, Steps, expected_links, held_levels
from rtl.audit.sizes import index_bits


def map_memories(layer: ExpectedMap) -> Iterator[ExpectedMemory]:
    """Every memory file of a layer of a map."""
    for link in layer.links:
        yield from _synapse_memories(layer, link)
    for axis, name, unit in ((0, "rows", layer.line_words), (1, "columns", 1)):
        yield _scan_table(layer, axis, name, unit)
    yield _constants(layer)
    if layer.causal:
        yield _start(layer)


def _synapse_memories(layer: ExpectedMap, link: ExpectedLink) -> Iterator[ExpectedMemory]:
    channels = link.source.channels
    across = layer.arrangements(link, 1)
    words = max(len(layer.groups_reached(link, channel)) for channel in range(channels))
    words *= layer.arrangements(link, 0) * across * channels
    weight_bits = index_bits(words)
    yield _weights(layer, link, words)
    units = ((layer.line_words, across * channels), (1, channels))
    for axis, name in enumerate(("rows", "columns")):
        yield _axis_table(layer, link, axis, name, units[axis], weight_bits)
    if layer.split(link):
        entries: list[Entry] = []
        group_bits = index_bits(layer.groups)
        for channel in range(1 << link.field_bits[2]):
            groups = layer.groups_reached(link, channel) if channel < channels else [0]
            entries.append(((len(groups) - 1, group_bits), (groups[0] * layer.group_words, layer.address_bits)))
        yield expected_table(f"{layer.file_stem}_channels_{link.place}.mem", entries, _numbered("channel", len(entries)))


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name} {number}" for number in range(count)]


def _axis_table(
    layer: ExpectedMap, link: ExpectedLink, axis: int, name: str, units: tuple[int, int], weight_bits: int
) -> ExpectedMemory:
    banks = layer.banks[axis]
    steps = layer.steps_along(link, axis)
    most = max(1, *(len(step.passes) for step in steps))
    slots = 1 << index_bits(most) if most > 1 else 1
    entries, places = [], []
    for position, number in product(range(1 << max(link.field_bits[axis], 1)), range(slots)):
        step = steps[position] if position < len(steps) else Steps((), ())
        known = number < len(step.passes)
        there = step.passes[number] if known else {}
        turn = layer.turn(link, axis, step.kernels[number]) if known else 0
        words = [there[bank][0] // banks * units[0] if bank in there else 0 for bank in range(banks)]
        entry = [(int(not known or number == len(step.passes) - 1), 1)]
        entry += [(int(bank in there), 1) for bank in range(banks)]
        entry += [(word, layer.address_bits) for word in words]
        entries.append((*entry, (turn * units[1], weight_bits)))
        places.append(f"position {position} pass {number}")
    return expected_table(f"{layer.file_stem}_{name}_{link.place}.mem", entries, places)


def _weights(layer: ExpectedMap, link: ExpectedLink, words: int) -> ExpectedMemory:
    """A word for each group that a channel reaches, arrangement along the rows and the columns, and source channel."""
    weights, channels, lanes = layer.weights_of(link), link.source.channels, layer.word_lanes
    shared = layer.shared(link)
    down, across = (layer.turns(link, axis) for axis in range(2))
    banks = 1 if shared else layer.bank_count
    values = np.zeros((words, banks * lanes), dtype=np.int64)
    places = [""] * words
    for channel in range(channels):
        for number, group in enumerate(layer.groups_reached(link, channel)):
            for (row_turn, rows), (column_turn, columns) in product(enumerate(down), enumerate(across)):
                index = ((number * len(down) + row_turn) * len(across) + column_turn) * channels + channel
                places[index] = f"group {group} turn {row_turn}, {column_turn} source channel {channel}"
                for (bank_row, row), (bank_column, column) in product(rows, columns):
                    bank = 0 if shared else bank_row * layer.banks[1] + bank_column
                    for lane in range(lanes):
                        output = group * lanes + lane
                        if layer.reads(link, output, channel):
                            values[index, bank * lanes + lane] = weights[output, channel % weights.shape[1], row, column]
    return ExpectedMemory(f"{layer.file_stem}_weights_{link.place}.mem", values, link.group.weight_bits, True, places)


def _scan_table(layer: ExpectedMap, axis: int, name: str, unit: int) -> ExpectedMemory:
    windows, banks = layer.scan(axis), layer.banks[axis]
    entries: list[Entry] = []
    places = []
    for number, window in enumerate(windows):
        for place in window:
            read_again = any(place in later for later in windows[number + 1 :])
            word = place // banks * unit
            entries.append(
                (
                    (int(place == window[-1]), 1),
                    (int(not read_again), 1),
                    (place % banks, layer.bank_bits),
                    (word, layer.address_bits),
                )
            )
            places.append(f"window {number} position {place}")
    return expected_table(f"{layer.file_stem}_scan_{name}.mem", entries, places)


def _constants(layer: ExpectedMap) -> ExpectedMemory:
    neuron = layer.layer.neuron
    low = neuron.lowest_spike if layer.causal else neuron.lowest
    leaky = len(neuron.negative_threshold) > 0
    shift = 0 if leaky else -low
    added = neuron.step_bias if layer.causal else neuron.offset
    rows = [("addition", added + shift * neuron.threshold, shift)]
    if held_levels(layer.layer):
        rows.append(("-(levels + 1) threshold", -(neuron.levels + 1) * neuron.threshold, -(neuron.levels + 1)))
    for multiple in (1,) if leaky else neuron.fire_multiples:
        rows.append((f"-{multiple} threshold", -multiple * neuron.threshold, -multiple))
    if leaky:
        rows.append(("negative threshold", neuron.negative_threshold, 1))
    words = [_spread(layer, values, unused) for _, values, unused in rows]
    places = [f"{name} group {group}" for name, _, _ in rows for group in range(len(words[0]))]
    return ExpectedMemory(f"{layer.file_stem}_constants.mem", np.concatenate(words), neuron.potential_bits, True, places)


def _start(layer: ExpectedMap) -> ExpectedMemory:
    neuron = layer.layer.neuron
    file = f"{layer.file_stem}_start.mem"
    if len(neuron.offset) == neuron.channels:
        words = _spread(layer, neuron.offset, 0)
        return ExpectedMemory(file, words, neuron.potential_bits, True, _numbered("V0 group", len(words)))
    starts = neuron.offset.reshape(neuron.map)
    count = layer.groups * neuron.positions[0] * neuron.positions[1]
    words = np.zeros((1 if count == 1 else 1 << index_bits(count), layer.word_lanes), dtype=np.int64)
    places = list(product(range(layer.groups), range(neuron.positions[0]), range(neuron.positions[1])))
    for index, (group, row, column) in enumerate(places):
        for lane, channel in enumerate(range(group * layer.word_lanes, min((group + 1) * layer.word_lanes, neuron.channels))):
            words[index, lane] = starts[channel, row, column]
    named = [f"V0 group, row, column {place}" for place in places] + ["V0 of no word"] * (len(words) - count)
    return ExpectedMemory(file, words, neuron.potential_bits, True, named)


def _spread(layer: ExpectedMap, values: IntArray, unused: int) -> IntArray:
    """One constant a channel to (groups, a power of two of them, lanes)."""
    words = np.full((1 if layer.groups == 1 else 1 << index_bits(layer.groups), layer.word_lanes), unused, dtype=np.int64)
    for channel, value in enumerate(values.tolist()):
        words[divmod(channel, layer.word_lanes)] = value
    return words


def inputs_by_position(link: ExpectedLink) -> IntArray:
    """(inputs,): of every input of a dense layer behind a map, counted position by position, the column of the weights."""
    channels, rows, columns = link.group.pooled(link.source)
    order = [
        (channel * rows + row) * columns + column
        for row, column, channel in product(range(rows), range(columns), range(channels))
    ]
    return np.array(order, dtype=np.int64)


def input_tables(link: ExpectedLink, stem: str, bits: int) -> Iterator[ExpectedMemory]:
    """First input of every row and column, with a one in front and ones below where it fills no window."""
    pooled = link.group.pooled(link.source)
    for axis, name, unit in ((0, "rows", pooled.columns * pooled.channels), (1, "columns", pooled.channels)):
        windows = pooled.positions[axis]
        numbers = [position // link.group.pooling[axis] for position in range(1 << link.field_bits[axis])]
        entries: list[Entry] = [
            ((number * unit, bits), (0, 1)) if number < windows else (((1 << bits) - 1, bits), (1, 1)) for number in numbers
        ]
        yield expected_table(f"{stem}_input_{name}.mem", entries, _numbered("position", len(entries)))


def pixel_memories(network: Network) -> Iterator[ExpectedMemory]:
    """Row, column and channel of every pixel, where any layer asks for them and they are no plain bits of its number."""
    links = [link for link in expected_links(network) if link.group.source == INPUT and link.has_positions]
    if links and not links[0].in_powers_of_two:
        rows, columns, channels = links[0].field_bits
        source = links[0].source
        entries = [
            ((channel, channels), (column, columns), (row, rows))
            for channel, row, column in product(range(source.channels), range(source.rows), range(source.columns))
        ]
        yield expected_table("memory/encoder_addresses.mem", entries, _numbered("pixel", len(entries)))
