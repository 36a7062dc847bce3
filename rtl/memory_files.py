"""The memory files of a core: weight rows, constants, start values and encoder patterns, in the layout of rtl/cores."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.base.files import write_text
from model.golden.encoding import unary_patterns
from model.integer_network import Layer, Network, Neuron
from model.integer_network.structure import IntArray
from rtl.core_plan import CorePlan, LayerPlan
from rtl.link_plan import LinkPlan
from rtl.map_memories import map_memories
from rtl.widths import channel_bits, index_bits

_NEVER_FIRES = -1
"""Constant of a fire pass on a lane without a neuron: its potential is never above zero. In a leveled layer such a lane has
the threshold 1 and no charge instead, so that it decides on level 0."""


def write_memories(network: Network, plan: CorePlan, folder: Path) -> list[str]:
    """Write every memory file of a core and return their names."""
    names = []
    for layer, layer_plan in zip(network.layers, plan.layers, strict=True):
        if layer_plan.unrolled is not None:
            continue
        if layer_plan.map is not None:
            memories = map_memories(layer, layer_plan, layer_plan.map, plan.links)
            names += [_write(folder, memory.name, memory.values, memory.element_bits) for memory in memories]
            continue
        link = plan.links[layer_plan.links[0]]
        names.append(_write(folder, f"{layer.name}_weights.mem", weight_rows(layer, layer_plan, link), layer_plan.weight_bits))
        names.append(_write(folder, f"{layer.name}_constants.mem", constant_rows(layer, layer_plan), layer_plan.potential_bits))
        if layer_plan.has_start:
            start = _by_groups(layer.neuron.offset[None, :], layer_plan, fill=0, pad_groups=True)
            names.append(_write(folder, f"{layer.name}_start.mem", start, layer_plan.potential_bits))
        if link.pooling is not None:
            tables = zip(("rows", "columns"), input_tables(link), strict=True)
            bits = channel_bits(layer_plan.sources) + 1
            names += [_write(folder, f"{layer.name}_input_{axis}.mem", table, bits) for axis, table in tables]
    if plan.input_unary and not plan.planes_in:
        patterns = unary_patterns(network.encoder.levels).T[:, None, :].astype(np.int64)
        names.append(_write(folder, "encoder_patterns.mem", patterns.reshape(len(patterns), -1), 1))
    addressed = [plan.links[number] for number in plan.input_links if plan.links[number].is_map]
    if addressed and not addressed[0].wired:
        names.append(_write(folder, "encoder_addresses.mem", pixel_addresses(addressed[0]), addressed[0].address_bits))
    return names


def pixel_addresses(link: LinkPlan) -> IntArray:
    """(pixels, 1): {row, column, channel} of every pixel in the order of their arrival."""
    channel, row, column = np.indices(link.map, dtype=np.int64).reshape(3, -1)
    return ((row << link.column_bits | column) << link.channel_bits | channel)[:, None]


def input_tables(link: LinkPlan) -> tuple[IntArray, IntArray]:
    """Of every row and of every column of a map, (positions, 1): number of its first input of a dense layer behind average
    pooling, −1 where it fills no window; inputs stand position by position, the channels of one together.
    """
    assert link.pooling is not None
    channels, rows, columns = link.map
    wide = columns // link.pooling[1]
    tables = []
    for length, size, bits, unit in zip(
        (rows, columns), link.pooling, (link.row_bits, link.column_bits), (wide * channels, channels), strict=True
    ):
        table = np.full(1 << bits, -1, dtype=np.int64)
        kept = length - length % size
        table[:kept] = np.arange(kept) // size * unit
        tables.append(table[:, None])
    return tables[0], tables[1]


def weight_rows(layer: Layer, plan: LayerPlan, link: LinkPlan) -> IntArray:
    """(groups × source channels, lanes): the row of (group, channel) is at group · channels + channel; behind a map the inputs
    of a position stand together.
    """
    by_source = layer.synapses[0].weights.T
    if link.pooling is not None:
        pooled = layer.synapses[0].pooled(link.map)
        by_source = by_source.reshape(*pooled, -1).transpose(1, 2, 0, 3).reshape(by_source.shape)
    padded = np.zeros((plan.sources, plan.groups * plan.lanes), dtype=np.int64)
    padded[:, : plan.channels] = by_source
    return padded.reshape(plan.sources, plan.groups, plan.lanes).transpose(1, 0, 2).reshape(-1, plan.lanes)


def constant_rows(layer: Layer, plan: LayerPlan) -> IntArray:
    """(rows × groups padded to a power of two, lanes): additions first, then what the fire passes add."""
    neuron = layer.neuron
    shift = 0 if plan.leaky else -plan.lowest
    rows = [_by_groups(_additions(neuron, plan) + shift * _threshold(neuron), plan, fill=shift, pad_groups=True)]
    if plan.leveled:
        rows += [_by_groups(values[None, :], plan, fill, pad_groups=True) for values, fill in _decision(neuron, plan)]
    elif plan.engine != "readout":
        multiples = [1] if plan.one_fire_row else [1 << step for step in reversed(range(plan.time_steps))]
        thresholds = np.stack([-neuron.threshold * multiple for multiple in multiples])
        rows.append(_by_groups(thresholds, plan, fill=_NEVER_FIRES, pad_groups=True))
    return np.concatenate(rows)


def _decision(neuron: Neuron, plan: LayerPlan) -> list[tuple[IntArray, int]]:
    """What the fire passes of a decision add, in order, and the same of a lane without a neuron."""
    if plan.leaky:
        return [(-neuron.threshold, -1), (neuron.negative_threshold, 1)]
    return [(-neuron.threshold * multiple, -multiple) for multiple in neuron.fire_multiples]


def _threshold(neuron: Neuron) -> IntArray:
    """(channels,), zero for a readout, which has none."""
    return neuron.threshold if neuron.threshold.size else np.zeros(neuron.neurons, dtype=np.int64)


def _additions(neuron: Neuron, plan: LayerPlan) -> IntArray:
    if plan.has_start:
        return neuron.step_bias[None, :]
    if not plan.saturates:
        return neuron.offset[None, :]
    ceiling = neuron.threshold * (neuron.levels + 1)
    return np.stack([neuron.offset - ceiling, ceiling])


def _by_groups(values: IntArray, plan: LayerPlan, fill: int, pad_groups: bool) -> IntArray:
    """(rows, neurons) to (rows × groups, lanes)."""
    groups = 1 << index_bits(plan.groups) if pad_groups and plan.groups > 1 else plan.groups
    padded = np.full((len(values), groups * plan.lanes), fill, dtype=np.int64)
    padded[:, : plan.channels] = values
    return padded.reshape(-1, plan.lanes)


def _write(folder: Path, name: str, rows: IntArray, bits: int) -> str:
    """One row a line in hexadecimal, element 0 in the lowest bits."""
    digits = -(-rows.shape[1] * bits // 4)
    mask = (1 << bits) - 1
    lines = []
    for row in rows.tolist():
        word = 0
        for value in reversed(row):
            word = word << bits | (value & mask)
        lines.append(f"{word:0{digits}x}")
    write_text(folder / name, "\n".join(lines) + "\n")
    return name
