"""The constants that parameters.h must hold, as they follow from the network and from nothing that the project says."""

from __future__ import annotations

from hls.chain import Chain
from hls.layer_list import is_plain_causal
from hls.map_layer_list import needs_map
from model.integer_network import Layer, Network, NeuronMode, Synapses

Expected = dict[str, object]


def expected_structures(chain: Chain, layer: Layer, index: int) -> dict[str, dict[str, str]]:
    """Constants of every structure of a layer, by the structure's name.

    Args:
        chain: the network and its lanes.
        layer: one of its layers.
        index: hls4ml's number of its node.
    """
    network, lanes = chain.network, chain.lanes[layer.name]
    population: Expected = {"n_neurons": layer.neuron.neurons, "n_lanes": lanes, **_firing(layer)}
    structures = {f"config{index}": population}
    if needs_map(layer):
        population |= _map(network, layer)
        for name, group in zip(("first", "second"), layer.synapses, strict=False):
            structures[f"synapses{index}_{name}"] = _source(network, group) | _windows(network, layer, group) | {"n_lanes": lanes}
    else:
        group = layer.synapses[0]
        structures[f"config{index}"] = {"n_sources": group.weights.shape[1]} | _source(network, group) | population
        if layer.neuron.mode is NeuronMode.CAUSAL:
            structures[f"config{index}"]["source_is_direct"] = network.source_is_direct(group.source)
    return {name: {key: _text(value) for key, value in constants.items()} for name, constants in structures.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _source(network: Network, group: Synapses) -> Expected:
    low, high = network.source_wire_range(group.source)
    magnitude_bits = max(-low, high).bit_length()
    return {
        "n_source_steps": network.source_steps(group.source),
        "source_is_bits": network.source_is_bits(group.source),
        "source_is_signed": low < 0,
        "n_magnitude_bits": magnitude_bits,
        "n_charge_bits": group.weight_bits + magnitude_bits - 1,
    }


def _firing(layer: Layer) -> Expected:
    neuron = layer.neuron
    if neuron.mode is NeuronMode.READOUT:
        return {}
    expected: Expected = {"n_steps": neuron.time_steps}
    if neuron.mode is NeuronMode.DEFERRED:
        expected["code"] = f"isospike::{neuron.code}_code"
    divides = neuron.fires_by_division and not is_plain_causal(neuron)
    if divides or (needs_map(layer) and not neuron.is_leaky):
        lowest, highest = neuron.decision_range
        expected |= {"lowest": lowest, "level_range": highest - lowest, "n_passes": (highest - lowest).bit_length()}
    return expected


def _map(network: Network, layer: Layer) -> Expected:
    rows, columns = layer.neuron.positions
    potentials = network.potential_map(layer)
    window = layer.max_pooling
    size, stride, padding = (window.size, window.stride, window.padding) if window else ((1, 1), (1, 1), (0, 0))
    return {
        "n_channels_out": layer.neuron.channels,
        "n_rows_out": rows,
        "n_columns_out": columns,
        "n_potential_rows": potentials.rows,
        "n_potential_columns": potentials.columns,
        "n_window_rows": size[0],
        "n_window_columns": size[1],
        "window_row_stride": stride[0],
        "window_column_stride": stride[1],
        "first_window_row": -padding[0],
        "first_window_column": -padding[1],
        "n_planes": network.planes(layer),
        "source_is_direct": network.has_direct_charge(layer),
    }


def _windows(network: Network, layer: Layer, group: Synapses) -> Expected:
    """Of rows and columns; a linear group has one window, of the whole map behind its pooling."""
    source, potentials = network.source_map(group.source), network.potential_map(layer)
    pooled = group.pooled(source)
    taps = group.window.size if group.is_convolution else pooled.positions
    stride = group.stride if group.is_convolution else pooled.positions
    expected: Expected = {
        "n_source_rows": source.rows,
        "n_source_columns": source.columns,
        "n_source_channels": source.channels,
        "group_inputs": source.channels // group.groups,
    }
    for axis, line in enumerate(("row", "column")):
        expected |= {
            f"{line}_pooling": group.pooling[axis],
            f"n_input_{line}s": pooled.positions[axis],
            f"n_{line}_taps": taps[axis],
            f"{line}_stride": stride[axis],
            f"first_{line}": group.padding[axis] // stride[axis],
            f"first_{line}_tap": group.padding[axis] % stride[axis],
            f"n_output_{line}s": potentials.positions[axis],
        }
    return expected
