"""Networks of maps: the simulation of spikes, that of levels, the reference and the specification are one."""

import itertools
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.golden import count_operations, input_levels, simulate, simulate_levels
from model.golden.counts import compares_of_frame
from model.golden.decode import decoded_levels
from model.golden.pooling import largest_of_windows
from model.golden.step import compare_golden
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    NeuronMode,
    Shape,
    Synapses,
    Window,
    WireCode,
    load_network,
    network_text,
    save_network,
    verify_network,
    with_proved_widths,
)
from model.reference import evaluate_reference
from sim.random_maps import random_map_case
from sim.random_networks import Kind
from tests.model.networks import column, deferred, readout
from tests.model.specification import SpecifiedNetwork

SEEDS = 240
A_PART = 24


def parts() -> list[range]:
    return [range(first, first + A_PART) for first in range(0, SEEDS, A_PART)]


def assert_follows_the_specification(network: Network, pixels: np.ndarray, path: Path) -> None:
    save_network(network, path)
    specified = SpecifiedNetwork(path)
    result = simulate(network, pixels)
    for frame in range(len(pixels)):
        trace = specified.run(pixels[frame].tolist())
        assert result.input_spikes[:, frame].tolist() == trace["input"]
        for layer in network.hidden:
            assert result.layers[layer.name].spikes[:, frame].tolist() == trace[layer.name], layer.name
        assert result.scores[frame].tolist() == trace["scores"]
        assert int(result.classes[frame]) == trace["class"]


