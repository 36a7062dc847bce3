"""The constants of a map's kernel: sizes, steps from one window to the next, and where the first one begins."""

from __future__ import annotations

from hls.map_layout import ChannelLayout, window_stride, window_weights
from model.integer_network import Layer, Network, NeuronMode, Shape, Synapses, Window, WireCode
from model.integer_network.codes import halving_multiples
from model.integer_network.widths import signed_bits

Constants = dict[str, int | bool | str]


def synapse_constants(network: Network, layer: Layer, group: Synapses, lanes: int) -> Constants:
    """Constants of one group of synapses, as ``synapses_config`` of the kernels declares them."""
    source, potentials = network.source_map(group.source), network.potential_map(layer)
    layout = ChannelLayout(potentials.channels, lanes)
    weights = window_weights(group, source)
    low, high = network.source_wire_range(group.source)
    magnitude_bits = max(-low, high).bit_length()
    steps = network.source_steps(group.source)
    size = potentials.channels // group.groups
    reach = layout.reach(group.groups)
    return {
        "n_source_steps": steps,
        "source_is_bits": network.source_is_bits(group.source),
        "source_is_signed": low < 0,
        "n_magnitude_bits": magnitude_bits,
        "n_charge_bits": group.weight_bits + magnitude_bits - 1,
        "n_sources": source.size,
        "n_spikes_in": source.size * steps,
        "n_source_channels": source.channels,
        **_line_constants(group, source, potentials, layout, axis=0),
        **_line_constants(group, source, potentials, layout, axis=1),
        "channel_weights": weights[0, 0].size * reach * lanes,
        "group_inputs": source.channels // group.groups,
        "group_passes": size // lanes,
        "group_lanes": size % lanes,
        "n_reach_passes": reach,
        "last_first_pass": layout.passes - reach,
        "n_weights": source.channels * weights[0, 0].size * reach * lanes,
        "n_lanes": lanes,
        "n_groups": potentials.rows * potentials.columns * layout.passes,
    }


def _line_constants(group: Synapses, source: Shape, potentials: Shape, layout: ChannelLayout, axis: int) -> Constants:
    """Those of the rows (axis 0) or of the columns (axis 1)."""
    line, lines = ("row", "rows") if axis == 0 else ("column", "columns")
    taps = window_weights(group, source).shape[2:]
    stride, padding = window_stride(group, source)[axis], group.padding[axis]
    step = layout.reach(group.groups) * layout.lanes * (taps[1] if axis == 0 else 1)
    cells = layout.passes * (potentials.columns if axis == 0 else 1)
    first, first_tap = divmod(padding, stride)
    return {
        f"n_source_{lines}": source.positions[axis],
        f"{line}_pooling": group.pooling[axis],
        f"n_input_{lines}": group.pooled(source).positions[axis],
        f"n_{line}_taps": taps[axis],
        f"{line}_stride": stride,
        f"n_reach_{lines}": -(-taps[axis] // stride),
        f"n_output_{lines}": potentials.positions[axis],
        f"first_{line}": first,
        f"first_{line}_tap": first_tap,
        f"first_{line}_cell": first * cells,
        f"first_{line}_weight": first_tap * step,
        f"{line}_cells": cells,
        f"{line}_weights": step,
        f"{line}_stride_weights": stride * step,
    }


def map_constants(network: Network, layer: Layer, lanes: int) -> Constants:
    """Constants of a population of a map, as ``map_config`` of the kernels declares them."""
    neuron, potentials = layer.neuron, network.potential_map(layer)
    layout = ChannelLayout(neuron.channels, lanes)
    rows, columns = neuron.positions
    window = layer.max_pooling or Window((1, 1), (1, 1))
    row_cells = potentials.columns * layout.passes
    constants: Constants = {
        "n_neurons": neuron.neurons,
        "n_lanes": lanes,
        "n_groups": potentials.rows * row_cells,
        "n_padded": layout.padded,
        "n_planes": network.planes(layer),
        "source_is_direct": network.has_direct_charge(layer),
        "n_channels_out": neuron.channels,
        "n_channel_passes": layout.passes,
        "n_rows_out": rows,
        "n_columns_out": columns,
        "n_positions_out": rows * columns,
        "n_cells_out": rows * columns * layout.passes,
        "n_window_rows": window.size[0],
        "n_window_columns": window.size[1],
        "n_potential_rows": potentials.rows,
        "n_potential_columns": potentials.columns,
        "row_cells": row_cells,
        "first_window_row": -window.padding[0],
        "first_window_column": -window.padding[1],
        "first_window_row_cell": -window.padding[0] * row_cells,
        "first_window_column_cell": -window.padding[1] * layout.passes,
        "window_row_stride": window.stride[0],
        "window_column_stride": window.stride[1],
        "window_row_cells": window.stride[0] * row_cells,
        "window_column_cells": window.stride[1] * layout.passes,
    }
    return constants | _decision_constants(layer, layout)


def _decision_constants(layer: Layer, layout: ChannelLayout) -> Constants:
    """How neurons decide and what they send; nothing for a readout."""
    neuron = layer.neuron
    if neuron.mode is NeuronMode.READOUT:
        return {}
    own_starts = neuron.offset.size > neuron.channels
    constants: Constants = {
        "n_steps": neuron.time_steps,
        "n_spikes_out": neuron.time_steps * neuron.neurons,
        "code": f"isospike::{'count' if neuron.code is WireCode.TRAIN else neuron.code}_code",
        "n_starts": layout.padded * (neuron.positions[0] * neuron.positions[1] if own_starts else 1),
    }
    if neuron.is_leaky:
        return constants
    lowest, highest = neuron.decision_range
    passes = len(halving_multiples(highest - lowest))
    return constants | {
        "lowest": lowest,
        "level_range": highest - lowest,
        "n_passes": passes,
        "n_multiples": passes * layout.padded,
        "n_level_bits": signed_bits(lowest, highest),
        "n_size_bits": max(-lowest, highest).bit_length(),
    }