@pytest.mark.parametrize("seeds", parts(), ids=str)
def test_every_spike_and_score_follows_the_specification(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        case = random_map_case(seed, frames=3)
        assert_follows_the_specification(case.network, case.pixels, tmp_path / "network.safetensors")


@pytest.mark.parametrize("seeds", parts(), ids=str)
def test_levels_and_counts_equal_those_of_the_simulation_of_spikes(seeds: range) -> None:
    for seed in seeds:
        case = random_map_case(seed, frames=9)
        full, fast = simulate(case.network, case.pixels), simulate_levels(case.network, case.pixels)
        for layer in case.network.hidden:
            expected = decoded_levels(layer, full.layers[layer.name].spikes)
            assert np.array_equal(fast.levels[layer.name], expected), (seed, layer.name)
        assert np.array_equal(fast.scores, full.scores), seed
        assert fast.counts == count_operations(case.network, full), seed


@pytest.mark.parametrize("seeds", parts(), ids=str)
def test_deferred_networks_equal_the_reference_in_every_level_and_score(seeds: range) -> None:
    for seed in seeds:
        for kind in (Kind.PASCAL, Kind.SIGNED):
            case = random_map_case(seed, frames=7, kind=kind)
            reference = evaluate_reference(case.network, input_levels(case.pixels, case.network.encoder))
            comparison = compare_golden(case.network, reference, simulate(case.network, case.pixels))
            assert comparison.equal, (seed, comparison.first)


@pytest.mark.parametrize("seeds", parts(), ids=str)
def test_a_network_of_maps_survives_its_file(seeds: range, tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    for seed in seeds:
        network = random_map_case(seed, frames=1).network
        save_network(network, path)
        assert network_text(load_network(path)) == network_text(network)
        first = path.read_bytes()
        save_network(load_network(path), path)
        assert path.read_bytes() == first


def counted(specified: SpecifiedNetwork, layer: dict[str, Any], pixels: list[int]) -> Counter[str]:
    """What one layer receives and compares in one frame, one connection after the other."""
    trace, maps, counts = specified.run(pixels), specified.maps(), Counter[str]()
    for target in specified.connections(layer, maps).values():
        for group, connected in zip(layer["synapses"], target, strict=True):
            sent = [sum(abs(step[neuron]) for step in trace[group["source"]]) for _, neuron in connected]
            counts["accumulates"] += sum(sent)
            counts["zero_accumulates"] += sum(spikes for spikes, (weight, _) in zip(sent, connected, strict=True) if weight == 0)
            window = group["pooling"][0] * group["pooling"][1]
            counts["nonzero_connections"] += sum(any(sent[at : at + window]) for at in range(0, len(sent), window))
    for group in layer["synapses"]:
        spikes, (channels, rows, columns), (high, wide) = trace[group["source"]], maps[group["source"]], group["pooling"]
        counts["input_spikes"] += sum(abs(value) for step in spikes for value in step)
        counts["input_events"] += sum(value != 0 for step in spikes for value in step)
        for i, r, c in itertools.product(range(channels), range(rows // high), range(columns // wide)):
            places = [
                (i * rows + y) * columns + x for y in range(r * high, r * high + high) for x in range(c * wide, c * wide + wide)
            ]
            counts["nonzero_inputs"] += any(step[place] for step in spikes for place in places)
    if layer["max_pooling"]:
        counts["max pooling"] = sum(len(places) - 1 for places in specified.windows(layer, maps).values())
    return counts


@pytest.mark.parametrize("seeds", parts()[:4], ids=str)
def test_counts_are_those_of_connections_one_by_one(seeds: range, tmp_path: Path) -> None:
    for seed in seeds:
        case = random_map_case(seed, frames=3)
        network = case.network
        save_network(network, tmp_path / "network.safetensors")
        specified = SpecifiedNetwork(tmp_path / "network.safetensors")
        frame = case.pixels[2:]
        counts = count_operations(network, simulate(network, frame))
        for layer, entry in zip(network.layers, specified.structure["layers"], strict=True):
            expected = counted(specified, entry, frame[0].tolist())
            decisions = layer.neuron.neurons * compares_of_frame(layer.neuron)
            expected["compares"] = expected.pop("max pooling", 0) + decisions
            of_layer, of_groups = counts.layers[layer.name], counts.groups[layer.name]
            found = {
                field: getattr(of_layer, field) if hasattr(of_layer, field) else sum(getattr(group, field) for group in of_groups)
                for field in expected
            }
            assert found == expected, (seed, layer.name)


def map_network(code: WireCode, window: Window | None = None) -> Network:
    """A 1x3x3 image of one bit, a 2x2 window of weights 1, 0, 2, −1 with padding 1 and stride 2, threshold 1, three levels."""
    weights = np.array([[[[1, 0], [2, -1]]]])
    neuron = replace(deferred(code, 3, column(1), column(0)), positions=(2, 2) if window is None else (1, 1))
    layers = (
        Layer("hidden1", (Synapses("input", weights, 3, stride=(2, 2), padding=(1, 1)),), neuron, window),
        Layer("readout", (Synapses("hidden1", np.ones((1, neuron.neurons), dtype=np.int64), 2),), readout(column(0))),
    )
    return verify_network(with_proved_widths(Network("test", "pascal", Encoder((3, 3), 1, InputCode.BITS), layers)))


@pytest.mark.parametrize("code", [WireCode.UNARY, WireCode.BITS, WireCode.COUNT])
def test_a_map_that_can_be_counted_on_paper(code: WireCode) -> None:
    """All pixels 1: the corners see −1; 2 − 1; 0 − 1 = −1; all four: 2. Fan-outs by position: 16 places less 7 outside are 9.

    Levels 0, 1, 0 and 2. Of 9 accumulates the corner window has 1, the top one 2, the left one 2 and the last one 4; weight 0
    is met by the left window's upper right place and by the last one. A division with 2, 1: two compares a neuron in any code.
    """
    network = map_network(code)
    result = simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8))
    assert decoded_levels(network.hidden[0], result.layers["hidden1"].spikes).tolist() == [[0, 1, 0, 2]]
    assert result.layers["hidden1"].potentials.tolist() == [[-1, 1, -1, 2]]
    counts = count_operations(network, result).layers["hidden1"]
    assert (counts.input_spikes, counts.accumulates, counts.zero_accumulates) == (9, 9, 2)
    assert (counts.compares, counts.bias_adds, counts.resets) == (4 * 2, 4, 2)
    assert counts.silent_neurons == 2
    (group,) = count_operations(network, result).groups["hidden1"]
    assert (group.nonzero_inputs, group.nonzero_connections) == (9, 9)


def test_the_largest_potential_of_a_window_decides_on_paper() -> None:
    """Of −1, 1, −1 and 2 the largest is 2: three compares find it, three in unary code decide, as there is no map left."""
    network = map_network(WireCode.UNARY, Window((2, 2), (1, 1)))
    result = simulate(network, np.full((1, 3, 3), 255, dtype=np.uint8))
    assert result.layers["hidden1"].potentials.tolist() == [[2]]
    assert result.scores.tolist() == [[2]]
    counts = count_operations(network, result).layers["hidden1"]
    assert (counts.accumulates, counts.compares, counts.bias_adds) == (9, 3 + 3, 1)


def test_bit_planes_of_unequal_number_meet_at_the_least_significant_one() -> None:
    """Level 5 of three planes times 2 and level 3 of two planes times 5, with V0 = 1: 10 + 15 + 1."""
    first = deferred(WireCode.BITS, 3, column(1), column(0))
    layers = (
        Layer("hidden1", (Synapses("input", np.array([[1]]), 2),), first),
        Layer("readout", (Synapses("input", np.array([[2]]), 4), Synapses("hidden1", np.array([[5]]), 4)), readout(column(1))),
    )
    network = verify_network(with_proved_widths(Network("test", "pascal", Encoder((1,), 3, InputCode.BITS), layers)))
    result = simulate(network, np.array([[5 << 5]], dtype=np.uint8), record_history=True)
    assert result.scores.tolist() == [[26]]
    assert result.layers["readout"].history[:, 0, 0].tolist() == [2, 4 + 5, 2 * 9 + 2 + 5]
    assert count_operations(network, result).layers["readout"].doublings == 2


@pytest.mark.parametrize("seeds", parts(), ids=str)
def test_the_largest_potential_is_the_largest_level_and_so_it_travels(seeds: range) -> None:
    """The maximum of levels; of unsigned codes the OR of trains, the largest count, and plane by plane that of bits."""
    for seed in seeds:
        case = random_map_case(seed, frames=6, kind=Kind.SIGNED if seed % 3 == 0 else Kind.PASCAL)
        for layer in case.network.hidden:
            if layer.max_pooling is None:
                continue
            assert_maxima_of_codes(case.network, layer, layer.max_pooling, case.pixels)


def assert_maxima_of_codes(network: Network, layer: Layer, window: Window, pixels: np.ndarray) -> None:
    """The same layer without max pooling gives what its windows choose from."""
    potentials, neuron = network.potential_map(layer), layer.neuron
    whole = replace(layer, neuron=replace(neuron, positions=potentials.positions), max_pooling=None)
    linear = Synapses(layer.name, np.ones((1, potentials.size), dtype=np.int64), 2)
    before = network.layers[: network.layers.index(layer)]
    without = Network("test", "pascal", network.encoder, (*before, whole, Layer("end", (linear,), readout(column(0)))))
    apart = simulate(without, pixels).layers[layer.name].spikes
    pooled = simulate(network, pixels).layers[layer.name].spikes
    levels = largest_of_windows(decoded_levels(whole, apart), potentials, window)
    assert np.array_equal(levels, decoded_levels(layer, pooled))
    if neuron.code is WireCode.COUNT:
        assert np.array_equal(pooled[0], largest_of_windows(apart[0], potentials, window))
    elif neuron.code is WireCode.UNARY and neuron.lowest == 0:
        assert np.array_equal(pooled, [largest_of_windows(step, potentials, window) for step in apart])
    elif neuron.lowest == 0:
        candidates = np.ones(apart.shape[1:], dtype=np.int8)
        for plane, expected in zip(apart, pooled, strict=True):
            found = largest_of_windows(plane & candidates, potentials, window)
            assert np.array_equal(found, expected)
            # Who has no bit where another one of the window has, is out; windows that overlap are looked at one by one.
            if window.stride != window.size or any(window.padding):
                break
            candidates &= plane | (1 - spread_over_windows(found, potentials, window.size))


def spread_over_windows(values: np.ndarray, source: Shape, size: tuple[int, int]) -> np.ndarray:
    """What every position's window found; positions beyond the last window found nothing."""
    maps = values.reshape(-1, source.channels, source.rows // size[0], source.columns // size[1])
    wide = np.zeros((len(values), *source), dtype=np.int8)
    spread = maps.repeat(size[0], axis=2).repeat(size[1], axis=3)
    wide[:, :, : spread.shape[2], : spread.shape[3]] = spread
    return wide.reshape(len(values), -1)


@pytest.mark.parametrize("seed", range(12))
def test_no_frame_is_no_fault(seed: int) -> None:
    network = random_map_case(seed).network
    none = np.empty((0, network.encoder.neurons), dtype=np.uint8)
    results = simulate(network, none), simulate_levels(network, none), evaluate_reference(network, none)
    assert [result.scores.shape for result in results] == [(0, network.readout.neuron.neurons)] * 3


def test_the_random_networks_have_every_form() -> None:
    networks = [random_map_case(seed, frames=1).network for seed in range(SEEDS)]
    layers = [layer for network in networks for layer in network.layers]
    groups = [group for layer in layers for group in layer.synapses]
    maps = [layer for layer in layers if layer.neuron.positions != (1, 1)]
    found = {
        "maps": len(maps),
        "residual": sum(len(layer.synapses) > 1 for layer in layers),
        "identity": sum(group.is_identity for group in groups),
        "strided identity": sum(group.is_identity and max(group.stride) > 1 for group in groups),
        "depthwise": sum(group.groups > 1 and group.weights.shape[1] == 1 for group in groups),
        "groups": sum(group.groups > 1 and group.weights.shape[1] > 1 for group in groups),
        "average pooling": sum(group.pooling != (1, 1) for group in groups),
        "padding": sum(max(group.padding) > 0 for group in groups),
        "max pooling": sum(layer.max_pooling is not None for layer in layers),
        "padded max pooling": sum(layer.max_pooling is not None and max(layer.max_pooling.padding) > 0 for layer in layers),
        "signed max pooling": sum(layer.max_pooling is not None and layer.neuron.lowest < 0 for layer in layers),
        "own starts": sum(layer.neuron.offset.size > layer.neuron.channels for layer in maps),
        "leaky": sum(layer.neuron.is_leaky for layer in maps),
        "direct charge and trains": sum(
            layer.neuron.mode is NeuronMode.CAUSAL and len({group.source == "input" for group in layer.synapses}) == 2
            for layer in layers
        ),
        "planes of unequal number": sum(
            len({network.source_steps(group.source) for group in layer.synapses if network.source_is_bits(group.source)}) == 2
            for network in networks
            for layer in network.layers
        ),
    }
    assert min(found.values()) >= 3, str(found)
    for code in ("unary", "bits", "count", "train"):
        assert sum(layer.neuron.code == code for layer in maps) >= 20
